"""Money: whole yuan, exact. Sums of grants and contributions, the gap, shares that add up.

Missing means unknown (未知), 0 means none ("/" in the ledgers).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

import pandas as pd

from errors import RecordError
from policy.wording import NONE, UNKNOWN, YUAN_PER_WAN, format_wan

__all__ = [
    "CONTRIBUTION_COLUMNS",
    "GRANT_COLUMNS",
    "INVESTMENT_COLUMN",
    "contribution_yuan",
    "format_wan",
    "funding_gap_yuan",
    "grant_yuan",
    "parse_wan",
    "parse_wan_m2",
    "per_household",
    "share_exactly",
]

# The words of data/schema.py, which this room must not import; a test holds the two together.
INVESTMENT_COLUMN = "investment_yuan"
GRANT_COLUMNS = (
    "grant_central_yuan",
    "grant_provincial_yuan",
    "grant_city_yuan",
    "grant_district_yuan",
)
CONTRIBUTION_COLUMNS = (
    "contribution_residents_yuan",
    "contribution_utilities_yuan",
    "contribution_former_owner_yuan",
    "contribution_private_yuan",
    "contribution_bond_yuan",
)

# A cell that a spreadsheet has computed carries binary noise far below a fen.
_CELL_NOISE = Decimal("0.0001")

# No figure of a plan has more digits before the point: 1e999999 is a slip or an attack.
_MOST_DIGITS = 15


def grant_yuan(frame: pd.DataFrame, *, columns: Sequence[str] = GRANT_COLUMNS) -> pd.Series[int]:
    """补助 of each row: what central, provincial, city and district budgets give.

    Parameters
    ----------
    frame : DataFrame
        With some or all of `columns`, whole yuan, missing = unknown.
    columns : sequence of str
        Columns to add up.

    Returns
    -------
    Series
        ``Int64``, index of `frame`, name ``grant_yuan``. Unknown only where all are unknown: a ledger
        without a column for city money does not make the central money unknown.

    Examples
    --------
    >>> rows = pd.DataFrame({"grant_central_yuan": [300_000, None], "grant_provincial_yuan": [700_000, None]})
    >>> grant_yuan(rows).tolist()
    [1000000, <NA>]
    """
    return _known_sum(frame, columns, "grant_yuan")


def contribution_yuan(
    frame: pd.DataFrame, *, columns: Sequence[str] = CONTRIBUTION_COLUMNS
) -> pd.Series[int]:
    """出资 of each row: residents, utilities, former owners, private capital and bonds.

    Parameters and result as in `grant_yuan`; name ``contribution_yuan``.
    """
    return _known_sum(frame, columns, "contribution_yuan")


def funding_gap_yuan(frame: pd.DataFrame) -> pd.Series[int]:
    """资金缺口 of each row: investment less grants less contributions.

    Parameters
    ----------
    frame : DataFrame
        With ``investment_yuan`` and some of the grant and contribution columns.

    Returns
    -------
    Series
        ``Int64``, index of `frame`, name ``funding_gap_yuan``. Below 0 where more is promised than is
        needed. Unknown where the investment is unknown or no source at all is known; a single unknown
        source covers nothing yet.

    Examples
    --------
    >>> rows = pd.DataFrame({"investment_yuan": [1_100_000], "grant_central_yuan": [1_000_000]})
    >>> funding_gap_yuan(rows).tolist()
    [100000]
    """
    covered = _known_sum(frame, (*GRANT_COLUMNS, *CONTRIBUTION_COLUMNS), "covered")
    if INVESTMENT_COLUMN not in frame:
        return _unknown_series(frame, "funding_gap_yuan")
    return (frame[INVESTMENT_COLUMN].astype("Int64") - covered).rename("funding_gap_yuan")


def per_household(amounts: pd.Series[Any], households: pd.Series[Any]) -> pd.Series[float]:
    """Divide an amount by the households of each row.

    Parameters
    ----------
    amounts : Series
        Yuan (or ㎡), missing = unknown.
    households : Series
        Same labels.

    Returns
    -------
    Series
        ``Float64``, index of `amounts`, named after it with ``_per_household``; unknown where either is
        unknown or there are no households. Not rounded: rounding belongs to the display.

    Examples
    --------
    >>> per_household(pd.Series([400_000], name="investment_yuan"), pd.Series([24])).round().tolist()
    [16667.0]
    """
    count = households.reindex(amounts.index).astype("Float64")
    count = count.mask(count <= 0)
    return (amounts.astype("Float64") / count).rename(f"{amounts.name}_per_household")


def parse_wan(value: object, *, where: str = "金额") -> int | None:
    """Read a cell in 万元 as whole yuan, exactly.

    Parameters
    ----------
    value : object
        Text, int, float or Decimal in 万元; "/" and "-" mean none (0), an empty cell or 未知 unknown.
    where : str
        What the message calls the cell, such as 台账第 12 行“预计投资额”.

    Returns
    -------
    int or None

    Raises
    ------
    RecordError
        If it is no number, or not a whole number of yuan.

    Examples
    --------
    >>> parse_wan(400.8), parse_wan("1,928.8 万元"), parse_wan("/"), parse_wan(None)
    (4008000, 19288000, 0, None)
    """
    number = _number(value, where=where, unit="万元")
    if number is None:
        return None
    yuan = number * YUAN_PER_WAN
    whole = yuan.to_integral_value()
    noise = _CELL_NOISE if isinstance(value, float) else Decimal(0)
    if abs(yuan - whole) > noise:
        raise RecordError(
            where, [f"{value} 万元不是整数元（小数点后最多四位），请按整元填写后重新导入。"]
        )
    return int(whole)


def parse_wan_m2(value: object, *, where: str = "面积") -> float | None:
    """Read a cell in 万平方米 as ㎡.

    Parameters
    ----------
    value : object
        As in `parse_wan`.
    where : str
        What the message calls the cell.

    Returns
    -------
    float or None

    Raises
    ------
    RecordError
        If it is no number.

    Examples
    --------
    >>> parse_wan_m2(0.35), parse_wan_m2("98.6万㎡")
    (3500.0, 986000.0)
    """
    number = _number(value, where=where, unit="万平方米")
    return None if number is None else float(number * 10_000)


def share_exactly(total: int, weights: Sequence[float | Fraction]) -> list[int]:
    """Share a whole number out by weights so that the parts add up to it (largest remainder).

    Parameters
    ----------
    total : int
        Households or yuan; may be negative (a gap).
    weights : sequence of float or Fraction
        Such as areas, 0 or more; all 0 shares evenly. Fractions are taken exactly.

    Returns
    -------
    list of int
        One for each weight. Equal remainders go to the first.

    Raises
    ------
    RecordError
        If there are no weights, or one is negative or not a number.

    Examples
    --------
    >>> share_exactly(100, [1, 1, 1]), share_exactly(581, [2, 1])
    ([34, 33, 33], [387, 194])
    """
    exact = _checked_weights(weights)
    whole = sum(exact)
    sign, size = (-1, -total) if total < 0 else (1, total)
    shares = [size * weight / whole for weight in exact]
    parts = [int(share) for share in shares]
    by_remainder = sorted(range(len(parts)), key=lambda k: (parts[k] - shares[k], k))
    for k in by_remainder[: size - sum(parts)]:
        parts[k] += 1
    return [sign * part for part in parts]


def _known_sum(frame: pd.DataFrame, columns: Sequence[str], name: str) -> pd.Series[int]:
    present = [column for column in columns if column in frame]
    if not present:
        return _unknown_series(frame, name)
    amounts = pd.DataFrame(frame[present]).astype("Int64")
    return amounts.sum(axis=1, min_count=1).astype("Int64").rename(name)


def _unknown_series(frame: pd.DataFrame, name: str) -> pd.Series[int]:
    return pd.Series(pd.NA, index=frame.index, dtype="Int64", name=name)


def _number(value: object, *, where: str, unit: str) -> Decimal | None:
    if value is None or value is pd.NA or value != value:  # noqa: PLR0124 - NaN
        return None
    if isinstance(value, float):
        value = repr(float(value))
    text = re.sub(r"[\s,]", "", unicodedata.normalize("NFKC", str(value)))
    text = re.sub(r"(万元|万|万平方米|万平米|万m2)$", "", text)
    if text in {"", UNKNOWN, "不详", "待定"}:
        return None
    if text in {NONE, "-", "—", "--", "无"}:
        return Decimal(0)
    try:
        number = Decimal(text)
    except InvalidOperation as err:
        raise RecordError(
            where, [f"“{value}”不是数字，请改成以{unit}为单位的数字；没有填“/”，不知道就留空。"]
        ) from err
    if not number.is_finite() or number.adjusted() > _MOST_DIGITS:
        raise RecordError(where, [f"“{str(value)[:40]}”不是合理的数，请改成以{unit}为单位的数字。"])
    return number


def _checked_weights(weights: Sequence[float | Fraction]) -> list[Fraction]:
    if not len(weights):
        raise RecordError("分摊", ["没有可以分摊的对象，请至少选一个。"])
    if not all(weight >= 0 and weight != float("inf") for weight in weights):
        raise RecordError("分摊", ["分摊的权重（如面积）有负数或未知，请先补全。"])
    exact = [w if isinstance(w, Fraction) else Fraction(float(w)) for w in weights]
    return exact if sum(exact) else [Fraction(1)] * len(exact)
