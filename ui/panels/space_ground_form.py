"""Settings of open ground: filled in as one form, saved in the plan as one step."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st

from data.ground_settings import GREENS, ROAD_KINDS, GroundSettings
from policy.ground_rules import ground_rules
from ui import messages, session, space_settings
from ui.panels.space_fields import basis_text
from ui.scene import Scene

__all__ = ["show"]

PANEL = "space_ground_form"
MOST_M = 200.0
# Fields for lengths: title, and step.
_SETBACKS = {
    "setback_m": "建筑退距（米）",
    "fire_lane_m": "消防车道净宽（米）",
    "boundary_setback_m": "围墙退距（米）",
    "doorway_path_m": "入户通道宽（米）",
    "green_setback_m": "绿地退距（米）",
    "water_setback_m": "水面退距（米）",
}
_REACH = {
    "road_reach_m": "出入道路离边界（米）",
    "shared_wall_gap_m": "合并时相隔不超过（米）",
    "water_line_m": "线状水面宽（米）",
}
# Fields for shares, 0 to 1.
_SHARES = {"least_built_share": "建筑密度低于它不给数字"}
_FLAGS = {
    "fire_lanes_inside": ("小区里够宽的路都算消防通道", "不在消防车道净宽以内设车位"),
    "roadside": ("够宽的路可让出一侧设车位", "路宽减去车位后，消防净宽仍须留足"),
    "doorways": ("给每栋楼留入户通道", "只用于建议方案；几何容量不扣"),
    "parking_stays": ("现有停车场地不动", "取消后，它的地也算空地，按已铺装重新布置"),
}


def show(scene: Scene) -> None:
    """Draw the form; nothing holds until it is saved."""
    held = space_settings.ground_settings(scene.view)
    # After a save, or an undo of one, the fields start from the plan again.
    epoch = scene.plan.layer_revision("settings")
    with st.form(f"{PANEL}_{epoch}", border=False):
        _green(held, epoch)
        _lengths(held, epoch, _SETBACKS)
        _flags(held, epoch)
        with st.expander("道路宽度、合并距离、建筑密度下限"):
            st.caption("道路自己有宽度的按它；没有的按类别：")
            _widths(held, epoch)
            _lengths(held, epoch, _REACH | _SHARES)
        st.form_submit_button(
            "保存空地设置",
            type="primary",
            width="stretch",
            on_click=messages.guarded(_save),
            args=(scene, held, epoch),
            help="写进计划，一次操作，可撤销；空地随即重算",
        )
    if held != GroundSettings():
        st.button(
            "恢复起始值",
            width="stretch",
            key=session.widget(PANEL, "reset", epoch),
            on_click=messages.guarded(space_settings.keep_ground),
            args=(scene, GroundSettings()),
        )


def _key(name: str, epoch: object) -> str:
    return session.widget(PANEL, name, epoch)


def _green(held: GroundSettings, epoch: object) -> None:
    st.selectbox(
        "绿地",
        list(GREENS),
        index=list(GREENS).index(held.green),
        format_func=lambda one: GREENS[one],
        key=_key("green", epoch),
        filter_mode=None,
        help="占用绿地须征求居民意见，并落实占补",
    )


def _lengths(held: GroundSettings, epoch: object, titles: dict[str, str]) -> None:
    figures = ground_rules().figures
    for place, (name, title) in zip(st.columns(2) * len(titles), titles.items(), strict=False):
        place.number_input(
            title,
            min_value=0.0,
            max_value=1.0 if name in _SHARES else MOST_M,
            value=float(getattr(held, name)),
            step=0.01 if name in _SHARES else 0.5,
            format="%g",
            key=_key(name, epoch),
            help=basis_text(figures[name]),
        )


def _flags(held: GroundSettings, epoch: object) -> None:
    for name, (title, why) in _FLAGS.items():
        st.checkbox(title, value=getattr(held, name), key=_key(name, epoch), help=why)


def _widths(held: GroundSettings, epoch: object) -> None:
    places, widths = st.columns(2) * len(ROAD_KINDS), dict(held.road_widths_m)
    for place, (kind, title) in zip(places, ROAD_KINDS.items(), strict=False):
        place.number_input(
            f"{title}（米）",
            min_value=0.5,
            max_value=MOST_M,
            value=float(widths[kind]),
            step=0.5,
            format="%g",
            key=_key(f"width_{kind}", epoch),
        )


def _save(scene: Scene, held: GroundSettings, epoch: object) -> None:
    def typed(name: str) -> Any:
        return session.get(_key(name, epoch))

    names = ["green", *_SETBACKS, *_REACH, *_SHARES, *_FLAGS]
    values = {name: typed(name) for name in names if typed(name) is not None}
    widths = {kind: typed(f"width_{kind}") for kind in ROAD_KINDS}
    known = {kind: float(width) for kind, width in widths.items() if width is not None}
    values["road_widths_m"] = tuple({**dict(held.road_widths_m), **known}.items())
    made = replace(held, **values)
    if made == held:
        messages.note("空地设置没有变化。")
        return
    space_settings.keep_ground(scene, made)
