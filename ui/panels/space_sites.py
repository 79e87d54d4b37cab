"""Tab 设施: who has a service facility within reach and who has none; sites chosen; those that are saved."""

from __future__ import annotations

from html import escape

import pandas as pd
import streamlit as st

from data.facility_gaps import Gaps
from policy.wording import UNKNOWN, format_count, format_share
from ui import messages, page_links, search, session, space_sites
from ui.panels import space_sites_form, space_sites_result, space_sites_saved
from ui.panels.space_looks import Head, head, notes
from ui.panels.switch import switch
from ui.scene import Scene
from ui.space_scope import Scope
from ui.words import safe

__all__ = ["show"]

PANEL = "space_sites"
MOST_ROWS = 12


def show(scene: Scene, scope: Scope) -> None:  # noqa: ARG001 - all tabs are called alike
    """Draw the tab; it is about the whole plan."""
    if not scene.view.frame.geometry.notna().any():
        st.info("还没有边界，算不了服务范围。请到“数据”页导入边界，或在“总图”上画。")
        return
    space_sites_form.kind(scene)
    view = switch(
        "设施",
        space_sites.VIEWS,
        space_sites.view(),
        space_sites.turn,
        key=session.widget(PANEL, "view"),
        place="sites_view",
        write=lambda title: _title(scene, title),
    )
    # What is empty clears its place at once: a row drawn where other things were would take them in until the page
    # is done.
    if view == space_sites.SAVED:
        st.empty()
        st.empty()
        with st.container():
            space_sites_saved.show(scene)
        return
    # Always there: while the page waits it is drawn again and again, and what has no successor stays in sight.
    top, body = st.container(), st.container()
    st.empty()
    found = space_sites.found(scene)
    with top:
        if found is None:
            _waiting(scene)
    with body:
        if view == space_sites.CHOOSE:
            _choose(scene)
        elif found is not None:
            _now(scene, found)


def _title(scene: Scene, title: str) -> str:
    if title == space_sites.SAVED and (count := len(space_sites.saved(scene))):
        return f"{title} {count:,}"
    return title


def _waiting(scene: Scene) -> None:
    problem = space_sites.problem_of(scene)
    if problem:
        st.error(safe(problem))
    elif search.under_way(space_sites.GAPS, scene):
        _progress(scene, space_sites.GAPS)
    else:
        st.button(
            "核对服务范围",
            type="primary",
            width="stretch",
            key=session.widget(PANEL, "again"),
            on_click=space_sites.again,
        )


def _progress(scene: Scene, kind: str) -> None:
    st.progress(*search.progress_of(kind, scene))
    st.button(
        "停止",
        width="stretch",
        key=session.widget(PANEL, "stop", kind),
        on_click=messages.guarded(space_sites.halt),
        args=(kind,),
    )


def _choose(scene: Scene) -> None:
    if search.under_way(space_sites.CHOOSING, scene):
        _progress(scene, space_sites.CHOOSING)
        return
    held = space_sites.proposal(scene)
    if held is not None:
        space_sites_result.show(scene, held)
    with st.expander("选址要求", expanded=held is None, key=session.widget(PANEL, "asked")):
        space_sites_form.show(scene)


def _now(scene: Scene, found: Gaps) -> None:
    """Who is served and who is not, by 片区."""
    kind = found.kinds.iloc[0]
    head([*_served(kind, len(found.compounds)), _there(kind)])
    notes(found.notes)
    if not kind["facilities"]:
        page_links.button("去导入服务设施", "data", key=session.widget(PANEL, "import"))
    _by_pianqu(scene, found.pianqu)
    _basis(scene)
    folded = st.expander("各类设施一览", key=session.widget(PANEL, "overview"), on_change="rerun")
    with folded:
        if folded.open:
            # What it counts takes a moment on a large plan.
            _overview(space_sites.overview(scene))


