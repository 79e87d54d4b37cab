"""Totals that ledgers state, kept with the rows that they are totals of.

The plan's setting ``ledger_totals`` is a list with one entry an imported ledger, or, in the samples, a mapping
of totals of all compounds. A later ledger about the same compounds takes the place of an earlier one; one about
others stands beside it.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from data.ledger_texts import TextTotals, text_totals

if TYPE_CHECKING:
    from data.reading.ledger import LedgerSheet

__all__ = ["SETTING", "StatedTotals", "kept_with", "stated_in", "stated_totals"]

SETTING = "ledger_totals"

Entry = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class StatedTotals:
    """Totals of one ledger.

    Attributes
    ----------
    file_name : str
        Empty where it is not known.
    rows : tuple or None
        Labels of its compounds; None for all there are.
    totals : dict
        Of its row of totals, by field name, in stored units; empty if it has none.
    texts : tuple of TextTotals
        What its title and notes state.
    expected : bool
        Whether a ledger stands behind it, so that a missing row of totals is worth a word.
    """

    file_name: str
    rows: tuple[Hashable, ...] | None
    totals: dict[str, float]
    texts: tuple[TextTotals, ...] = ()
    expected: bool = True

    def part_of(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Rows of a frame that this ledger is about."""
        if self.rows is None:
            return frame
        return frame.loc[frame.index.isin(list(self.rows))]


def stated_in(sheet: LedgerSheet, frame: pd.DataFrame) -> list[Entry]:
    """Totals of a ledger that is not in a plan, for ``check_ledger``.

    Parameters
    ----------
    sheet : LedgerSheet
    frame : DataFrame
        As ``ledger_frame`` gives it.
    """
    return [_entry(sheet, frame, uids=None)]


def kept_with(
    held: object,
    frame: pd.DataFrame,
    sheet: LedgerSheet,
    *,
    uids: Sequence[str],
    before: Sequence[str],
) -> list[Entry]:
    """Give the setting after an import: the new ledger's totals and those that it leaves standing.

    Parameters
    ----------
    held : object
        Setting as it is.
    frame : DataFrame
        As ``ledger_frame`` gives it.
    sheet : LedgerSheet
    uids : sequence of str
        Compounds that the rows became.
    before : sequence of str
        Compounds that were there: totals of all compounds were totals of these.

    Returns
    -------
    list of dict
        A ledger that shares a compound with the new one is forgotten: its totals are of figures that the
        new one has replaced.
    """
    entries: list[Entry] = [dict(one) for one in held] if isinstance(held, list) else []
    if isinstance(held, Mapping) and held:
        entries = [{"file": "", "sheet": "", "uids": list(before), "totals": dict(held)}]
    mine = set(uids)
    others = [one for one in entries if not mine.intersection(one.get("uids") or ())]
    return [*others, _entry(sheet, frame, uids=list(uids))]


def stated_totals(held: object) -> tuple[StatedTotals, ...]:
    """Read the setting, or plain totals of all rows; what is none of these states nothing.

    Examples
    --------
    >>> [one.totals for one in stated_totals({"households": 1061})]
    [{'households': 1061.0}]
    """
    if isinstance(held, Mapping):
        totals = _numbers(held)
        return (StatedTotals(file_name="", rows=None, totals=totals, expected=False),)
    entries = held if isinstance(held, list | tuple) else ()
    return tuple(_stated(one) for one in entries if isinstance(one, Mapping))


def _entry(sheet: LedgerSheet, frame: pd.DataFrame, *, uids: list[str] | None) -> Entry:
    texts = text_totals(sheet.texts)
    return {
        "file": sheet.file_name,
        "sheet": sheet.sheet,
        "uids": uids,
        "totals": dict(frame.attrs.get("totals", {})),
        "texts": [{"row": one.row, "text": one.text, "totals": one.totals} for one in texts],
    }


def _stated(entry: Mapping[str, Any]) -> StatedTotals:
    uids, texts = entry.get("uids"), entry.get("texts")
    return StatedTotals(
        file_name=str(entry.get("file") or ""),
        rows=tuple(uids) if isinstance(uids, list | tuple) else None,
        totals=_numbers(entry.get("totals")),
        texts=tuple(
            TextTotals(
                row=int(one.get("row", 0)),
                text=str(one.get("text", "")),
                totals=_numbers(one.get("totals")),
            )
            for one in (texts if isinstance(texts, list | tuple) else ())
            if isinstance(one, Mapping)
        ),
        expected="file" in entry and bool(entry["file"]),
    )


def _numbers(totals: object) -> dict[str, float]:
    if not isinstance(totals, Mapping):
        return {}
    return {
        str(name): float(value)
        for name, value in totals.items()
        if isinstance(value, int | float) and not isinstance(value, bool) and value == value  # noqa: PLR0124 - NaN
    }
