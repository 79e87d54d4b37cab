"""Settings of a layout: what was changed waits for 重新排布, and can be made the plan's own setting."""

from __future__ import annotations

import streamlit as st

from data.stall_settings import PRESETS, UP_TO, StallSettings
from policy.parking_rules import parking_rules
from ui import messages, session, space_settings
from ui.panels import space_need_form
from ui.panels.space_fields import Fields, Number
from ui.scene import Scene

__all__ = ["adopt", "show"]

PANEL = "space_stalls_form"
NO_LIMIT = "不限"
_LIMITS = (
    (
        Number("dead_end_m", "尽端通道最长（米）", 0, 1_000, 10, empty=NO_LIMIT),
        Number("group_most", "每组车位最多（个）", 1, 1_000, 10, whole=True, empty=NO_LIMIT),
    ),
    (
        Number("turning_place_m", "回车场边长（米）", 0, 50, 1),
        Number("group_gap_m", "各组间距（米）", 0, 50, 1),
    ),
)
_WHEELCHAIR = Number("accessible_aisle_m", "轮椅通道宽（米）", 0, 3, 0.1)
_MECHANICAL = (
    (Number("mechanical_multiplier", "折算倍数", 1, 10, 0.5),),
    (Number("mechanical_from_stalls", "多少个起（个）", 1, 10_000, 5, whole=True),),
)
_DEPTH = Number("effort", "搜索深度", 0, 4, 0.5, why="1 为通常；越大试得越多，也越慢")
_SEED = Number(
    "seed",
    "随机种子",
    0,
    999_999,
    1,
    whole=True,
    why="同一个数得到同样的排布；换一个数可能排得不同",
)
_SEARCH = (
    (Number("min_aisle_m", "通道最窄（米）", 2, 12, 0.5), _DEPTH),
    (Number("access_m", "通道接路口宽（米）", 2, 12, 0.5), _SEED),
)


def show(scene: Scene) -> None:
    """Draw the form."""
    held = space_settings.draft(scene.view)
    # What an undo brings back has to be seen; what the planner turns here is in the draft already.
    epoch = scene.plan.layer_revision("settings")
    figures = parking_rules().figures
    fields = Fields(PANEL, held, lambda values: space_settings.change(**values), epoch, figures)
    _sizes(held, fields, epoch)
    st.html("<div class='space-part'>需要多少</div>")
    space_need_form.show(held, fields, epoch)
    fields.choice("up_to", "建议方案排到哪里为止", UP_TO)
    st.html("<div class='space-part'>让出什么</div>")
    fields.share("unpaved_share", "空地中保留不铺装的比例", most=0.9)
    fields.columns(*_LIMITS)
    with st.expander("无障碍、充电、立体"):
        _uses(held, fields)
    with st.expander("通道和搜索"):
        fields.columns(*_SEARCH)
    adopt(scene, PANEL)


def _sizes(held: StallSettings, fields: Fields, epoch: object) -> None:
    st.html("<div class='space-part'>车位尺寸和排列</div>")
    preset = parking_rules().preset(held.preset)
    key = session.widget(PANEL, "preset", epoch)
    st.session_state[key] = held.preset
    st.segmented_control(
        "车位尺寸",
        list(PRESETS),
        key=key,
        required=True,
        format_func=PRESETS.get,
        label_visibility="collapsed",
        on_change=lambda: _preset(st.session_state[key]),
    )
    st.html(f"<div class='quiet'>{preset.text} <span class='clause'>{preset.cited}</span></div>")
    fields.several(
        "arrangements",
        "允许的排列方式",
        {one.id: one.title for one in preset.arrangements},
        help="每一块地自动挑能停得最多的一种；都不选就排不了",
    )


def _preset(preset: str) -> None:
    space_settings.change(preset=preset)


def _uses(held: StallSettings, fields: Fields) -> None:
    fields.share("charging_share", "充电车位比例")
    left, right = st.columns(2)
    with left:
        fields.share("accessible_share", "无障碍车位比例", most=0.1, step=0.005)
    with right:
        fields.number(_WHEELCHAIR)
    multiplier = parking_rules().figures["mechanical_multiplier"].text
    fields.flag(
        "mechanical",
        "成片的停车场按立体车位折算",
        help=f"{multiplier}。只折算数量，图上仍画地面车位",
    )
    if held.mechanical:
        fields.columns(*_MECHANICAL)


def adopt(scene: Scene, panel: str) -> None:
    """Draw the buttons that make the draft the plan's own, or go back to the plan's."""
    if not space_settings.is_own(scene.view):
        st.caption("现在用的就是本计划的车位设置。")
        return
    left, right = st.columns(2)
    left.button(
        "存为本计划设置",
        width="stretch",
        key=session.widget(panel, "adopt"),
        on_click=messages.guarded(space_settings.adopt),
        args=(scene,),
        help="别的窗口和命令行也按它排布；一次操作，可撤销",
    )
    right.button(
        "恢复本计划设置",
        width="stretch",
        key=session.widget(panel, "forget"),
        on_click=space_settings.forget,
    )
