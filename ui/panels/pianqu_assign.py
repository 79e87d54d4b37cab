"""Tab 分配: gather compounds on the map, see what assigning them would change, apply or drop it."""

from __future__ import annotations

from html import escape

import pandas as pd
import streamlit as st

from layers.palettes import pianqu_color
from policy.wording import UNKNOWN, format_count, format_wan
from ui import messages, pianqu_edits, pianqu_hands, pianqu_page, session
from ui.panels.pianqu_totals import joined_sign, totals_html, warnings_html
from ui.pianqu_figures import UNGROUPED, members_of, pianqu_table
from ui.pianqu_pending import NEW, TAKES, Pending
from ui.scene import Scene
from ui.words import safe

__all__ = ["show"]

PANEL = "pianqu_assign"
MAX_NAME_CHARS, MAX_REMARKS_CHARS = 60, 500
NEW_NAME, UNGROUPED_NAME = "新片区", "未分组"


def show(scene: Scene) -> None:
    """Draw the target, the buttons and the preview."""
    if not len(scene.view.frame):
        st.info("这个计划里还没有小区。请到“数据”页导入台账或边界，或在“总图”上画。")
        return
    _target(scene)
    waiting = pianqu_hands.pending(scene)
    name, remarks = _naming(waiting)
    _decide(scene, waiting, name, remarks)
    if waiting is None:
        st.caption(
            "在地图上收集小区：点一下加入，再点一下去掉；也可用左边的框选、多边形、套索。"
            "这里先给出变化，应用之前不改动计划。"
        )
        _present(scene)
        return
    _stays(waiting)
    if waiting.moves:
        st.html(_changes_html(waiting))
        _outcome(scene, waiting)
    _locks(scene)


def _target(scene: Scene) -> None:
    names = scene.view.pianqu["name"]
    locked = scene.view.pianqu["locked"].astype(bool)
    by_number = names.astype(str).str.replace(r"\d+", lambda n: n[0].zfill(9), regex=True)
    options = [NEW, UNGROUPED, *by_number.sort_values(kind="stable").index]

    def called(uid: str) -> str:
        if uid in {NEW, UNGROUPED}:
            return NEW_NAME if uid == NEW else UNGROUPED_NAME
        return f"{names[uid]}（已锁定）" if locked[uid] else str(names[uid])

    key, takes_key = session.widget(PANEL, "target"), session.widget(PANEL, "takes")
    st.session_state[key] = pianqu_hands.target(scene)
    st.selectbox(
        "分到",
        options,
        format_func=called,
        key=key,
        on_change=lambda: pianqu_hands.aim(st.session_state[key]),
    )
    st.session_state[takes_key] = pianqu_hands.takes()
    st.segmented_control(
        "只取",
        list(TAKES),
        key=takes_key,
        required=True,
        format_func=lambda one: TAKES[one],
        on_change=lambda: pianqu_hands.keep_takes(st.session_state[takes_key] or "any"),
        label_visibility="collapsed",
    )


def _naming(waiting: Pending | None) -> tuple[str, str]:
    """Keys of the fields for name and 备注 of a new 片区."""
    keys = session.widget(PANEL, "name"), session.widget(PANEL, "remarks")
    if waiting is None or waiting.target != NEW or not waiting.moves:
        return keys
    left, right = st.columns(2)
    left.text_input("片区名称", placeholder=waiting.name, max_chars=MAX_NAME_CHARS, key=keys[0])
    right.text_input("备注", placeholder="可不填", max_chars=MAX_REMARKS_CHARS, key=keys[1])
    return keys


def _decide(scene: Scene, waiting: Pending | None, name: str, remarks: str) -> None:
    count = len(waiting.moves) if waiting is not None else 0

    def apply() -> None:
        if waiting is None:
            return
        written = [str(session.get(key) or "").strip() for key in (name, remarks)]
        pianqu_hands.apply(scene, waiting, name=written[0], remarks=written[1])
        session.forget(PANEL)

    left, right = st.columns([3, 2])
    left.button(
        f"应用（{count:,} 个小区）" if count else "应用",
        type="primary",
        width="stretch",
        disabled=not count,
        key=session.widget(PANEL, "apply"),
        on_click=messages.guarded(apply),
    )
    right.button(
        "放弃",
        width="stretch",
        disabled=waiting is None,
        key=session.widget(PANEL, "drop"),
        on_click=pianqu_hands.drop,
        help="不再收集这些小区；计划没有改动",
    )


