"""Tab 自动方案: limits of an automatic proposal, the search, and what came out."""

from __future__ import annotations

import streamlit as st

from errors import PlanningError
from ui import messages, pianqu_page, session
from ui.panels import pianqu_preview
from ui.pianqu_proposal import OVER, Over, ProposalSettings, propose
from ui.scene import Scene

__all__ = ["show"]

PANEL = "pianqu_auto"
MAX_GAP_M, MAX_HOUSEHOLDS, MAX_SEED = 500.0, 100_000, 999_999


def show(scene: Scene) -> None:
    """Draw the settings, the button and the proposal."""
    if not scene.view.frame.geometry.notna().any():
        st.info("还没有边界，不能按间距提方案。请到“数据”页导入边界，或在“总图”上画。")
        return
    settings = _settings(scene)
    if st.button("生成方案", type="primary", width="stretch", key=session.widget(PANEL, "make")):
        _make(scene, settings)
    pianqu_preview.show(scene, settings)


def _settings(scene: Scene) -> ProposalSettings:
    known = pianqu_page.proposal_settings()
    keys = {name: session.widget(PANEL, name) for name in ("gap", "low", "high", "seed", "over")}

    def keep() -> None:
        held = {name: st.session_state[key] for name, key in keys.items()}
        pianqu_page.keep_settings(
            gap_m=known.gap_m if held["gap"] is None else held["gap"],
            min_households=held["low"],
            max_households=held["high"],
            seed=held["seed"] or 0,
            over=held["over"] or known.over,
        )

    left, right = st.columns(2)
    left.number_input(
        "户数下限",
        min_value=1,
        max_value=MAX_HOUSEHOLDS,
        value=known.min_households,
        step=100,
        placeholder="不限",
        key=keys["low"],
        on_change=keep,
        help="每个片区至少这么多户；清空为不限",
    )
    right.number_input(
        "户数上限",
        min_value=1,
        max_value=MAX_HOUSEHOLDS,
        value=known.max_households,
        step=100,
        placeholder="不限",
        key=keys["high"],
        on_change=keep,
        help="每个片区至多这么多户；清空为不限",
    )
    left.number_input(
        "相邻间距（米）",
        min_value=0.0,
        max_value=MAX_GAP_M,
        value=known.gap_m,
        step=5.0,
        format="%g",
        key=keys["gap"],
        on_change=keep,
        help="两个小区的边界相距不超过它，就算相邻；“连片”也按它判断",
    )
    right.number_input(
        "随机种子",
        min_value=0,
        max_value=MAX_SEED,
        value=known.seed,
        key=keys["seed"],
        on_change=keep,
        help="同一个数得到同一个方案；换一个数可看到另一种分法",
    )
    _over(scene, known.over, keys["over"], keep)
    return pianqu_page.proposal_settings()


def _over(scene: Scene, known: Over, key: str, keep) -> None:  # noqa: ANN001 - a callback
    frame = scene.view.frame
    drawn = frame.geometry.notna()
    counts = {
        "all": int(drawn.sum()),
        "ungrouped": int((drawn & frame["pianqu_uid"].isna()).sum()),
        "selection": int(scene.selected.geometry.notna().sum()),
    }
    st.session_state[key] = known
    st.segmented_control(
        "给哪些小区分组",
        list(OVER),
        key=key,
        required=True,
        format_func=lambda over: f"{OVER[over]} {counts[over]:,}",
        on_change=keep,
    )


def _make(scene: Scene, settings: ProposalSettings) -> None:
    pianqu_page.forget_proposal()
    bar = st.progress(0.0, "正在准备…")
    # A click here begins a new run of the page, which ends this one at the next step.
    st.button("停止", key=session.widget(PANEL, "stop"), width="stretch")

    def tell(share: float, said: str) -> None:
        bar.progress(share, said)

    try:
        made = propose(
            scene.loaded,
            scene.view,
            settings,
            selection=scene.selection,
            progress=tell,
        )
    except PlanningError as error:
        messages.problem(str(error))
    else:
        pianqu_page.keep_proposal(made)
    st.rerun()
