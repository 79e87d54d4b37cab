"""Tab 需求: households × target less what there is, by compound and 片区, and what neighbours can lend."""

from __future__ import annotations

from html import escape

import pandas as pd
import streamlit as st

from data.stall_demand import Demand
from policy.parking_rules import parking_rules
from policy.wording import UNKNOWN, format_count
from ui import messages, session, space_edits, space_settings
from ui.panels import space_need_form, space_stalls_form
from ui.panels.space_fields import Fields
from ui.panels.space_looks import head, notes
from ui.scene import Scene
from ui.space_demand import demand_of
from ui.space_scope import Scope
from ui.words import safe

__all__ = ["show"]

PANEL = "space_demand"
MOST_ROWS, MOST_FIELDS = 12, 12
MOST_STALLS = 100_000


def show(scene: Scene, scope: Scope) -> None:  # noqa: ARG001 - all tabs are called alike
    """Draw the tab; without a selection it is about the whole plan."""
    if not len(scene.view.frame):
        st.info("这个计划里还没有小区。请到“数据”页导入台账或边界。")
        return
    held = space_settings.draft(scene.view)
    found = demand_of(scene.loaded, scene.view, held)
    table = found.compounds.loc[scene.selection] if scene.selection else found.compounds
    _heads(table, whole=not scene.selection)
    _unknown(scene, table)
    _shared(scene, found, table)
    with st.expander("指标和共用", expanded=True):
        epoch = scene.plan.layer_revision("settings")
        figures = parking_rules().figures
        fields = Fields(PANEL, held, lambda values: space_settings.change(**values), epoch, figures)
        space_need_form.show(held, fields, epoch)
        space_stalls_form.adopt(scene, PANEL)
    _by_pianqu(scene, found)
    st.caption("图上按缺口着色：红的缺，绿的有富余，斜线的不知道。下面的表按小区列出。")


def _heads(table: pd.DataFrame, *, whole: bool) -> None:
    known = table["shortage"].notna()
    over = "全部" if whole else "所选"
    short = table["shortage"].where(table["shortage"] > 0)
    head(
        [
            (
                "缺口",
                format_count(short.sum()) if known.any() else UNKNOWN,
                "个" if known.any() else "",
                f"{over} {len(table):,} 个小区",
            ),
            ("需要", *_large(table["need"]), _households(table)),
            ("现有", *_large(table["existing"]), _share(table)),
        ]
    )


def _summed(column: pd.Series) -> str:
    return format_count(column.sum(min_count=1))


def _large(column: pd.Series) -> tuple[str, str]:
    """Give a total and its unit; what nobody knows has none."""
    total = _summed(column)
    return total, "" if total == UNKNOWN else "个"


def _households(table: pd.DataFrame) -> str:
    total = _summed(table["households"])
    return f"户数{UNKNOWN}" if total == UNKNOWN else f"{total} 户"


def _share(table: pd.DataFrame) -> str:
    both = table[table["existing"].notna() & (table["households"] > 0).fillna(False)]
    if not len(both):
        return f"户均{UNKNOWN}"
    return f"户均 {both['existing'].sum() / both['households'].sum():.2f} 个"


def _unknown(scene: Scene, table: pd.DataFrame) -> None:
    """Say whose figures are missing; the stalls that there are can be filled in here."""
    no_households = table.index[table["households"].isna()]
    if len(no_households):
        notes(
            [
                f"{len(no_households):,} 个小区的户数未知，算不出需要多少；请在“总图”的小区卡片里补上。"
            ]
        )
    unknown = [str(uid) for uid in table.index[table["existing"].isna()]]
    if not unknown:
        return
    notes([f"{len(unknown):,} 个小区的现状停车位未知，缺口也就未知；没有车位的请填 0。"])
    listed = unknown[:MOST_FIELDS]
    with st.expander("填现状停车位"), st.form(f"{PANEL}_existing", border=False):
        keys = {uid: session.widget(PANEL, "existing", uid) for uid in listed}
        for place, uid in zip(st.columns(2) * len(listed), listed, strict=False):
            place.number_input(
                safe(scene.view.frame.loc[uid, "name"] or "未命名小区"),
                min_value=0,
                max_value=MOST_STALLS,
                value=None,
                step=1,
                placeholder=UNKNOWN,
                key=keys[uid],
            )
        if len(unknown) > len(listed):
            st.caption(f"另有 {len(unknown) - len(listed):,} 个：先选小区，或在“数据”页导入台账。")
        st.form_submit_button(
            "保存现状停车位",
            width="stretch",
            on_click=messages.guarded(_save_existing),
            args=(scene, keys),
        )


def _save_existing(scene: Scene, keys: dict[str, str]) -> None:
    typed = {uid: session.get(key) for uid, key in keys.items()}
    space_edits.fill_existing(scene, {uid: int(v) for uid, v in typed.items() if v is not None})


def _shared(scene: Scene, found: Demand, table: pd.DataFrame) -> None:
    """Say what is left after stalls are shared, and with whom the selected ones share."""
    if not table["shortage"].notna().any():
        return
    inside, near = _summed(table["from_pianqu"]), _summed(table["from_near"])
    left, lent = _summed(table["left"]), _summed(table["lent"])
    st.html(
        "<table class='layout'>"
        f"<tr><td>片区内共用可补</td><td>{inside} 个</td></tr>"
        f"<tr><td>步行范围内共用可补</td><td>{near} 个</td></tr>"
        f"<tr><td>借给别的小区</td><td>{lent} 个</td></tr>"
        f"<tr><td>共用以后还缺</td><td><b>{left} 个</b></td></tr></table>"
    )
    if not scene.selection:
        return
    chosen = set(scene.selection)
    flows = found.flows
    moved = flows[flows["lender"].isin(chosen) | flows["borrower"].isin(chosen)].head(MOST_ROWS)
    names = scene.view.frame["name"]
    lines = [
        f"{names[flow.lender]} → {names[flow.borrower]}：{flow.stalls:,} 个（{flow.within}{_far(flow.distance_m)}）"
        for flow in moved.itertuples(index=False)
    ]
    if lines:
        st.html("".join(f"<div class='quiet'>{escape(line)}</div>" for line in lines))


def _far(distance_m: float) -> str:
    return "" if pd.isna(distance_m) else f"，相距 {distance_m:,.0f} 米"


def _by_pianqu(scene: Scene, found: Demand) -> None:
    """Shortage of each 片区, the largest first."""
    table = found.pianqu
    if not len(table):
        st.caption("还没有片区。在“片区”页打捆后，这里按片区列出缺口，片区里的富余车位可以共用。")
        return
    listed = table.sort_values("left", ascending=False, kind="stable", na_position="last")
    names = scene.view.pianqu["name"]
    rows = [
        f"<tr><td>{escape(str(names.get(uid, '')))}</td><td>{format_count(row['need'])}</td>"
        f"<td>{format_count(row['existing'])}</td><td>{format_count(row['shortage'])}</td>"
        f"<td><b>{format_count(row['left'])}</b></td></tr>"
        for uid, row in listed.head(MOST_ROWS).iterrows()
    ]
    more = len(listed) - MOST_ROWS
    st.html(
        "<div class='space-part'>各片区</div><table class='layout'><tr><th>片区</th><th>需要</th><th>现有</th>"
        f"<th>相抵后缺</th><th>共用后缺</th></tr>{''.join(rows)}</table>"
        + (f"<div class='quiet'>另有 {more:,} 个片区，见下面的表。</div>" if more > 0 else "")
    )
