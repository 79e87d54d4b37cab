"""How the ledger check writes a quantity, and which digit of a total is its last one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, SupportsFloat

import pandas as pd

from data.ledger_texts import COMPOUNDS
from data.schema import FIELDS

__all__ = ["Quantity", "named", "quantity_of", "significant_digits"]

# A message names so many compounds; the finding's rows name all.
_NAMED = 5


@dataclass(frozen=True, kw_only=True)
class Quantity:
    """A column as the ledger writes it.

    Attributes
    ----------
    title : str
        Chinese name.
    unit : str
        As shown: 万元, 万㎡, 户, 栋, 个.
    factor : int
        Stored units in one shown unit.
    """

    title: str
    unit: str
    factor: int = 1

    def text(self, value: SupportsFloat) -> str:
        """Write the value in the ledger's unit, with no digit lost."""
        return f"{self.number(value)} {self.unit}".rstrip()

    def number(self, value: SupportsFloat) -> str:
        """Write the value as `text` does, without the unit."""
        return f"{(Decimal(str(float(value))) / self.factor).normalize():f}"

    def tolerance(self, stated: float) -> float:
        """Half of the last digit of a total as written, in stored units; counts are exact."""
        if self.factor == 1:
            return 0.0
        decimals = -min(
            int((Decimal(str(stated)) / self.factor).normalize().as_tuple().exponent), 0
        )
        return float(Decimal(self.factor) / (2 * 10**decimals))


def quantity_of(name: str) -> Quantity:
    """Quantity of a field of the compounds layer, of ``grant_yuan`` (合计补助), or of the rows (小区数)."""
    if name == "grant_yuan":
        return Quantity(title="合计补助", unit="万元", factor=10_000)
    if name == COMPOUNDS:
        return Quantity(title="小区数", unit="个")
    field = FIELDS.get(name)
    if field is None:
        return Quantity(title=name, unit="")
    if field.kind == "yuan":
        return Quantity(title=field.title, unit="万元", factor=10_000)
    if field.kind == "area":
        return Quantity(title=field.title, unit="万㎡", factor=10_000)
    return Quantity(title=field.title, unit=field.unit)


def significant_digits(value: SupportsFloat) -> int:
    """Count the digits that carry something.

    Examples
    --------
    >>> significant_digits(218), significant_digits(1_100_000)
    (3, 2)
    """
    whole = f"{float(value):.2f}".rstrip("0").rstrip(".")
    return len(whole.replace(".", "").replace("-", "").strip("0"))


def named(frame: pd.DataFrame, rows: Sequence[Any]) -> str:
    """Names of rows for a message: the first few, then how many there are."""
    names = [_name(frame, row) for row in rows[:_NAMED]]
    more = f"等{len(rows)}个" if len(rows) > _NAMED else ""
    return "、".join(names) + more


def _name(frame: pd.DataFrame, row: Any) -> str:
    name = frame.loc[row, "name"] if "name" in frame else None
    return name if isinstance(name, str) and name else f"第{row}行"
