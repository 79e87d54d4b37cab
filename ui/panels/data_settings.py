"""设置: what the plan is called, who makes it, where it is measured, what lies under it; a copy for QGIS."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import streamlit as st

from data.store import refuse_live
from errors import CrsError, PlanningError, RecordError
from geo.crs import plan_zone
from layers.basemap import check_raster, tianditu
from ui import messages, rule_profiles, session, visit
from ui.panels import data_copy
from ui.scene import Scene

__all__ = ["RASTER", "TIANDITU_KEY", "show"]

PANEL = "data_settings"
# Keys of the plan's settings that this page adds to those of the samples.
ATTRIBUTION, TIANDITU_KEY, RASTER = "attribution", "tianditu_key", "base_raster"
AUTOMATIC = 0
ZONES = (AUTOMATIC, *range(25, 46))
MAX_CHARS = 60


def show(scene: Scene) -> None:
    """Draw the settings and the copy."""
    with st.form(session.widget(PANEL, "form"), border=False):
        st.form_submit_button(
            "保存设置", type="primary", width="stretch", on_click=messages.guarded(_save)
        )
        _general(scene)
        _zone(scene)
        _ground(scene)
    data_copy.show(scene)


def _key(scene: Scene, name: str) -> str:
    # With the revision, so that an undo shows what it brought back.
    return session.widget(PANEL, name, scene.plan.layer_revision("settings"))


def _text(scene: Scene, name: str, title: str, **options: Any) -> None:
    held = scene.view.settings.get(name)
    st.text_input(title, value="" if held is None else str(held), key=_key(scene, name), **options)


def _general(scene: Scene) -> None:
    _text(scene, "name", "计划名称", max_chars=MAX_CHARS)
    left, right = st.columns([1, 2])
    with left:
        _text(scene, "year", "年度", max_chars=4, placeholder="如 2025")
    with right:
        _text(scene, "maker", "编制单位", max_chars=MAX_CHARS, placeholder="印在图签里")
    _text(
        scene,
        ATTRIBUTION,
        "资料来源（可不填，写在图角和交付文件里）",
        placeholder="如：区自然资源局 2024 年地形图",
        max_chars=200,
    )
    rules = scene.view.settings.get("rules")
    titles = rule_profiles.titles(scene.view.settings)
    options = list(titles)
    st.selectbox(
        "政策规则",
        options,
        index=options.index(rules) if rules in options else None,
        format_func=lambda one: titles.get(one, str(one)),
        placeholder="未选：按云城区 2024 年的分类看改造内容",
        key=_key(scene, "rules"),
        filter_mode=None,
    )


def _zone(scene: Scene) -> None:
    held = scene.view.settings.get("zone") or AUTOMATIC
    said, warning = _by_boundaries(scene)

    def title(zone: int) -> str:
        return f"自动：{said}" if zone == AUTOMATIC else f"第{zone}带（中央经线{zone * 3}°）"

    st.selectbox(
        "3°带（量面积、距离和出图用）",
        ZONES,
        index=ZONES.index(held) if held in ZONES else 0,
        format_func=title,
        key=_key(scene, "zone"),
        filter_mode=None,
    )
    if warning:
        st.warning(warning)


def _by_boundaries(scene: Scene) -> tuple[str, str]:
    """Say which zone the boundaries lie in, and what to mind if they lie in two."""
    shapes = scene.view.frame.geometry
    if not shapes.notna().any():
        return "有边界后确定", ""
    try:
        zone = plan_zone(shapes)
    except CrsError as error:
        return "无法确定", str(error)
    said = f"第{zone.zone}带（中央经线{zone.central_meridian}°）"
    warning = "边界跨两个 3°带：都按这一带量算，离中央经线远的小区长度略有变形。"
    return said, warning if zone.straddles else ""


def _ground(scene: Scene) -> None:
    _text(
        scene,
        TIANDITU_KEY,
        "天地图密钥（可不填；需要联网）",
        placeholder="天地图网站申请的 tk",
        max_chars=MAX_CHARS,
    )
    _text(
        scene,
        RASTER,
        "本地底图文件（可不填）",
        placeholder="本机上 .tif 或 .mbtiles 的完整路径",
        max_chars=500,
    )


def _save() -> None:
    scene: Scene = session.get(session.SCENE)
    given = {
        name: st.session_state.get(_key(scene, name))
        for name in ("name", "year", "maker", "rules", "zone", ATTRIBUTION, TIANDITU_KEY, RASTER)
    }
    values = _checked(given)
    changed = {n: v for n, v in values.items() if v != scene.view.settings.get(n)}
    if not changed:
        messages.done("设置没有改动")
        return
    with scene.plan.edit(visit.current().actor, "修改计划设置") as tx:
        for name, value in changed.items():
            tx.set_setting(name, value)
    messages.done("设置已保存")


def _checked(given: dict[str, Any]) -> dict[str, Any]:
    """Read the form; all that is wrong is told at once."""
    texts = {n: (v.strip() or None) if isinstance(v, str) else v for n, v in given.items()}
    problems = [] if texts["name"] else ["计划名称不能为空。"]
    year = texts["year"]
    if year is not None and not (year.isdigit() and 1990 <= int(year) <= date.today().year + 30):
        problems.append(f"年度应是四位年份，如 2025；现在是“{year}”。")
    problems += _ground_problems(texts)
    if problems:
        raise RecordError("计划设置", problems)
    return {**texts, "year": int(year) if year else None, "zone": texts["zone"] or None}


def _ground_problems(texts: dict[str, Any]) -> list[str]:
    problems = []
    try:
        if texts[TIANDITU_KEY]:
            tianditu(texts[TIANDITU_KEY])
    except PlanningError as error:
        problems.append(str(error))
    try:
        if texts[RASTER]:
            check_raster(refuse_live(Path(texts[RASTER])))
    except PlanningError as error:
        problems.append(str(error))
    return problems
