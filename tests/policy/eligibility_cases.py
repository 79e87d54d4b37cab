"""Small frames of compounds that the tests of eligibility and judging share."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from policy.own_rules import own_profile
from policy.profiles import Profile, profiles

TODAY = dt.date(2026, 11, 21)
# What the table of scenarios counts, by what the cap is counted by.
COLUMNS = {"户数": "households", "建筑面积": "floor_area_m2"}


def compounds(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Frame with the columns that eligibility reads, in the types of the plan file."""
    index = pd.Index([row.get("uid", f"u{k}") for k, row in enumerate(rows)], dtype=object)

    def column(name: str, default: Any = None, dtype: str = "object") -> pd.Series:
        return pd.Series([row.get(name, default) for row in rows], index=index, dtype=dtype)

    return pd.DataFrame(
        {
            "kind": column("kind", "老旧小区"),
            "built_on": column("built_on"),
            "built_on_is_year": column("built_on_is_year", False, "boolean"),
            "households": column("households", None, "Int64"),
            "floor_area_m2": column("floor_area_m2", None, "Float64"),
            "extra": column("extra"),
        },
        index=index,
    )


def changed(profile: str, rule: str, values: Mapping[str, Any] | None) -> Profile:
    """Profile of a source plan, with figures of a rule as a planner would set them."""
    if not values:
        return profiles()[profile]
    changes = {rule: {"values": dict(values), "why": "试"}}
    return own_profile("own-1", {"title": "我市方案", "parent": profile, "changes": changes})
