"""检查: what the checks of ledger and boundaries find in the plan; a finding selects its compounds."""

from __future__ import annotations

import streamlit as st

from data.boundary_check import check_boundaries
from data.findings import SEVERITIES, Finding
from data.ledger_check import check_ledger
from ui import edits, session
from ui.panels import data_done, data_findings
from ui.scene import Scene
from ui.words import safe

__all__ = ["show"]

PANEL = "data_check"
SHOWN = 40
MEANS = {"错误": "一定有错，请改正", "提醒": "可能有误，请核对", "说明": "供参考"}
ICONS = {"错误": ":material/error:", "提醒": ":material/warning:", "说明": ":material/info:"}


def show(scene: Scene) -> None:
    """Draw the findings by severity."""
    if not len(scene.view.frame):
        st.info("计划里还没有小区，没有可检查的内容。请先导入台账或边界。")
        return
    with st.spinner("正在检查…"):
        findings = scene.loaded.kept(("check", scene.view.revision), lambda: _found(scene))
    if not findings:
        st.success(f"检查了 {len(scene.view.frame):,} 个小区的台账和边界，没有发现问题。")
        return
    st.markdown(f"{data_findings.counts(findings)}。点一条，选中有关的小区。")
    for severity in SEVERITIES:
        _group(scene, severity, [one for one in findings if one.severity == severity])


def _found(scene: Scene) -> list[Finding]:
    settings, frame = scene.view.settings, scene.view.frame
    return [
        *check_ledger(frame, totals=settings.get("ledger_totals")),
        *check_boundaries(frame, zone=settings.get("zone")),
    ]


def _group(scene: Scene, severity: str, findings: list[Finding]) -> None:
    if not findings:
        return
    st.markdown(f"##### {severity}（{len(findings)}）：{MEANS[severity]}")
    with st.container(key=f"checks_{SEVERITIES.index(severity)}"):
        for number, finding in enumerate(findings[:SHOWN]):
            uids = data_findings.rows_in(scene, finding)
            st.button(
                safe(finding.message),
                key=session.widget(PANEL, severity, number),
                icon=ICONS[severity],
                type="tertiary",
                width="stretch",
                disabled=not uids,
                on_click=_select,
                args=(scene, uids),
            )
    if len(findings) > SHOWN:
        st.caption(f"另有 {len(findings) - SHOWN:,} 条没有列出；改正前面的再看。")


def _select(scene: Scene, uids: list[str]) -> None:
    edits.select(uids)
    data_done.look_at([scene.view.frame.loc[uids]])
