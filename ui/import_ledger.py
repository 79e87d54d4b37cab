"""A ledger on its way into the plan: what the planner has decided, and what would come of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from data.findings import Finding
from data.import_records import differences
from data.importing import Imported, apply_ledger
from data.ledger_batches import stated_in
from data.ledger_check import check_ledger
from data.matching import Matching, match
from data.reading import LedgerSheet, ledger_frame, ledger_totals, read_ledger
from data.reading.columns import CERTAIN, MAPPABLE, SERIAL
from data.reading.units import UNITS
from data.store import Plan
from errors import RecordError
from ui import session
from ui.import_upload import Upload

__all__ = [
    "EXTRA",
    "FIELD_TITLES",
    "NEW",
    "UNIT_TITLES",
    "LedgerImport",
    "LedgerPreview",
    "current",
    "decided",
    "read",
    "unit_of",
]

EXTRA, LEFT_OUT = "存为附加字段", "不导入"
# Field of the reader (None: kept as it stands) to what the planner chooses.
FIELD_TITLES: dict[str | None, str] = {
    None: EXTRA,
    SERIAL: LEFT_OUT,
    **{name: title for name, title in MAPPABLE.items() if name != SERIAL},
}
UNIT_TITLES = ["元", "万元", "亿元", "平方米", "万平方米", "公顷", "亩", "户", "栋", "个"]
# Decision about a record that answers to no compound for certain.
NEW = ""


@dataclass(frozen=True, kw_only=True)
class LedgerPreview:
    """What an import would do.

    Attributes
    ----------
    frame : DataFrame
        Rows as values, index = row number.
    findings : tuple of Finding
        Of the reader, then of the check, without repetitions.
    blocking : tuple of Finding
        Errors of the reader: nothing can be imported.
    doubtful : tuple of Finding
        Errors of the check: to be confirmed.
    suggestions : tuple of Finding
        What would be read differently if the reader's proposals are taken.
    totals : dict of str to float
        What the ledger states in its row of totals.
    matching : Matching
        With the planner's decisions.
    open : tuple
        Labels of rows that the planner has to decide about.
    twice : tuple of str
        Uids that were chosen for more than one row.
    changes : DataFrame
        As of ``differences``.
    """

    frame: pd.DataFrame
    findings: tuple[Finding, ...]
    blocking: tuple[Finding, ...]
    doubtful: tuple[Finding, ...]
    suggestions: tuple[Finding, ...]
    totals: dict[str, float]
    matching: Matching
    open: tuple[Hashable, ...]
    twice: tuple[str, ...]
    changes: pd.DataFrame

    @property
    def new(self) -> int:
        """Rows that become compounds."""
        return len(self.frame) - len(self.matching.pairs)

    @property
    def updated(self) -> int:
        """Compounds that get other values."""
        return int(self.changes["uid"].nunique())

    @property
    def unchanged(self) -> int:
        """Compounds that the ledger says nothing new about."""
        return len(self.matching.pairs) - self.updated


@dataclass(kw_only=True)
class LedgerImport:
    """State of the import.

    Attributes
    ----------
    plan : str
        Path of the plan that it is for.
    upload : Upload
    sheet : LedgerSheet
    mapping : dict of int to str
        Column to field, as confirmed or proposed.
    units : dict of int to str
        Units that the planner has put right.
    confirmed : bool
        Whether the mapping is settled.
    take_suggestions, accept_doubtful : bool
        What the planner has agreed to.
    decisions : dict
        Row number to uid, or :data:`NEW`, where matching is not certain.
    serial : int
        Rises when the mapping table has to start anew.
    """

    plan: str
    upload: Upload
    sheet: LedgerSheet
    mapping: dict[int, str]
    units: dict[int, str] = field(default_factory=dict)
    confirmed: bool = False
    take_suggestions: bool = False
    accept_doubtful: bool = False
    decisions: dict[Hashable, str] = field(default_factory=dict)
    serial: int = 0
    _kept: tuple[Any, LedgerPreview] | None = None

    def confirm(self, settled: bool) -> None:
        """Settle the mapping, or open it again."""
        self.confirmed = settled
        self.serial += 1

    def problems(self) -> tuple[str, ...]:
        """Say what is wrong with the mapping."""
        try:
            ledger_frame(self.sheet, self.mapping, units=self.units)
        except RecordError as error:
            return error.problems
        return ()

    def preview(self, compounds: pd.DataFrame, revision: int) -> LedgerPreview:
        """Say what the import would do to `compounds`; worked out again only if something changed."""
        key = (
            revision,
            tuple(self.mapping.items()),
            tuple(self.units.items()),
            self.take_suggestions,
            tuple(self.decisions.items()),
        )
        if self._kept is None or self._kept[0] != key:
            self._kept = (key, self._preview(compounds))
        return self._kept[1]

    def apply(self, plan: Plan, preview: LedgerPreview, actor: str) -> Imported:
        """Take the rows in, all or none."""
        told = [one for one in preview.findings if one not in preview.doubtful]
        return apply_ledger(
            plan, preview.frame, self.sheet, actor, matching=preview.matching, findings=told
        )

    def _preview(self, compounds: pd.DataFrame) -> LedgerPreview:
        frame, told = ledger_frame(
            self.sheet, self.mapping, units=self.units, take_suggestions=self.take_suggestions
        )
        totals = ledger_totals(self.sheet, self.mapping, units=self.units)
        blocking = tuple(one for one in told if one.severity == "错误")
        # A cell that was not read is blank to the check, which would say so a second time.
        checked = [] if blocking else check_ledger(frame, totals=stated_in(self.sheet, frame))
        known = {one.message for one in told}
        checked = [one for one in checked if one.message not in known]
        found = match(compounds, frame)
        settled, still_open = decided(found, self.decisions)
        return LedgerPreview(
            frame=frame,
            findings=(*told, *checked),
            blocking=blocking,
            doubtful=tuple(one for one in checked if one.severity == "错误"),
            suggestions=() if self.take_suggestions else self._suggestions(blocking),
            totals=totals,
            matching=settled,
            open=still_open,
            twice=tuple(uid for uid, n in Counter(settled.pairs.values()).items() if n > 1),
            changes=differences(compounds, frame, settled.pairs),
        )

    def _suggestions(self, blocking: tuple[Finding, ...]) -> tuple[Finding, ...]:
        if not any(one.rule == "bad_value" for one in blocking):
            return ()
        _, told = ledger_frame(self.sheet, self.mapping, units=self.units, take_suggestions=True)
        return tuple(one for one in told if one.rule == "suggestion_taken")


def current(plan: str) -> LedgerImport | None:
    """Return the import under way in this session for a plan."""
    draft: LedgerImport | None = session.get(session.LEDGER_IMPORT)
    return draft if draft is not None and draft.plan == plan else None


def read(plan: str, upload: Upload, sheet: str | None = None) -> LedgerImport:
    """Read a ledger in the worker process and propose its mapping."""
    found = read_ledger(upload.path, upload.name, sheet=sheet, by_hand=True)
    return LedgerImport(
        plan=plan, upload=upload, sheet=found, mapping=found.mapping(min_confidence=CERTAIN)
    )


def decided(
    found: Matching, decisions: dict[Hashable, str]
) -> tuple[Matching, tuple[Hashable, ...]]:
    """Add the planner's decisions to a matching; tell which records still wait for one."""
    asked = [label for one in found.ambiguous for label in one.incoming]
    chosen = {label: uid for label, uid in decisions.items() if uid != NEW}
    pairs = {**{k: v for k, v in found.pairs.items() if k not in decisions}, **chosen}
    fresh = [label for label in asked if decisions.get(label) == NEW]
    taken = set(pairs.values())
    settled = replace(
        found,
        pairs=pairs,
        new=(*(label for label in found.new if label not in pairs), *fresh),
        unmatched=tuple(uid for uid in found.unmatched if uid not in taken),
    )
    return settled, tuple(label for label in asked if label not in decisions)


def unit_of(title: str) -> str | None:
    """Key of a unit that the planner chose; None if it is none of the reader's."""
    return title if title in UNITS else None
