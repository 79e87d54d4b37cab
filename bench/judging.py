"""Judging all compounds at once against judging them one by one, in one run.

    python -m bench.judging [--compounds 220000] [--one-by-one 200] [--profiles ID ...]

For each profile with judged rules: seconds of ``judge`` on the whole frame, of all states, of a list of 500
obstacles with their words, of the cap; MB that the judgement keeps; and seconds that the peer, a call for each
compound, would take, from a sample of them.
"""

from __future__ import annotations

import argparse
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from policy.judging import judge
from policy.profiles import profiles

SEED = 1
LISTED = 500

# Heads of a ledger and what stands under them; every tenth compound has none of them.
ANSWERS: dict[str, tuple[str, ...]] = {
    "是否城中村": ("是", "否"),
    "列入征迁计划": ("已列入", "未列入"),
    "已实施综合改造": ("√", "×"),
    "配套设施不足": ("是", "不足", ""),
    "物业管理不完善": ("是", "否"),
    "居民改造意愿": ("强烈", "一般"),
    "违章建筑拆除情况": ("较好", "差"),
    "低保户（户）": ("12", "3户", "/"),
    "实施批次": ("实施一批", "谋划", "储备"),
    "备注二": ("甲",),
}
WORKS = ("地面沥青、新增雨水管、车位划线", "外墙修缮、路灯", "绿化、健身设施一套", None)


def compounds(number: int) -> pd.DataFrame:
    """Made-up compounds with the columns that rules read."""
    rng = np.random.default_rng(SEED)
    days = np.datetime64("1975-01-01") + rng.integers(0, 365 * 37, number).astype("timedelta64[D]")
    built = days.astype(str).astype(object)
    built[rng.random(number) < 0.05] = None
    picks = rng.integers(0, 6, (number, len(ANSWERS)))
    extra = [
        {
            head: words[pick % len(words)]
            for (head, words), pick in zip(ANSWERS.items(), row, strict=True)
        }
        if k % 10
        else None
        for k, row in enumerate(picks.tolist())
    ]
    columns = {
        "name": [f"小区{k}" for k in range(number)],
        "kind": "老旧小区",
        "built_on": built,
        "built_on_is_year": rng.random(number) < 0.3,
        "households": rng.integers(10, 2000, number),
        "floor_area_m2": (rng.random(number) * 1e4).round(2),
        "works_text": np.array(WORKS, dtype=object)[rng.integers(0, len(WORKS), number)],
        "investment_yuan": rng.integers(0, 10**7, number),
        "contribution_residents_yuan": rng.integers(0, 10**6, number),
        "extra": extra,
    }
    return pd.DataFrame(columns, index=pd.Index([f"u{k}" for k in range(number)], dtype=object))


def seconds(step: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds that a step takes, and what it gives."""
    start = time.perf_counter()
    done = step()
    return time.perf_counter() - start, done


def measure(frame: pd.DataFrame, profile_id: str, *, one_by_one: int) -> str:
    """One row of the table in README.md."""
    profile = profiles()[profile_id]
    judging, judgement = seconds(lambda: judge(frame, profile))
    states, _ = seconds(lambda: (judgement.states(), judgement.overall()))
    listing, _ = seconds(lambda: judgement.obstacles(limit=LISTED))
    cap, _ = seconds(lambda: judgement.cap)
    sample = frame.iloc[:one_by_one]
    single, _ = seconds(lambda: [judge(sample.iloc[[k]], profile) for k in range(len(sample))])
    tracemalloc.start()
    kept = judge(frame, profile)
    size, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    peer = single / max(1, len(sample)) * len(frame)
    return (
        f"| {profile_id} | {len(kept.rows)} | {judging:.2f} | {states:.2f} | {listing:.2f} | {cap:.2f} "
        f"| {size / 1e6:.0f} / {peak / 1e6:.0f} | {peer:,.0f} ({peer / judging:,.0f}×) |"
    )


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--compounds", type=int, default=220_000)
    parser.add_argument("--one-by-one", type=int, default=200)
    parser.add_argument("--profiles", nargs="*", default=sorted(profiles()))
    given = parser.parse_args()
    frame = compounds(given.compounds)
    print(
        "| profile | rules | judge s | states s | 500 obstacles s | cap s | MB kept / peak | one by one s |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for profile_id in given.profiles:
        if any(rule.judged for rule in profiles()[profile_id].rules.values()):
            print(measure(frame, profile_id, one_by_one=given.one_by_one), flush=True)


if __name__ == "__main__":
    main()