def _served(kind: pd.Series, compounds: int) -> list[Head]:
    """Households with and without; compounds where nobody knows how many households there are."""
    without = int(kind["compounds_unserved"])
    if not kind["households"]:
        return [
            ("没有服务到", f"{without:,}", "个小区", f"户数{UNKNOWN}"),
            ("已有服务", f"{compounds - without:,}", "个小区", f"户数{UNKNOWN}"),
        ]
    share = f"占 {format_share(kind['share'])}"
    return [
        ("没有服务到", format_count(kind["unserved"]), "户", f"{without:,} 个小区"),
        ("已有服务", format_count(kind["served"]), "户", share),
    ]


def _there(kind: pd.Series) -> Head:
    return ("现有设施", format_count(kind["facilities"]), "处", f"{kind['radius_m']:g} 米以内")


def _by_pianqu(scene: Scene, table: pd.DataFrame) -> None:
    """Gaps of each 片区, the most households first."""
    if not len(table):
        st.caption("还没有片区。在“片区”页打捆后，这里按片区列出缺口；下面的表按小区列出。")
        return
    names = scene.view.pianqu["name"]
    listed = table.reset_index().sort_values("unserved", ascending=False, kind="stable")
    rows = [
        f"<tr><td>{escape(str(names.get(row.pianqu_uid, '')))}</td><td>{format_count(row.households)}</td>"
        f"<td>{format_count(row.served)}</td><td><b>{format_count(row.unserved)}</b></td>"
        f"<td>{format_count(row.compounds_unserved)}</td></tr>"
        for row in listed.head(MOST_ROWS).itertuples(index=False)
    ]
    more = len(listed) - MOST_ROWS
    st.html(
        "<div class='space-part'>各片区</div><table class='layout'><tr><th>片区</th><th>户数</th>"
        f"<th>已有服务</th><th>没有服务</th><th>小区</th></tr>{''.join(rows)}</table>"
        + (f"<div class='quiet'>另有 {more:,} 个片区。</div>" if more > 0 else "")
    )


def _basis(scene: Scene) -> None:
    """Say what the kind is by the standards."""
    kind = space_sites.asked(scene.view).kind
    lines = [
        ("建筑面积", _range(kind.floor_m2)),
        ("用地面积", _range(kind.site_m2)),
        ("服务半径", f"{kind.radius_m:g} 米" if kind.radius_m else "没有规定"),
        ("每百户", f"{kind.demand.value:g} ㎡" if kind.demand else "没有规定"),
    ]
    cells = "".join(
        f"<tr><td>{title}</td><td class='wide'>{text}</td></tr>" for title, text in lines
    )
    st.html(
        f"<div class='space-part'>{escape(kind.title)}的标准</div><table class='layout'>{cells}</table>"
        f"<div class='quiet'><span class='clause'>{escape(kind.cited)}</span></div>"
    )


def _overview(table: pd.DataFrame) -> None:
    """All kinds at once, by the radius of the standard."""
    rows = [
        f"<tr><td>{escape(row.title)}</td><td>{row.radius_m:g}</td><td>{format_count(row.facilities)}</td>"
        f"<td>{format_count(row.compounds_unserved)}</td>"
        f"<td><b>{format_count(row.unserved) if row.households else UNKNOWN}</b></td></tr>"
        for row in table.itertuples(index=False)
    ]
    st.html(
        "<table class='layout'><tr><th>设施</th><th>半径</th><th>现有</th><th>没有服务的小区</th>"
        f"<th>户数</th></tr>{''.join(rows)}</table>"
        "<div class='quiet'>直线距离，半径按标准；没有规定半径的设施不在表里。</div>"
    )


def _range(pair: tuple[float, float] | None) -> str:
    if pair is None:
        return "没有规定"
    least, most = pair
    return f"{least:g} ㎡ 以上" if most == float("inf") else f"{least:g}–{most:g} ㎡"
