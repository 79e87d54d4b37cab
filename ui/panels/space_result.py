"""What a layout came to: capacity beside proposal, before and after, verdicts, and what can be done with it."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

import pandas as pd
import streamlit as st

from policy.parking_rules import parking_rules
from policy.verdicts import HOLDS, STATES
from policy.wording import UNKNOWN, format_count
from ui import messages, session, space_edits, space_layouts, space_page
from ui.panels import space_compare
from ui.panels.space_looks import head, notes, sign_html, verdicts_html
from ui.panels.switch import switch
from ui.scene import Scene
from ui.space_figures import LINES, summed
from ui.space_scope import Scope
from ui.space_shown import Shown, figures_table, pin, pinned

__all__ = ["CAPACITY", "PINNED", "PROPOSAL", "drawn_view", "show"]

PANEL = "space_result"
PROPOSAL, CAPACITY, PINNED = "建议方案", "几何容量", "方案甲"
MOST_VERDICTS, MOST_REASONS = 12, 8
# Two rows square to one aisle between walls, of the table of JGJ 100-2015: no lot needs less ground by stall.
LEAST_M2 = 19.3


def show(scene: Scene, scope: Scope, found: Mapping[str, Shown]) -> None:
    """Draw the layouts of what the page is about, of which there is at least one."""
    known = {uid: one for uid, one in found.items() if one.figures["capacity"] is not None}
    _reasons(scope, found)
    if known:
        sums = summed(figures_table(known))
        _heads(sums)
        _views(scene, scope, known)
        _do(scene, scope, known)
        space_compare.show(scene, scope, sums)
        _figures(sums, known)
        _verdicts(known)
    _notes(found)


def drawn_view(scene: Scene, scope: Scope) -> str:
    """Which layout is on the map."""
    drawn = space_page.held("drawn")
    if drawn == PINNED and pinned(scene, scope):
        return PINNED
    return CAPACITY if drawn == CAPACITY and space_layouts.held(scene, scope) else PROPOSAL


def _reasons(scope: Scope, found: Mapping[str, Shown]) -> None:
    """Say who has no figure, or no stall, and why."""
    missing = len(scope.uids) - len(found)
    if missing:
        notes([f"{missing:,} 个小区还没有排布。"])
    told: dict[str, list[str]] = {}
    for one in found.values():
        if one.reason:
            told.setdefault(one.reason, []).append(one.name)
    lines = [
        reason if len(found) == 1 else f"{_few(names)}：{reason}" for reason, names in told.items()
    ]
    notes(lines[:MOST_REASONS], "refused")


def _few(names: list[str]) -> str:
    return "、".join(names[:3]) + (f"等 {len(names):,} 个小区" if len(names) > 3 else "")


def _heads(sums: pd.Series) -> None:
    short, left = _plain(sums["short"]), _plain(sums["left"])
    head(
        [
            (PROPOSAL, _plain(sums["added"]), "个", "新增，按各项限制"),
            (CAPACITY, _plain(sums["capacity"]), "个", "全部挤满，非建议"),
            ("缺口", f"{short} → {left}" if short != UNKNOWN else UNKNOWN, "", _ratios(sums)),
        ]
    )


def _ratios(sums: pd.Series) -> str:
    before, after = sums["before_ratio"], sums["after_ratio"]
    return "户均未知" if pd.isna(before) else f"户均 {before:.2f} → {after:.2f} 个"


def _plain(value: object) -> str:
    return UNKNOWN if pd.isna(value) else format_count(value)  # type: ignore[arg-type]


def _views(scene: Scene, scope: Scope, known: Mapping[str, Shown]) -> None:
    """Choose which of them is on the map."""
    views = [PROPOSAL]
    if any(one.laid is not None for one in known.values()):
        views.append(CAPACITY)
    if pinned(scene, scope):
        views.append(PINNED)
    if len(views) > 1:
        switch(
            "图上显示",
            views,
            drawn_view(scene, scope),
            lambda view: space_page.keep("drawn", view),
            key=session.widget(PANEL, "drawn"),
            place="space_drawn",
            write=lambda view: f"图上：{view}",
        )


def _do(scene: Scene, scope: Scope, known: Mapping[str, Shown]) -> None:
    """Save, pin, take the last change by hand back, drop."""
    fresh = {uid: one.laid for uid, one in known.items() if one.laid is not None}
    if not fresh:
        names = {one.saved.saved_by for one in known.values() if one.saved}
        said = "已存进计划（{}）；要改就改设置重新排布，或在图上增删车位。"
        notes([said.format("、".join(sorted(names)))], "fine")
    is_stale = space_layouts.stale(scene, fresh.values())
    with st.container(key="space_do"):
        left, middle, right = st.columns(3)
        left.button(
            "存进计划",
            type="primary" if fresh else "secondary",
            width="stretch",
            disabled=is_stale or not fresh,
            key=session.widget(PANEL, "save"),
            on_click=messages.guarded(space_edits.save),
            args=(scene, scope),
            help="写入停车位、通道和各小区的新增停车位，一次操作，可撤销",
        )
        middle.button(
            "设为方案甲",
            width="stretch",
            key=session.widget(PANEL, "pin"),
            on_click=pin,
            args=(scene, scope),
            help="留着作比较：改了设置重新排布后，与它逐项对照",
        )
        right.button(
            "放弃",
            width="stretch",
            disabled=not fresh,
            key=session.widget(PANEL, "drop"),
            on_click=space_layouts.drop,
            args=(scene, list(fresh)),
            help="丢掉没有存的方案，计划不变",
        )
        if any(laid.before is not None for laid in fresh.values()):
            st.button(
                "撤回上一处手工改动",
                width="stretch",
                key=session.widget(PANEL, "unhand"),
                on_click=messages.guarded(space_edits.take_back),
                args=(scene, scope),
            )


def _figures(sums: pd.Series, known: Mapping[str, Shown]) -> None:
    skipped = {"capacity", "left", "after_ratio"} | (
        set() if sums["mechanical"] and not pd.isna(sums["mechanical"]) else {"mechanical"}
    )
    rows = [("现状车位", _unknown(sums["existing"], known))]
    rows += [
        (line.title, line.write(sums[line.name])) for line in LINES if line.name not in skipped
    ]
    body = "".join(f"<tr><td>{title}</td><td>{escape(text)}</td></tr>" for title, text in rows)
    st.html(f"<table class='layout'>{body}</table>{_bands()}")


def _unknown(existing: object, known: Mapping[str, Shown]) -> str:
    lacking = sum(one.figures["existing"] is None for one in known.values())
    more = f"（{lacking:,} 个小区未知）" if lacking and lacking < len(known) else ""
    return f"{_plain(existing)}{'' if pd.isna(existing) else ' 个'}{more}"  # type: ignore[arg-type]


def _bands() -> str:
    """Say what the ground by stall is held against."""
    lot, roadside = parking_rules().spans["lot_m2"], parking_rules().spans["roadside_m2"]
    return (
        f"<div class='quiet'>每个车位用地：垂直式双排的理论下限 {LEAST_M2} ㎡；"
        f"成片停车场常见 {lot.low:g}—{lot.high:g} ㎡，路边 {roadside.low:g}—{roadside.high:g} ㎡ "
        f"<span class='clause'>{escape(lot.cited)}</span></div>"
    )


def _verdicts(known: Mapping[str, Shown]) -> None:
    """Draw verdicts; of several compounds those that do not hold, the worst first."""
    st.html("<div class='space-part'>核对</div>")
    if len(known) == 1:
        one = next(iter(known.values()))
        st.html(verdicts_html(one.verdicts) or "<div class='quiet'>没有车位，无可核对。</div>")
        return
    every = [(one.name, verdict) for one in known.values() for verdict in one.verdicts]
    holding = sum(verdict.state == HOLDS for _, verdict in every)
    bad = [(name, verdict) for name, verdict in every if verdict.state != HOLDS]
    bad.sort(key=lambda pair: -STATES.index(pair[1].state))
    listed = bad[:MOST_VERDICTS]
    st.html(
        f"<div class='space-verdict'>{sign_html(HOLDS)}{holding:,} 条符合</div>"
        + verdicts_html([verdict for _, verdict in listed], [name for name, _ in listed])
    )
    if len(bad) > len(listed):
        st.caption(f"另有 {len(bad) - len(listed):,} 条，选单个小区可看全。")


def _notes(found: Mapping[str, Shown]) -> None:
    told: dict[str, list[str]] = {}
    for one in found.values():
        for note in one.notes:
            if note != one.reason:
                told.setdefault(note, []).append(one.name)
    notes(
        note if len(names) == len(found) else f"{_few(names)}：{note}"
        for note, names in told.items()
    )
