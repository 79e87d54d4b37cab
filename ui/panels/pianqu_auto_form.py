"""What an automatic proposal is asked for: main limits in sight, the rest folded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import streamlit as st

from data.proposal_settings import AIMS, ELIGIBLE, MOST_PROPOSALS, OVER, SUBDISTRICTS
from data.proposing import ProposalSettings
from policy.wording import YUAN_PER_WAN
from ui import pianqu_page, session
from ui.panels import pianqu_auto_pairs, pianqu_barriers
from ui.scene import Scene

__all__ = ["show"]

PANEL = "pianqu_auto"
MAX_GAP_M, MAX_DIAMETER_M, MAX_HOUSEHOLDS, MAX_WAN = 500.0, 50_000.0, 1_000_000, 10_000_000.0
MAX_PICK, MAX_SEED, MAX_WEIGHT = 10_000, 999_999, 10.0
NO_LIMIT = "不限"
_WAN = int(YUAN_PER_WAN)

Keep = Callable[[Any], dict[str, Any]]


def show(scene: Scene, *, start: Callable[[], None]) -> None:
    """Draw the form.

    Parameters
    ----------
    scene : Scene
    start : callable
        Draws the button that starts the search.
    """
    settings = pianqu_page.proposal_settings()
    _limits(settings)
    with st.container(key="pianqu_auto_start"):
        start()
    # Titles never change: a group whose title does is folded again under the planner's hand.
    with st.expander("目标与权重"):
        _aims(settings)
    with st.expander("范围"):
        _range(scene, settings)
    with st.expander("必须同片、必须分开"):
        pianqu_auto_pairs.show(scene, settings)
    folded = st.expander("相邻与阻隔", key=session.widget(PANEL, "adjacency"), on_change="rerun")
    with folded:
        _adjacency(settings)
        if folded.open:
            # What it counts takes a moment on a large plan.
            pianqu_barriers.show(scene)
    st.caption(_folded_words(settings))


def _folded_words(settings: ProposalSettings) -> str:
    """Tell what the folded groups hold that a planner should not forget."""
    told = [f"范围：{OVER[settings.over]}，{ELIGIBLE[settings.only_eligible]}"]
    if settings.together or settings.apart:
        told.append(f"必须同片 {len(settings.together):,} 组、必须分开 {len(settings.apart):,} 对")
    told.append(f"相邻间距 {settings.gap_m:g} 米")
    return "；".join(told) + "。"


def _limits(settings: ProposalSettings) -> None:
    left, right = st.columns(2)
    with left:
        _whole(
            "min_households",
            "户数下限",
            settings.min_households,
            most=MAX_HOUSEHOLDS,
            step=100,
            placeholder=NO_LIMIT,
            help="每个片区至少这么多户；清空为不限",
        )
        _real(
            "max_investment_yuan",
            "投资上限（万元）",
            None if settings.max_investment_yuan is None else settings.max_investment_yuan / _WAN,
            most=MAX_WAN,
            step=500.0,
            low=1.0,
            placeholder=NO_LIMIT,
            keep=lambda wan: {"max_investment_yuan": None if wan is None else round(wan * _WAN)},
            help="每个片区的预计投资合计；未知的按 0 计。清空为不限",
        )
    with right:
        _whole(
            "max_households",
            "户数上限",
            settings.max_households,
            most=MAX_HOUSEHOLDS,
            step=100,
            placeholder=NO_LIMIT,
            help="每个片区至多这么多户；清空为不限",
        )
        _real(
            "max_diameter_m",
            "跨度上限（米）",
            settings.max_diameter_m,
            most=MAX_DIAMETER_M,
            step=100.0,
            low=1.0,
            placeholder=NO_LIMIT,
            help="片区里相距最远的两点不超过它；清空为不限",
        )


def _aims(settings: ProposalSettings) -> None:
    left, right = st.columns(2)
    with left:
        _choice("aim", "片区数", AIMS, settings.aim, help="先让剩下的户数最少，再看片区数")
        _whole(
            "proposals",
            "方案数",
            settings.proposals,
            most=MOST_PROPOSALS,
            lacking=False,
            help="几个各有侧重的方案，供比较",
        )
    with right:
        _choice(
            "subdistricts",
            "街道",
            SUBDISTRICTS,
            settings.subdistricts,
            help="一个片区的小区能不能分属几个街道；街道未知的不算",
        )
        _whole(
            "pick",
            "只取最好的几片",
            settings.pick,
            most=MAX_PICK,
            placeholder="全部",
            help="其余小区留在未分组；清空为全部分完",
        )
    st.caption("权重：片区数一样时看这几项，0 为不看。")
    _weights(settings)
    with st.columns(2)[0]:
        _whole(
            "seed",
            "随机种子",
            settings.seed,
            low=0,
            most=MAX_SEED,
            lacking=False,
            help="同一个数得到同样的方案；换一个数可看到另一种分法",
        )


def _weights(settings: ProposalSettings) -> None:
    titles = {
        "compact": ("紧凑", "片区收得拢，不拉成长条"),
        "balanced": ("户数均衡", "各片区户数接近上下限的中间"),
        "money": ("资金平衡", "补助、出资多的与缺口大的搭在一片，片区内少留缺口"),
        "subdistrict": ("街道完整", "少跨街道；只在“尽量不跨街道”时起作用"),
    }
    for place, name in zip(st.columns(2) * 2, titles, strict=True):
        title, why = titles[name]

        def keep(value: Any, name: str = name) -> dict[str, Any]:
            held = pianqu_page.proposal_settings().weights
            return {"weights": held if value is None else replace(held, **{name: float(value)})}

        with place:
            _real(
                f"weight_{name}",
                title,
                getattr(settings.weights, name),
                most=MAX_WEIGHT,
                step=0.5,
                keep=keep,
                disabled=name == "subdistrict" and settings.subdistricts != "prefer",
                help=why,
            )


def _range(scene: Scene, settings: ProposalSettings) -> None:
    frame = scene.view.frame
    drawn = frame.geometry.notna()
    counts = {
        "all": int(drawn.sum()),
        "ungrouped": int((drawn & frame["pianqu_uid"].isna()).sum()),
        "selection": int(scene.selected.geometry.notna().sum()),
    }
    key = session.widget(PANEL, "over")
    st.session_state[key] = settings.over
    st.segmented_control(
        "给哪些小区分组",
        list(OVER),
        key=key,
        required=True,
        format_func=lambda over: f"{OVER[over]} {counts[over]:,}",
        on_change=_change,
        args=("over", key, None, False),
    )
    _choice(
        "only_eligible",
        "准入",
        ELIGIBLE,
        settings.only_eligible,
        help="按计划选用的规则判定；不参加的留在原处，并列出原因",
    )
    st.caption("锁定的片区和小区不动：它们的成员不变，别的小区绕开它们分组。")


def _adjacency(settings: ProposalSettings) -> None:
    _real(
        "gap_m",
        "相邻间距（米）",
        settings.gap_m,
        most=MAX_GAP_M,
        step=5.0,
        lacking=False,
        help="两个小区的边界相距不超过它，就算相邻；“连片”也按它判断",
    )


# --- fields: each keeps its value as soon as it is changed ------------------------------------------


def _whole(
    name: str,
    title: str,
    value: int | None,
    *,
    most: int,
    low: int = 1,
    step: int = 1,
    lacking: bool = True,
    **options: Any,
) -> None:
    key = session.widget(PANEL, name)
    st.number_input(
        title,
        min_value=low,
        max_value=most,
        value=value,
        step=step,
        key=key,
        on_change=_change,
        args=(name, key, None, lacking),
        **options,
    )


def _real(
    name: str,
    title: str,
    value: float | None,
    *,
    most: float,
    step: float,
    low: float = 0.0,
    lacking: bool = True,
    keep: Keep | None = None,
    **options: Any,
) -> None:
    key = session.widget(PANEL, name)
    st.number_input(
        title,
        min_value=low,
        max_value=most,
        value=None if value is None else float(value),
        step=step,
        format="%g",
        key=key,
        on_change=_change,
        args=(name, key, keep, lacking),
        **options,
    )


def _choice(name: str, title: str, known: dict[Any, str], value: str, **options: Any) -> None:
    key = session.widget(PANEL, name)
    st.selectbox(
        title,
        list(known),
        index=list(known).index(value),
        format_func=lambda one: known[one],
        key=key,
        on_change=_change,
        args=(name, key, None, False),
        filter_mode=None,
        **options,
    )


def _change(name: str, key: str, keep: Keep | None, lacking: bool) -> None:
    value = st.session_state[key]
    if value is None and not lacking:
        return
    changed = keep(value) if keep else {name: value}
    pianqu_page.keep_settings(replace(pianqu_page.proposal_settings(), **changed))
