"""The table under the map while 资金 is open: investment, sources and gap, compound by compound."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from policy.money import contribution_yuan, funding_gap_yuan, grant_yuan
from ui.policy_scene import PolicyScene
from ui.words import wan

__all__ = ["money_table"]

NONE = "0.0 万元"


def money_table(scene: PolicyScene, uids: list[str]) -> tuple[pd.DataFrame, Mapping[str, int]]:
    """Give the table of some compounds, index uid, and the widths of its columns."""
    frame = scene.view.frame.loc[uids]
    sums = {
        "总投资": frame["investment_yuan"],
        "补助合计": grant_yuan(frame),
        "各方出资": contribution_yuan(frame),
        "缺口（没有写明来源）": funding_gap_yuan(frame),
    }
    table = pd.DataFrame(
        {head: [wan(yuan, none=NONE) for yuan in amounts] for head, amounts in sums.items()},
        index=pd.Index(uids),
        dtype=object,
    )
    return table, {**dict.fromkeys(sums, 110), "缺口（没有写明来源）": 150}
