"""Parts of a compound, held against the compound: in its record, or as rows of their own in the ledger."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from data.findings import Finding, Severity
from data.ledger_names import core_name, plain_name
from data.ledger_words import named, quantity_of, significant_digits
from data.schema import CONTRIBUTION_FIELDS, GRANT_FIELDS
from policy.ledger_rules import because, ledger_rule

__all__ = ["PartRows", "check_part_rows", "check_parts", "part_rows", "parts_of"]

_LETTER = r"(?:[A-Za-z]\d{0,2}|[一二三四五六七八九十]{1,3}|\d{1,2})"
_PART = re.compile(
    rf"^(?P<whole>.{{2,}}?)[(]?(?P<part>(?:{_LETTER}(?:区|期|组团|片)|[A-Z]\d?)"
    rf"(?:[、和及]{_LETTER}(?:区|期|组团|片))*)[)]?$"
)
_PART_END = re.compile(r"[区期团片\dA-Za-zＡ-Ｚａ-ｚ０-９)）\s]$")
_COUNTED = (
    "households",
    "building_count",
    "floor_area_m2",
    "investment_yuan",
    *GRANT_FIELDS,
    *CONTRIBUTION_FIELDS,
    "stalls_new",
)


@dataclass(frozen=True, kw_only=True)
class PartRows:
    """Rows that are parts of one compound.

    Attributes
    ----------
    parts : tuple
        Labels of the parts.
    parent : object or None
        Label of the row of the whole compound, if the ledger has one.
    ties : tuple of str
        Fields in which the parent is the sum of its parts.
    """

    parts: tuple[Any, ...]
    parent: Any = None
    ties: tuple[str, ...] = ()


def parts_of(frame: pd.DataFrame) -> list[tuple[Any, list[dict[str, Any]]]]:
    """Compounds that are made of parts (``extra["parts"]``), with their parts."""
    if "extra" not in frame:
        return []
    return [
        (label, extra["parts"])
        for label, extra in frame["extra"].items()
        if isinstance(extra, Mapping) and isinstance(extra.get("parts"), list)
    ]


def check_parts(frame: pd.DataFrame) -> list[Finding]:
    """Hold the parts of a compound against its own figures: rule ``sum_of_parts``."""
    findings = []
    for label, parts in parts_of(frame):
        for name in sorted({key for part in parts for key in part} & set(_COUNTED)):
            values = [part.get(name) for part in parts]
            if name not in frame or any(value is None for value in values):
                continue
            together = sum(float(value) for value in values if value is not None)
            finding = _against(
                frame, label, name, together, said=f"它的{len(parts)}个分区", severity="错误"
            )
            findings += [] if finding is None else [finding]
    return findings


def part_rows(frame: pd.DataFrame) -> list[PartRows]:
    """Find rows that are parts of one compound by their names: 金花园小区A区, B区, C区.

    Parameters
    ----------
    frame : DataFrame
        With ``name``; figures are used to tell a parent from a neighbour.

    Returns
    -------
    list of PartRows
        Groups of two parts and more.
    """
    if "name" not in frame:
        return []
    wholes, parts = _by_place(frame)
    groups = {key: labels for key, labels in parts.items() if len(labels) > 1}
    return [
        PartRows(
            parts=tuple(labels),
            parent=wholes.get(key),
            ties=_ties(frame, wholes.get(key), labels),
        )
        for key, labels in groups.items()
    ]


def check_part_rows(frame: pd.DataFrame) -> list[Finding]:
    """Hold a row against the rows of its parts: rules ``part_rows`` and ``sum_of_parts``.

    Where the parent is the sum of its parts in one field, it must be in all; where it is in none, a parent
    that lies near the sum is only told, and in a long table not even that.
    """
    findings = []
    short = len(frame) <= ledger_rule("repeated_number").values["long_table"]
    near = ledger_rule("part_rows").values["near"]
    for group in part_rows(frame):
        if group.parent is None:
            continue
        parts = list(group.parts)
        if group.ties:
            findings.append(_both(frame, group))
        for name in _shared(frame, group.parent, parts):
            if name in group.ties:
                continue
            together = float(frame.loc[parts, name].astype("float64").sum())
            off = abs(float(frame.loc[group.parent, name]) - together)
            severity: Severity = "错误" if group.ties else "提醒"
            if group.ties or (short and off <= near * together):
                said = f"“{named(frame, parts)}”各行"
                finding = _against(
                    frame, group.parent, name, together, said=said, severity=severity
                )
                findings += [] if finding is None else [finding]
    return findings


def _by_place(frame: pd.DataFrame) -> tuple[dict[Any, Any], dict[Any, list[Any]]]:
    """Rows without and with the name of a part, by 街道, 社区 and core of the name."""
    blank = pd.Series(None, index=frame.index, dtype=object)
    columns = [frame["name"], *(frame.get(name, blank) for name in ("subdistrict", "community"))]
    others: dict[Any, list[tuple[Any, str]]] = defaultdict(list)
    parts: dict[Any, list[Any]] = defaultdict(list)
    for label, name, *place in zip(frame.index, *(list(one) for one in columns), strict=True):
        if not isinstance(name, str) or not name.strip():
            continue
        where = tuple(one if isinstance(one, str) else "" for one in place)
        found = _PART.match(plain_name(name)) if _PART_END.search(name) else None
        if found is None:
            others[where].append((label, name))
        else:
            parts[(*where, core_name(found["whole"]))].append(label)
    wholes: dict[Any, Any] = {}
    # Only where there are parts is a whole looked for: most ledgers have none.
    for where in {key[:-1] for key, labels in parts.items() if len(labels) > 1}:
        for label, name in others[where]:
            wholes.setdefault((*where, core_name(name)), label)
    return wholes, parts


def _both(frame: pd.DataFrame, group: PartRows) -> Finding:
    parts, name = list(group.parts), group.ties[0]
    quantity = quantity_of(name)
    sum_ = "＋".join(f"{quantity.number(frame.loc[row, name])}" for row in parts)
    return Finding(
        rule="part_rows",
        severity="说明",
        rows=(group.parent, *parts),
        found=quantity.text(frame.loc[group.parent, name]),
        expected=f"{sum_} {quantity.unit}",
        message=f"“{named(frame, [group.parent])}”与它的分区“{named(frame, parts)}”同列，"
        f"{quantity.title}{quantity.text(frame.loc[group.parent, name])}＝{sum_}，核对合计时只计小区一行"
        f"{because('part_rows')}。",
    )


def _against(
    frame: pd.DataFrame,
    label: Any,
    name: str,
    together: float,
    *,
    said: str,
    severity: Severity,
) -> Finding | None:
    whole, quantity = frame[name].get(label), quantity_of(name)
    if whole is None or pd.isna(whole):
        return None
    if abs(together - float(whole)) <= quantity.tolerance(float(whole)):
        return None
    return Finding(
        rule="sum_of_parts",
        severity=severity,
        rows=(label,),
        found=quantity.text(whole),
        expected=quantity.text(together),
        message=f"“{named(frame, [label])}”的{quantity.title}是{quantity.text(whole)}，而{said}合计为"
        f"{quantity.text(together)}，相差{quantity.text(abs(together - float(whole)))}。"
        f"请核对后改正其中之一{because('sum_of_parts')}。",
    )


def _shared(frame: pd.DataFrame, parent: Any, parts: list[Any]) -> list[str]:
    """Fields that the parent and all parts know."""
    rows = [parent, *parts]
    return [name for name in _COUNTED if name in frame and frame.loc[rows, name].notna().all()]


def _ties(frame: pd.DataFrame, parent: Any, parts: list[Any]) -> tuple[str, ...]:
    """Fields in which the parent is the sum; two small counts may be that by chance."""
    if parent is None:
        return ()
    ties = tuple(
        name
        for name in _shared(frame, parent, parts)
        if float(frame.loc[parent, name]) > 0
        and float(frame.loc[parts, name].astype("float64").sum()) == float(frame.loc[parent, name])
    )
    digits = ledger_rule("repeated_number").values["digits"]
    telling = [name for name in ties if significant_digits(frame.loc[parent, name]) >= digits]
    return ties if telling or len(ties) > 1 else ()
