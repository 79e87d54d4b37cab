"""着色: what the compounds are coloured by, and how the classes are made."""

from __future__ import annotations

import streamlit as st

from layers import themes
from policy import catalogue
from ui import judged, rule_profiles, session, visit
from ui.panels.selection import totals_table
from ui.scene import Scene

__all__ = ["first_theme", "show"]

PANEL = "looks"
METHODS = {"quantile": "等数分级（每级小区数相近）", "equal": "等距分级", "natural": "自然分级"}
# Build year decides who may go in at all; where the ledger has none, money per household says most.
FIRST_THEMES = (("built", "built_on"), ("investment_per_household", "investment_yuan"))
MOST = 0.5
OVERALL = "准入（全部准入规则）"


def first_theme(scene: Scene) -> str:
    """Choose the colouring that a plan is first seen in: one that most compounds have a figure for."""
    frame = scene.view.frame
    for theme, column in FIRST_THEMES:
        if len(frame) and frame[column].notna().mean() >= MOST:
            return theme
    return "built"


def show(scene: Scene) -> None:
    """Draw the choices."""
    workspace = scene.workspace
    choices = list(themes.THEMES)
    st.selectbox(
        "按什么着色",
        choices,
        index=choices.index(workspace.theme) if workspace.theme in choices else 0,
        format_func=lambda theme: themes.THEMES[theme].title,
        key=session.widget(PANEL, "theme"),
        on_change=_choose_theme,
        filter_mode=None,
    )
    theme = themes.theme_of(workspace.theme)
    if "work" in theme.needs:
        _work(scene)
    if "rule" in theme.needs:
        _rule(scene)
    if theme.numeric:
        _classes(scene)
    st.caption(_settings(scene))
    _shown(scene)


def _choose_theme() -> None:
    workspace = visit.current()
    workspace.theme = st.session_state[session.widget(PANEL, "theme")]
    workspace.theme_options = {}
    if "work" in themes.theme_of(workspace.theme).needs:
        workspace.theme_options = {"work": next(iter(catalogue.work_titles()))}


def _work(scene: Scene) -> None:
    titles = catalogue.work_titles()
    works = list(titles)
    chosen = scene.workspace.theme_options.get("work")
    key = session.widget(PANEL, "work")

    def choose() -> None:
        visit.current().theme_options = {"work": st.session_state[key]}

    st.selectbox(
        "哪一项改造内容",
        works,
        index=works.index(chosen) if chosen in works else 0,
        format_func=titles.get,
        key=key,
        on_change=choose,
    )


def _rule(scene: Scene) -> None:
    """Choose the rule whose verdicts are shown, or all rules of 准入 together."""
    if judged.readable_profile(scene.view.settings) is None:
        st.warning("计划选用的规则方案读不出，不能判定。请到“政策”页重选。")
        return
    titles = {"": OVERALL, **{name: rule.title for name, rule in scene.rules.items()}}
    names, key = list(titles), session.widget(PANEL, "rule")
    chosen = scene.theme_options.get("rule") or ""

    def choose() -> None:
        rule = st.session_state[key]
        visit.current().theme_options = {"rule": rule} if rule else {}

    st.selectbox(
        f"哪一条规则（{rule_profiles.profile_title(scene.view.settings)}）",
        names,
        index=names.index(chosen),
        format_func=titles.get,
        key=key,
        on_change=choose,
    )


def _classes(scene: Scene) -> None:
    options = scene.workspace.theme_options
    method_key, count_key = session.widget(PANEL, "method"), session.widget(PANEL, "count")

    def choose() -> None:
        visit.current().theme_options = {
            "method": st.session_state[method_key],
            "class_count": st.session_state[count_key],
        }

    with st.expander("分级方法"):
        methods = list(METHODS)
        st.selectbox(
            "分级",
            methods,
            index=methods.index(options.get("method", "quantile")),
            format_func=METHODS.get,
            key=method_key,
            on_change=choose,
        )
        st.slider("级数", 2, 7, options.get("class_count", 5), key=count_key, on_change=choose)


def _settings(scene: Scene) -> str:
    """How the classes were made; rule profiles by their titles."""
    text = scene.painted.settings
    for rules, title in catalogue.rules_titles().items():
        text = text.replace(rules, f"《{title}》")
    return text


def _shown(scene: Scene) -> None:
    shown = scene.view.frame[scene.shown]
    hidden = len(scene.view.frame) - len(shown)
    st.markdown("##### 图上合计")
    if hidden:
        st.caption(f"另有 {hidden:,} 个小区被筛选隐藏")
    if len(shown):
        st.html(totals_table(shown))
    else:
        st.info("没有符合筛选的小区。" if hidden else "还没有小区：到“数据”页导入，或在地图上画。")