def _present(scene: Scene) -> None:
    """Totals of the target as it is, while nothing is gathered."""
    uid = pianqu_hands.target(scene)
    if uid in {NEW, UNGROUPED}:
        return
    gap_m = pianqu_page.gap_m()
    figures = pianqu_table(scene.loaded, scene.view, gap_m).loc[uid]
    st.markdown(f"##### 现在的合计：{safe(figures['name'])}")
    flags = warnings_html(figures, scene.view.frame.loc[members_of(scene.view, uid)], gap_m=gap_m)
    if flags:
        st.html(flags)
    st.html(totals_html(figures))


def _stays(waiting: Pending) -> None:
    told = [f"{count:,} 个{reason}" for reason, count in waiting.stays.items()]
    if told and not waiting.moves:
        st.warning(safe(f"没有可以分配的小区：{'；'.join(told)}。"))
    elif told:
        st.caption(safe(f"不动的：{'；'.join(told)}。"))


def _changes_html(waiting: Pending) -> str:
    """Table 片区 × before → after of everything that is touched."""
    head = "".join(
        f"<th>{title}</th>" for title in ("片区", "小区", "户数", "投资", "缺口", "连片")
    )
    lines = [
        _line(waiting.before.loc[uid], waiting.after.loc[uid], uid) for uid in waiting.after.index
    ]
    return (
        f"<table class='pq-changes'><thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody>"
        "</table><div class='pq-unit'>投资、缺口：万元；上行现在，下行应用之后</div>"
    )


def _line(before: pd.Series, after: pd.Series, uid: str) -> str:
    color = after["color"]
    fill = "#fff" if pd.isna(color) else pianqu_color(color)
    dot = f"<i style='background:{fill}'></i>"
    cells = [
        _cell(write(before[name]), write(after[name]))
        for name, write in (
            ("compounds", format_count),
            ("households", _none_as_zero(format_count, before, after)),
            ("investment_yuan", _none_as_zero(format_wan, before, after)),
            ("funding_gap_yuan", _none_as_zero(format_wan, before, after)),
        )
    ]
    signs = ["" if _no_parts(row, uid) else joined_sign(row["parts"]) for row in (before, after)]
    cells.append(_cell(*signs))
    name = f"<td class='pq-who'>{dot}{escape(str(after['name']))}</td>"
    return f"<tr>{name}{''.join(cells)}</tr>"


def _none_as_zero(write, before: pd.Series, after: pd.Series):  # noqa: ANN001, ANN202 - a writer
    """Figures of no compounds are none at all, not unknown."""
    empty = 0 in {int(before["compounds"]), int(after["compounds"])}
    return lambda value: "–" if empty and pd.isna(value) else write(value)


def _no_parts(row: pd.Series, uid: str) -> bool:
    return uid == UNGROUPED or not row["compounds"]


def _cell(before: str, after: str) -> str:
    if before == after:
        return f"<td><b>{escape(after)}</b></td>"
    known = {UNKNOWN: "?"}
    was, now = known.get(before, before), known.get(after, after)
    return f"<td><s>{escape(was)}</s><b class='pq-new'>{escape(now)}</b></td>"


def _outcome(scene: Scene, waiting: Pending) -> None:
    """All totals of the target as it would be, and what to know about it."""
    if waiting.figures is None:
        return
    held = set() if waiting.target == NEW else set(members_of(scene.view, waiting.target))
    records = scene.view.frame.loc[sorted(held | set(waiting.moves))]
    flags = warnings_html(waiting.figures, records, gap_m=pianqu_page.gap_m())
    if flags:
        st.html(flags)
    st.markdown(f"##### 应用后的合计：{safe(waiting.name)}")
    st.html(totals_html(waiting.figures))


def _locks(scene: Scene) -> None:
    """Lock or unlock the gathered compounds where they are."""
    locked = scene.selected["locked"].astype(bool)
    free = [str(uid) for uid in locked.index[~locked]]
    held = [str(uid) for uid in locked.index[locked]]
    left, right = st.columns(2)
    left.button(
        f"锁定所选 {len(free):,}" if free else "锁定所选",
        icon=":material/lock:",
        width="stretch",
        disabled=not free,
        key=session.widget(PANEL, "lock"),
        on_click=messages.guarded(pianqu_edits.lock_compounds),
        args=(scene, free, True),
        help="锁定的小区留在现在的片区，或留在未分组；自动方案也不动它",
    )
    right.button(
        f"解锁所选 {len(held):,}" if held else "解锁所选",
        icon=":material/lock_open:",
        width="stretch",
        disabled=not held,
        key=session.widget(PANEL, "unlock"),
        on_click=messages.guarded(pianqu_edits.lock_compounds),
        args=(scene, held, False),
    )
