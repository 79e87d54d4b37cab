"""Progress of a month as a planner types it: per cent and 万元, read exactly."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from errors import RecordError

__all__ = ["progress_texts", "read_progress"]

YUAN_PER_WAN = 10_000
# Longer than any figure of these plans; what is longer is a slip of the hand.
LONGEST = 20


def read_progress(percent: object, paid_wan: object, where: str) -> dict[str, Any]:
    """Read progress and what has been paid so far.

    Parameters
    ----------
    percent : object
        0–100, with or without %; blank where not known.
    paid_wan : object
        万元, with or without thousands separators; blank where not known, 0 where nothing has been paid.
    where : str
        The compound, as the planner knows it.

    Returns
    -------
    dict
        ``progress`` (share) and ``paid_yuan`` (whole yuan), None where not known.

    Raises
    ------
    RecordError
        With all problems at once.

    Examples
    --------
    >>> read_progress("35", "1,200.5", "甲小区")
    {'progress': 0.35, 'paid_yuan': 12005000}
    >>> read_progress("", "", "甲小区")
    {'progress': None, 'paid_yuan': None}
    """
    problems: list[str] = []
    share = _number(percent, "%", "形象进度", "35 表示 35%", problems)
    paid = _number(paid_wan, "万元", "累计已付", "120.5", problems)
    if share is not None and not 0 <= share <= 100:
        problems.append(f"形象进度“{percent}”应在 0 到 100 之间，如 35 表示 35%。")
    if paid is not None and paid < 0:
        problems.append(f"累计已付“{paid_wan}”不能小于 0；不知道时留空。")
    elif paid is not None and (paid * YUAN_PER_WAN) % 1:
        problems.append(f"累计已付“{paid_wan}”万元不是整元，请核对小数位。")
    if problems:
        raise RecordError(where, problems)
    return {
        "progress": None if share is None else float(share / 100),
        "paid_yuan": None if paid is None else int(paid * YUAN_PER_WAN),
    }


def progress_texts(progress: float | None, paid_yuan: int | None) -> tuple[str, str]:
    """Write a record as a planner would type it, exact; blank where not known.

    Examples
    --------
    >>> progress_texts(0.35, 12_005_000), progress_texts(None, 0)
    (('35', '1200.5'), ('', '0'))
    """
    percent = "" if progress is None else _plain(Decimal(str(progress)) * 100)
    return percent, "" if paid_yuan is None else _plain(Decimal(paid_yuan) / YUAN_PER_WAN)


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _number(
    value: object, unit: str, title: str, example: str, problems: list[str]
) -> Decimal | None:
    text = "" if value is None else str(value).strip().removesuffix(unit).strip()
    if not text:
        return None
    plain = text.replace(",", "").replace("，", "").replace("％", "").removesuffix("%")
    try:
        number = Decimal(plain)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or len(plain) > LONGEST or "e" in plain.lower():
        problems.append(f"{title}“{text[:LONGEST]}”不是数字，请填如 {example}，不知道时留空。")
        return None
    return number
