"""What changes the shape of a 片区 as a whole: its colour, splitting it, merging others into it, dissolving it."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from data.pianqu import PALETTE_SIZE
from geo.joining import Chain
from layers.palettes import PIANQU_COLORS
from ui import messages, pianqu_edits, pianqu_hands, pianqu_page, session
from ui.pianqu_figures import free_names, pairs_within
from ui.pianqu_problems import chain_for, parts_of
from ui.scene import Scene
from ui.words import grouped, safe

__all__ = ["show"]

PANEL = "pianqu_reshape"
COLOURING = session.widget(PANEL, "colouring")
COLOURS_IN_A_ROW = 6
MAX_NAME_CHARS = 60
LOCKED = "已锁定，先解锁"


def show(scene: Scene, uid: str, figures: pd.Series, members: list[str]) -> None:
    """Draw the buttons."""
    name, locked = str(figures["name"]), bool(figures["locked"])
    first, second, third, fourth = st.columns([2.6, 2.6, 2.6, 2.6], gap="xsmall")
    with first.popover("颜色", width="stretch", key=COLOURING, on_change="rerun"):
        _colours(scene, uid, figures)
    if second.button(
        "拆分…",
        width="stretch",
        key=session.widget(PANEL, "split"),
        disabled=locked or len(members) < 2,
        help=LOCKED if locked else "把所选的成员，或每一处，分成单独的片区",
    ):
        _split_dialog(scene, uid, name, members)
    if third.button(
        "合并…",
        width="stretch",
        key=session.widget(PANEL, "merge"),
        disabled=locked or len(scene.view.pianqu) < 2,
        help=LOCKED if locked else "把别的片区并进来",
    ):
        _merge_dialog(scene, uid, name)
    if fourth.button(
        "解散…",
        width="stretch",
        key=session.widget(PANEL, "dissolve"),
        disabled=locked,
        help=LOCKED if locked else None,
    ):
        _dissolve_dialog(scene, uid, name, len(members))
    if not locked and not pd.isna(figures["parts"]) and figures["parts"] > 1:
        _joining(scene, uid)


def _colours(scene: Scene, uid: str, figures: pd.Series) -> None:
    held = 0 if pd.isna(figures["color"]) else int(figures["color"]) % PALETTE_SIZE

    def take(color: int) -> None:
        session.put(COLOURING, False)
        messages.guarded(pianqu_edits.recolour)(scene, uid, color, name=str(figures["name"]))

    st.html(f"<style>{_swatches_css()}</style>")
    for start in range(0, PALETTE_SIZE, COLOURS_IN_A_ROW):
        with st.container(horizontal=True, gap="xsmall", key=f"pianqu_colours_{start}"):
            for color in range(start, start + COLOURS_IN_A_ROW):
                st.button(
                    "✓" if color == held else str(color + 1),
                    key=f"pianqu_colour_{color}",
                    on_click=take,
                    args=(color,),
                )
    st.caption("换过的颜色一直保留；相邻的片区颜色最好不同。")


def _swatches_css() -> str:
    return " ".join(
        f".st-key-pianqu_colour_{at} button {{ background: {fill}; color: #1c2b39; }}"
        for at, fill in enumerate(PIANQU_COLORS)
    )


def _joining(scene: Scene, uid: str) -> None:
    """Offer the shortest chain that joins the parts."""
    chain: Chain = chain_for(scene.loaded, scene.view, uid, pianqu_page.gap_m())
    if not chain.steps:
        st.caption("各处之间没有可用的相邻小区，连不起来。")
        return
    households = scene.view.frame["households"].reindex(list(chain.steps)).sum(min_count=1)
    st.button(
        f"连起来：加 {len(chain.steps):,} 个小区（{grouped(households, '户')}）…",
        width="stretch",
        key=session.widget(PANEL, "join"),
        on_click=messages.guarded(pianqu_hands.join_up),
        args=(scene, uid),
        help="最短的一串相邻小区；先在“分配”里预览，再应用。优先用未分组的，不动已锁定的",
    )


@st.dialog("拆分片区")
def _split_dialog(scene: Scene, uid: str, name: str, members: list[str]) -> None:
    held = set(members)
    chosen = [member for member in scene.selection if member in held]
    parts = parts_of(scene.loaded, scene.view, uid, pianqu_page.gap_m())
    names = free_names(scene.view, max(len(parts), 2))
    st.markdown(
        f"片区 **{safe(name)}**：{len(members):,} 个小区，已选其中 {len(chosen):,} 个。可撤销。"
    )
    if chosen and len(chosen) < len(members):
        written = st.text_input("新片区的名称", placeholder=names[0], max_chars=MAX_NAME_CHARS)
        if st.button(f"把所选 {len(chosen):,} 个分成新片区", type="primary", width="stretch"):
            messages.guarded(pianqu_edits.split_off)(
                scene, uid, chosen, written.strip() or names[0]
            )
            st.rerun()
    else:
        st.caption("要按所选拆分：先关上，在地图上选中其中几个成员，再来。")
    if len(parts) > 1:
        sizes = "、".join(f"{len(part):,}" for part in parts)
        st.markdown(f"它分成 {len(parts):,} 处，各有 {sizes} 个小区。")
        if st.button(f"按连片拆成 {len(parts):,} 个片区", width="stretch"):
            groups = list(zip(names, parts[1:], strict=False))
            messages.guarded(pianqu_edits.split_parts)(scene, uid, groups)
            st.rerun()


@st.dialog("合并片区")
def _merge_dialog(scene: Scene, uid: str, name: str) -> None:
    table = scene.view.pianqu
    open_ones = [other for other in table.index[~table["locked"].astype(bool)] if other != uid]
    beside = _beside(scene, uid)
    options = sorted(open_ones, key=lambda other: (other not in beside, str(table["name"][other])))
    st.markdown(f"并进 **{safe(name)}**，它的名称、颜色和备注不变；并进来的片区随之删除。可撤销。")
    chosen = st.multiselect(
        "要并进来的片区",
        options,
        format_func=lambda other: f"{table['name'][other]}{'（相邻）' if other in beside else ''}",
        placeholder="请选择",
    )
    if len(open_ones) < len(table) - 1:
        st.caption(f"另有 {len(table) - 1 - len(open_ones):,} 个已锁定，不能合并。")
    if st.button("合并", type="primary", width="stretch", disabled=not chosen):
        messages.guarded(pianqu_edits.merge)(scene, [uid, *chosen], name=name)
        st.rerun()


def _beside(scene: Scene, uid: str) -> set[str]:
    """片区 that have a member next to one of this."""
    pairs = pairs_within(scene.loaded, scene.view, pianqu_page.gap_m())
    held = scene.view.frame["pianqu_uid"]
    ends = [pairs[end].map(held) for end in ("i", "j")]
    found: set[str] = set()
    for one, other in (ends, ends[::-1]):
        found |= set(other[(one == uid).fillna(False).to_numpy(bool)].dropna())
    return found - {uid}


@st.dialog("解散片区")
def _dissolve_dialog(scene: Scene, uid: str, name: str, count: int) -> None:
    st.markdown(
        f"将解散片区 **{safe(name)}**。它的 {count:,} 个小区资料和边界不变，回到“未分组”。可撤销。"
    )
    if st.button("解散", type="primary", key=session.widget(PANEL, "sure")):
        messages.guarded(pianqu_edits.dissolve)(scene, uid, name=name)
        st.rerun()
