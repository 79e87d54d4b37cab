"""Tab 比较: what is put side by side, which compounds change between two of them, taking one over."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd
import streamlit as st

from ui import compare_map, edits, map_view, messages, pianqu_compare_page, pianqu_page, session
from ui.frame import Body
from ui.panels import pianqu_compare_adopt, pianqu_compare_table
from ui.pianqu_compare import LETTERS, MOST, NOW, Compared, State, compared, offered
from ui.scene import Scene
from ui.words import safe

__all__ = ["show"]

STYLE = Path(__file__).parents[1] / "assets" / "pianqu_compare.css"
PANEL = "pianqu_compare"
MAX_NAME_CHARS, MAX_REMARKS_CHARS = 60, 500
ROW_HEIGHT, MOST_ROWS = 28, 8
# As many rows as are quick to send at every run.
MAX_ROWS = 300
UNGROUPED = "未分组"


def show(scene: Scene, places: Body) -> None:
    """Draw the tab: maps side by side, the panel, and the table of differences under the maps."""
    st.html(STYLE)
    states = offered(scene)
    chosen = pianqu_compare_page.chosen(states)
    with places.panel, st.spinner("正在并排对照…"):
        made = compared(scene, chosen) if len(chosen) > 1 and len(scene.view.frame) else None
        changed = None if made is None else _changes(scene, made)
    with places.map:
        if made is None or changed is None:
            map_view.show(scene)
        else:
            compare_map.show(scene, made, changed)
    with places.panel:
        _panel(scene, states, made, changed)
    with places.drawer:
        pianqu_compare_table.show(scene, made)


def _changes(scene: Scene, made: Compared) -> pd.DataFrame:
    pair = pianqu_compare_page.pair(made)
    return scene.loaded.kept(
        ("compared_changes", scene.view.revision, made.key, pair), lambda: made.changes(*pair)
    )


def _panel(
    scene: Scene, states: Sequence[State], made: Compared | None, changed: pd.DataFrame | None
) -> None:
    if not len(scene.view.frame):
        st.info("这个计划里还没有小区。请到“数据”页导入台账或边界，或在“总图”上画。")
        return
    _save_now(scene, states[0])
    _choice(scene, states)
    if made is None or changed is None:
        _next_step(states)
        return
    before, after = _pair(made)
    _changed(scene, made, changed, before, after)
    _adopt(scene, made, (before, after))


def _save_now(scene: Scene, now: State) -> None:
    # Its state is kept, so that it can be closed when the name is saved.
    key = session.widget(PANEL, "saving")
    with st.popover("把现状存为方案…", width="stretch", key=key, on_change="rerun"):
        _naming(scene, now, "保存", pianqu_compare_page.save, popover=key)


def _naming(
    scene: Scene,
    state: State,
    button: str,
    act: Callable[[Scene, State, str, str], None],
    *,
    popover: str,
    held: tuple[str, str] = ("", ""),
) -> None:
    """Draw a form of name and 备注; it closes its popover when they are saved."""
    keys = [session.widget(PANEL, part, state.key, *held) for part in ("name", "remarks")]
    name, remarks = held

    def write() -> None:
        act(scene, state, *(str(session.get(key) or "") for key in keys))
        session.put(popover, False)

    def press() -> None:
        messages.guarded(write)()

    with st.form(session.widget(PANEL, "form", button, state.key), border=False):
        st.text_input("方案名称", value=name, max_chars=MAX_NAME_CHARS, key=keys[0])
        st.text_input(
            "备注", value=remarks, max_chars=MAX_REMARKS_CHARS, placeholder="可不填", key=keys[1]
        )
        st.form_submit_button(button, type="primary", on_click=press)


def _choice(scene: Scene, states: Sequence[State]) -> None:
    held = [state.key for state in pianqu_compare_page.chosen(states)]
    st.caption(f"勾选要并排看的，二到{'一二三四'[MOST - 1]}个：")
    with st.container(key="compare_states"):
        for state in states:
            _choice_row(scene, states, state, held)


def _choice_row(scene: Scene, states: Sequence[State], state: State, held: list[str]) -> None:
    on = state.key in held
    key = session.widget(PANEL, "on", state.key)
    st.session_state[key] = on
    letter = f"**{LETTERS[held.index(state.key)]}** " if on else ""

    def turn() -> None:
        act = pianqu_compare_page.take if st.session_state[key] else pianqu_compare_page.drop
        act(state, states)

    with st.container(horizontal=True, key=f"compare_state_{states.index(state)}"):
        st.checkbox(
            f"{letter}{safe(state.title)}  \n:gray[{safe(state.note)}]",
            key=key,
            on_change=turn,
            disabled=not on and len(held) >= MOST,
        )
        if state.key != NOW:
            _more(scene, state)


def _more(scene: Scene, state: State) -> None:
    """Draw what can be done with a saved 方案, or a proposal."""
    key = session.widget(PANEL, "more", state.key)
    told = "改名、删除、采用" if state.scheme else "存为方案、采用"
    with st.popover("⋯", help=told, key=key, on_change="rerun"):
        if state.scheme is None:
            _naming(scene, state, "存为方案", pianqu_compare_page.save, popover=key)
        else:
            head = state.scheme
            _about(state)
            _naming(
                scene,
                state,
                "改名",
                pianqu_compare_page.rename,
                popover=key,
                held=(head.name, head.remarks),
            )
            st.button(
                "删除方案",
                key=session.widget(PANEL, "delete", state.key),
                on_click=messages.guarded(pianqu_compare_page.delete),
                args=(scene, state),
            )
        if st.button("采用…", key=session.widget(PANEL, "adopt", state.key), disabled=state.stale):
            pianqu_compare_adopt.dialog(scene, state)


def _about(state: State) -> None:
    head = state.scheme
    if head is None:
        return
    told = [head.origin]
    if head.pianqu is not None and head.compounds is not None:
        told.append(f"{head.pianqu:,} 个片区，{head.compounds:,} 个小区")
    if head.ungrouped:
        told.append(f"未分组 {head.ungrouped:,} 个")
    if head.settings:
        told.append(head.settings)
    st.caption(safe("；".join(told)))


def _next_step(states: Sequence[State]) -> None:
    if len(states) > 1:
        st.info("请再勾选一个，就能并排看。")
    else:
        st.info(
            "还没有可比的。先把现状存为方案，再去改片区，回来就能对照；"
            "或到“自动方案”生成几个方案，在这里和现状并排看。"
        )


def _pair(made: Compared) -> tuple[int, int]:
    before, after = pianqu_compare_page.pair(made)
    if len(made.states) == 2:
        return before, after
    keys = [state.key for state in made.states]
    widgets = [session.widget(PANEL, end, made.key) for end in ("from", "to")]
    for widget, held in zip(widgets, (before, after), strict=True):
        st.session_state[widget] = keys[held]

    def keep() -> None:
        one, other = (st.session_state[widget] for widget in widgets)
        if one == other:
            messages.note("请选两个不同的。")
        else:
            pianqu_compare_page.keep_pair(one, other)

    for place, widget, word in zip(st.columns(2), widgets, ("从", "到"), strict=True):
        place.selectbox(
            word, keys, key=widget, format_func=lambda key: _called(made, keys, key), on_change=keep
        )
    return before, after


def _called(made: Compared, keys: list[str], key: str) -> str:
    at = keys.index(key)
    return f"{LETTERS[at]} {made.states[at].title}"


def _changed(scene: Scene, made: Compared, changed: pd.DataFrame, before: int, after: int) -> None:
    letters = f"{LETTERS[before]} → {LETTERS[after]}"
    st.markdown(f"##### 换片区的小区 {letters}")
    if not len(changed):
        st.caption("两个方案的分法一样。")
        return
    households = int(made.households.reindex(changed.index).sum())
    more = f"，列出前 {MAX_ROWS} 个" if len(changed) > MAX_ROWS else ""
    st.caption(
        f"{len(changed):,} 个小区（{households:,} 户），图上粗线描边{more}。"
        "点一行缩放过去。住户重叠最多的片区算同一个，图上同色。"
    )
    listed = changed.head(MAX_ROWS)
    uids = [str(uid) for uid in listed.index]
    key = session.widget(PANEL, "changed", made.key, scene.view.revision, letters)

    def pick() -> None:
        cells = st.session_state[key]["selection"]["cells"]
        if cells:
            uid = uids[int(cells[0][0])]
            edits.select([uid])
            pianqu_page.zoom_to(scene, [uid])

    st.dataframe(
        pd.DataFrame(
            {
                "小区": scene.view.frame["name"]
                .reindex(listed.index)
                .fillna("未命名小区")
                .to_numpy(),
                LETTERS[before]: listed["before"].fillna(UNGROUPED).to_numpy(),
                LETTERS[after]: listed["after"].fillna(UNGROUPED).to_numpy(),
            }
        ),
        height=ROW_HEIGHT * (min(len(listed), MOST_ROWS) + 1) + 4,
        hide_index=True,
        key=key,
        on_select=pick,
        selection_mode="single-cell",
        row_height=ROW_HEIGHT,
        column_config={
            name: st.column_config.Column(width=width)
            for name, width in (("小区", 118), (LETTERS[before], 88), (LETTERS[after], 88))
        },
    )


def _adopt(scene: Scene, made: Compared, pair: tuple[int, int]) -> None:
    """Offer to take over what is looked at and is not the plan as it is."""
    for at in (*reversed(pair), *range(len(made.states))):
        state = made.states[at]
        if state.key != NOW:
            if st.button(
                f"采用 {LETTERS[at]}“{safe(state.title)}”…",
                width="stretch",
                disabled=state.stale,
                help="方案已过时，请重新生成" if state.stale else None,
                key=session.widget(PANEL, "adopt_shown"),
            ):
                pianqu_compare_adopt.dialog(scene, state)
            return
