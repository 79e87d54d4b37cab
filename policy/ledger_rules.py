"""What each finding of the ledger check rests on: a clause or a rule of thumb, and the figures it uses.

The entries are `standards/ledger_rules.yaml`; `data/` looks for what does not fit and cites them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

from errors import PolicyError
from policy.documents import cite
from policy.reader import STANDARDS, check_date, check_keys, check_source, check_text, read_rules

__all__ = ["RULE_OF_THUMB", "LedgerRule", "because", "ledger_rule", "ledger_rules"]

RULE_OF_THUMB = "经验值"
_CONFIDENCES = ("高", "中", "低")


@dataclass(frozen=True, kw_only=True)
class LedgerRule:
    """One rule of the check.

    Attributes
    ----------
    id : str
        As `Finding.rule`.
    title : str
        In a few words.
    basis : str
        The reason, as it stands at the end of a message.
    document, section : str or None
        Where it stands; None for a rule of thumb.
    confidence : {"高", "中", "低"}
    values : mapping of str to Fraction
        Figures, exact.
    """

    id: str
    title: str
    basis: str
    document: str | None
    section: str | None
    confidence: str
    values: Mapping[str, Fraction]

    @property
    def because(self) -> str:
        """The reason in brackets, with its clause.

        Examples
        --------
        >>> ledger_rule("fully_granted").because
        '（依据：谁受益、谁出资〔云城区2024年实施方案 四〕）'
        >>> ledger_rule("area_per_household").because
        '（经验值：一般30–150㎡/户）'
        """
        if self.document is None or self.section is None:
            return f"（{RULE_OF_THUMB}：{self.basis}）"
        return f"（依据：{self.basis}{cite(self.document, self.section)}）"

    def number(self, name: str) -> float:
        """Return a figure as a float, for statistics; counts and money are held against `values`."""
        return float(self.values[name])


def ledger_rule(key: str) -> LedgerRule:
    """Find a rule of the check.

    Raises
    ------
    PolicyError
        If there is none of that id.
    """
    if key not in ledger_rules():
        raise PolicyError(f"没有台账核对规则“{key}”，可用的有：{'、'.join(ledger_rules())}。")
    return ledger_rules()[key]


def because(key: str) -> str:
    """Reason of a rule in brackets, as it ends a message.

    Examples
    --------
    >>> because("grant_total")
    '（依据：合计补助＝各级补助之和〔云城区2024年实施方案 附件〕）'
    """
    return ledger_rule(key).because


@cache
def ledger_rules(path: Path = STANDARDS / "ledger_rules.yaml") -> Mapping[str, LedgerRule]:
    """All rules by id.

    Raises
    ------
    PolicyError
        If the file is malformed.
    """
    file = check_keys(read_rules(path), where=path.name, required=("checked_on", "rules"))
    check_date(file["checked_on"], where=f"{path.name}：checked_on")
    if not isinstance(file["rules"], dict):
        raise PolicyError(f"{path.name}：rules 应是“规则名: 内容”。")
    return {key: _rule(key, entry, f"{path.name}：{key}") for key, entry in file["rules"].items()}


def _rule(key: str, entry: object, where: str) -> LedgerRule:
    values = check_keys(
        entry,
        where=where,
        required=("title", "basis", "source", "confidence"),
        optional=("values",),
    )
    thumb = values["source"] == RULE_OF_THUMB
    source = (None, None) if thumb else check_source(values["source"], where=f"{where}.source")
    if values["confidence"] not in _CONFIDENCES:
        raise PolicyError(
            f"{where}.confidence 是 {values['confidence']!r}，只能是：{'、'.join(_CONFIDENCES)}。"
        )
    figures = values.get("values", {})
    if not isinstance(figures, dict):
        raise PolicyError(f"{where}.values 应是“名称: 数字”。")
    return LedgerRule(
        id=key,
        title=check_text(values["title"], where=f"{where}.title"),
        basis=check_text(values["basis"], where=f"{where}.basis"),
        document=source[0],
        section=source[1],
        confidence=values["confidence"],
        values={k: _figure(raw, f"{where}.values.{k}") for k, raw in figures.items()},
    )


def _figure(raw: Any, where: str) -> Fraction:
    """Whole number, or a text with a fraction, a decimal or per cent: no float, so nothing is rounded."""
    # A float of YAML is turned into text that is no fraction.
    text = str(raw) if isinstance(raw, int | str) and not isinstance(raw, bool) else repr([raw])
    try:
        number = Fraction(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except (ValueError, ZeroDivisionError) as err:
        raise PolicyError(f'{where} 是 {raw!r}，应写成 30、"3.5"、"1/3" 或 "2%" 的样子。') from err
    if number < 0:
        raise PolicyError(f"{where} 是 {raw}，不能小于 0，请改正。")
    return number
