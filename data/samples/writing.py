"""Samples as plan files."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from data.samples.city import city
from data.samples.litong import litong_parking
from data.samples.plan import SamplePlan
from data.samples.yuncheng import yuncheng_2024
from data.store import Plan, create_plan
from errors import RecordError

__all__ = ["SAMPLE_IDS", "sample_plan", "write_sample"]

_NAMED: dict[str, Callable[[], SamplePlan]] = {
    "yuncheng-2024": yuncheng_2024,
    "litong-parking": litong_parking,
}
SAMPLE_IDS = tuple(_NAMED)
_CITY = re.compile(r"city:(\d{1,7}):(\d{1,9})")


def sample_plan(sample: str) -> SamplePlan:
    """Make up a sample by its id.

    Parameters
    ----------
    sample : str
        ``yuncheng-2024``, ``litong-parking``, or ``city:N:SEED`` for a made-up city of N compounds.

    Raises
    ------
    RecordError
        If there is no such sample.
    """
    if sample in _NAMED:
        return _NAMED[sample]()
    asked = _CITY.fullmatch(sample)
    if asked is None:
        known = "、".join(SAMPLE_IDS)
        raise RecordError(
            "示例",
            [f"没有名为“{sample}”的示例。可以用 {known}，或 city:个数:种子（如 city:500:1）。"],
        )
    return city(int(asked[1]), int(asked[2]))


def write_sample(path: str | Path, sample: str, actor: str) -> Plan:
    """Make a new plan file with a sample in it.

    Parameters
    ----------
    path : path
        New file; an existing one is never replaced.
    sample : str
        As for :func:`sample_plan`.
    actor : str
        Who makes it.

    Returns
    -------
    Plan
        Open; to be closed by the caller. The sample itself can not be undone: it is how the plan began.

    Raises
    ------
    RecordError
        If there is no such sample; no file is made.
    StoreError
        If the file can not be made there.
    """
    made = sample_plan(sample)
    plan = create_plan(
        path, name=made.name, actor=actor, settings={**made.settings, "sample": sample}
    )
    try:
        _fill(plan, made, actor)
    except BaseException:
        # Half a sample is no plan.
        plan.close()
        Path(path).unlink(missing_ok=True)
        raise
    return plan


def _fill(plan: Plan, made: SamplePlan, actor: str) -> None:
    with plan._edit(actor, "载入示例", kind="create") as tx:
        for layer, frame in made.layers.items():
            if len(frame):
                tx.insert(layer, frame)
        tx.append(
            "ledger",
            [
                {
                    "row_number": i + 1,
                    "compound_uid": row["uid"],
                    "name": row["name"],
                    "raw": {key: value for key, value in row.items() if key != "uid"},
                }
                for i, row in enumerate(made.ledger_rows)
            ],
        )
