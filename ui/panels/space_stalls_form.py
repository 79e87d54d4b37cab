"""Settings of a layout: what was changed waits for 重新排布, and can be made the plan's own setting."""

from __future__ import annotations

import streamlit as st

from data.stall_settings import PRESETS, UP_TO, StallSettings
from policy.parking_rules import parking_rules
from ui import messages, session, space_settings
from ui.panels import space_need_form
from ui.panels.space_fields import Fields
from ui.scene import Scene

__all__ = ["adopt", "show"]

PANEL = "space_stalls_form"


def show(scene: Scene) -> None:
    """Draw the form."""
    held = space_settings.draft(scene.view)
    # What an undo brings back has to be seen; what the planner turns here is in the draft already.
    epoch = scene.plan.layer_revision("settings")
    fields = Fields(PANEL, held, lambda values: space_settings.change(**values), epoch)
    _sizes(held, fields, epoch)
    st.html("<div class='space-part'>需要多少</div>")
    space_need_form.show(held, fields, epoch)
    fields.choice("up_to", "建议方案排到哪里为止", UP_TO)
    st.html("<div class='space-part'>让出什么</div>")
    _limits(fields)
    with st.expander("无障碍、充电、立体"):
        _uses(held, fields)
    with st.expander("通道和搜索"):
        _search(fields)
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


def _limits(fields: Fields) -> None:
    figures = parking_rules().figures
    fields.share(
        "unpaved_share", "空地中保留不铺装的比例", most=0.9, figure=figures["unpaved_share"]
    )
    left, right = st.columns(2)
    with left:
        fields.number(
            "dead_end_m",
            "尽端通道最长（米）",
            low=0,
            high=1_000,
            step=10,
            figure=figures["dead_end_m"],
            lacking=True,
        )
        fields.number(
            "group_most",
            "每组车位最多（个）",
            low=1,
            high=1_000,
            step=10,
            figure=figures["group_most"],
            lacking=True,
            whole=True,
        )
    with right:
        fields.number(
            "turning_place_m",
            "回车场边长（米）",
            low=0,
            high=50,
            step=1,
            figure=figures["turning_place_m"],
        )
        fields.number(
            "group_gap_m",
            "各组间距（米）",
            low=0,
            high=50,
            step=1,
            figure=figures["group_gap_m"],
        )


def _uses(held: StallSettings, fields: Fields) -> None:
    figures = parking_rules().figures
    fields.share("charging_share", "充电车位比例", figure=figures["charging_share"])
    left, right = st.columns(2)
    with left:
        fields.share(
            "accessible_share",
            "无障碍车位比例",
            most=0.1,
            step=0.005,
            figure=figures["accessible_share"],
        )
    with right:
        fields.number(
            "accessible_aisle_m",
            "轮椅通道宽（米）",
            low=0,
            high=3,
            step=0.1,
            figure=figures["accessible_aisle_m"],
        )
    fields.flag(
        "mechanical",
        "成片的停车场按立体车位折算",
        help=f"{figures['mechanical_multiplier'].text}。只折算数量，图上仍画地面车位",
    )
    if held.mechanical:
        left, right = st.columns(2)
        with left:
            fields.number(
                "mechanical_multiplier",
                "折算倍数",
                low=1,
                high=10,
                step=0.5,
                figure=figures["mechanical_multiplier"],
            )
        with right:
            fields.number(
                "mechanical_from_stalls",
                "多少个起（个）",
                low=1,
                high=10_000,
                step=5,
                figure=figures["mechanical_from_stalls"],
                whole=True,
            )


def _search(fields: Fields) -> None:
    figures = parking_rules().figures
    left, right = st.columns(2)
    with left:
        fields.number(
            "min_aisle_m",
            "通道最窄（米）",
            low=2,
            high=12,
            step=0.5,
            figure=figures["min_aisle_m"],
        )
        fields.number(
            "effort",
            "搜索深度",
            low=0,
            high=4,
            step=0.5,
            help="1 为通常；越大试得越多，也越慢",
        )
    with right:
        fields.number(
            "access_m",
            "通道接路口宽（米）",
            low=2,
            high=12,
            step=0.5,
            figure=figures["access_m"],
        )
        fields.number(
            "seed",
            "随机种子",
            low=0,
            high=999_999,
            step=1,
            whole=True,
            help="同一个数得到同样的排布；换一个数可能排得不同",
        )


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
