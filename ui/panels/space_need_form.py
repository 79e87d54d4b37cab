"""How many stalls are wanted per household, by whose figure, and how far one may walk to a shared one."""

from __future__ import annotations

from html import escape
from typing import Any

import streamlit as st

from data.stall_settings import OWN_TARGET, SHARING, TARGETS, StallSettings
from policy.figures import Figure
from policy.parking_rules import parking_rules
from ui import session, space_settings
from ui.panels.space_fields import Fields, Number

__all__ = ["show"]

PANEL = "space_need_form"
MOST_RATIO = 3.0
_SHARED = Number("share_radius_m", "共用范围（米）", 0, 5_000, 50)


def show(held: StallSettings, fields: Fields, epoch: object) -> None:
    """Draw target and sharing; a change is in the draft at once."""
    _target(held, epoch)
    left, right = st.columns(2)
    with left:
        _ratio(held)
    with right:
        fields.number(_SHARED, disabled=held.sharing in {"off", "pianqu"})
    st.html(f"<div class='quiet'>{escape(held.target_words)}</div>")
    fields.choice("sharing", "小区之间共用", SHARING)


def _target(held: StallSettings, epoch: object) -> None:
    key = session.widget(PANEL, "target", epoch)
    st.session_state[key] = held.target
    st.selectbox(
        "户均指标取自",
        list(TARGETS),
        key=key,
        format_func=_title,
        filter_mode=None,
        on_change=lambda: _take(st.session_state[key]),
    )


def _ratio(held: StallSettings) -> None:
    # Follows the choice at its left; what is typed here is one's own figure.
    key = session.widget(PANEL, "target_ratio", held.target, held.target_ratio)

    def keep() -> None:
        value = st.session_state[key]
        if value is not None:
            space_settings.change(target=OWN_TARGET, target_ratio=float(value))

    st.number_input(
        "每户车位（个）",
        min_value=0.0,
        max_value=MOST_RATIO,
        value=min(held.target_ratio, MOST_RATIO),
        step=0.1,
        format="%g",
        key=key,
        on_change=keep,
        help="改了就是本计划自定的数；在上面选一个来源，则取它的数",
    )


def _title(target: str) -> str:
    figure = _figure(target)
    return TARGETS[target] if figure is None else f"{figure.value:g} 个/户：{TARGETS[target]}"


def _take(target: str) -> None:
    values: dict[str, Any] = {"target": target}
    figure = _figure(target)
    if figure is not None:
        values["target_ratio"] = figure.value
    space_settings.change(**values)


def _figure(target: str) -> Figure | None:
    return next((one.figure for one in parking_rules().targets if one.id == target), None)
