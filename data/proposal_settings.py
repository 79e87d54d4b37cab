"""What a planner asks of an automatic proposal: limits, aim, weights, who takes part; kept and told in words."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from errors import RecordError
from geo.adjacency import DEFAULT_MAX_GAP_M
from geo.bundle_problem import Aim, BundleLimits, BundleWeights, Subdistricts
from policy.wording import format_wan

__all__ = [
    "AIMS",
    "ELIGIBLE",
    "MOST_PROPOSALS",
    "OVER",
    "SUBDISTRICTS",
    "Eligible",
    "Over",
    "ProposalSettings",
]

Over = Literal["all", "ungrouped", "selection"]
Eligible = Literal["all", "arguable", "clear"]

OVER: dict[Over, str] = {"all": "全部小区", "ungrouped": "未分组的", "selection": "所选的"}
ELIGIBLE: dict[Eligible, str] = {
    "arguable": "准入符合或需论证的",
    "clear": "准入符合的",
    "all": "不看准入",
}
AIMS: dict[Aim, str] = {"most": "片区尽量多", "fewest": "片区尽量少", "free": "不论多少"}
SUBDISTRICTS: dict[Subdistricts, str] = {
    "off": "可跨街道",
    "prefer": "尽量不跨街道",
    "hard": "不得跨街道",
}

# The planner's first limits, not law; plans give none.
_FIRST_MIN_HOUSEHOLDS, _FIRST_MAX_HOUSEHOLDS = 500, 2_000
_FIRST_PROPOSALS, MOST_PROPOSALS = 3, 4
# Beyond what any plan has, and within what JSON and 64 bits hold.
_MOST = 10**15

_WHAT = "自动方案的设置"
_WEIGHTS = {"compact": "紧凑", "balanced": "户数均衡", "money": "资金平衡", "subdistrict": "街道"}


@dataclass(frozen=True, kw_only=True)
class ProposalSettings:
    """What the planner has asked for.

    Attributes
    ----------
    gap_m : float
        Compounds within this distance are neighbours.
    min_households, max_households : int or None
        Limits of a 片区; None is no limit.
    max_investment_yuan : int or None
        Most that the works of a 片区 may cost.
    max_diameter_m : float or None
        Most that a 片区 may reach from end to end.
    subdistricts : str
        ``off``, ``prefer`` or ``hard``: whether a 片区 may lie in several subdistricts.
    aim : str
        ``most``, ``fewest`` or ``free``.
    weights : BundleWeights
        What counts among proposals of as many 片区.
    pick : int or None
        Only the best so many 片区; the rest stays 未分组.
    proposals : int
        How many to compare, 1 to :data:`MOST_PROPOSALS`.
    seed : int
        Start of the search; the same gives the same proposals.
    over : str
        Which compounds: ``all``, ``ungrouped`` or ``selection``.
    only_eligible : str
        ``all``, ``arguable`` (准入 is 符合 or 需论证) or ``clear`` (符合).
    together : tuple of tuples of str
        Compounds that have to be in one 片区, by uid.
    apart : tuple of pairs of str
        Compounds that may not be.
    """

    gap_m: float = DEFAULT_MAX_GAP_M
    min_households: int | None = _FIRST_MIN_HOUSEHOLDS
    max_households: int | None = _FIRST_MAX_HOUSEHOLDS
    max_investment_yuan: int | None = None
    max_diameter_m: float | None = None
    subdistricts: Subdistricts = "off"
    aim: Aim = "most"
    weights: BundleWeights = field(default_factory=BundleWeights)
    pick: int | None = None
    proposals: int = _FIRST_PROPOSALS
    seed: int = 0
    over: Over = "all"
    only_eligible: Eligible = "arguable"
    together: tuple[tuple[str, ...], ...] = ()
    apart: tuple[tuple[str, str], ...] = ()

    @property
    def limits(self) -> BundleLimits:
        """Limits of every 片区."""
        return BundleLimits(
            min_households=self.min_households,
            max_households=self.max_households,
            max_investment_yuan=self.max_investment_yuan,
            max_diameter_m=self.max_diameter_m,
            subdistricts=self.subdistricts,
        )

    @property
    def words(self) -> str:
        """The settings as they are shown and written into the history."""
        told = [
            f"相邻间距 {self.gap_m:g} 米",
            f"户数下限 {_or_none(self.min_households, '户')}、上限 {_or_none(self.max_households, '户')}",
        ]
        if self.max_investment_yuan is not None:
            told.append(f"投资上限 {format_wan(self.max_investment_yuan)} 万元")
        if self.max_diameter_m is not None:
            told.append(f"跨度上限 {self.max_diameter_m:g} 米")
        told += [SUBDISTRICTS[self.subdistricts], f"目标：{AIMS[self.aim]}", self._weights_words()]
        if self.pick is not None:
            told.append(f"只取最好的 {self.pick:,} 个片区")
        told += [
            f"随机种子 {self.seed}",
            f"范围：{OVER[self.over]}，{ELIGIBLE[self.only_eligible]}",
        ]
        if self.together or self.apart:
            told.append(f"必须同片 {len(self.together)} 组、必须分开 {len(self.apart)} 对")
        return "，".join(told)

    def _weights_words(self) -> str:
        names = [
            name for name in _WEIGHTS if name != "subdistrict" or self.subdistricts == "prefer"
        ]
        return "权重：" + "、".join(
            f"{_WEIGHTS[name]} {getattr(self.weights, name):g}" for name in names
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the settings as plain values that JSON knows."""
        plain = dataclasses.asdict(self)
        plain["together"] = [list(group) for group in self.together]
        plain["apart"] = [list(pair) for pair in self.apart]
        return plain

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> ProposalSettings:
        """Read settings from plain values; what is missing is as at first.

        Raises
        ------
        RecordError
            All that is unknown or makes no sense, at once.
        """
        problems = [f"不认识“{name}”这一项。" for name in plain if name not in _CHECKS]
        for name, (check, wanted) in _CHECKS.items():
            if name in plain and not check(plain[name]):
                problems.append(f"“{name}”是 {_short(plain[name])}，应为{wanted}。")
        if problems:
            raise RecordError(_WHAT, problems)
        given = dict(plain)
        if "weights" in given:
            given["weights"] = BundleWeights(**given["weights"])
        for name in ("together", "apart"):
            if name in given:
                given[name] = tuple(tuple(group) for group in given[name])
        return cls(**given)


def _or_none(limit: int | None, unit: str) -> str:
    return "不限" if limit is None else f"{limit:,} {unit}"


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:60]}…"


# --- what plain values have to be -----------------------------------------------------------------

_Check = Callable[[Any], bool]


def _whole(low: int, high: int = _MOST, *, may_lack: bool = False) -> _Check:
    def check(value: Any) -> bool:
        if value is None:
            return may_lack
        return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high

    return check


def _real(*, above: float | None = None, may_lack: bool = False) -> _Check:
    def check(value: Any) -> bool:
        if value is None:
            return may_lack
        if not isinstance(value, int | float) or isinstance(value, bool):
            return False
        return 0 <= value <= _MOST and math.isfinite(value) and (above is None or value > above)

    return check


def _one_of(known: Mapping[Any, str]) -> _Check:
    return lambda value: isinstance(value, str) and value in known


def _groups(*, fewest: int, most: int | None) -> _Check:
    def is_group(group: Any) -> bool:
        if not isinstance(group, list | tuple) or not all(isinstance(uid, str) for uid in group):
            return False
        return len(set(group)) == len(group) >= fewest and (most is None or len(group) <= most)

    return lambda value: isinstance(value, list | tuple) and all(is_group(group) for group in value)


def _is_weights(value: Any) -> bool:
    if not isinstance(value, Mapping) or not set(value) <= set(_WEIGHTS):
        return False
    return all(_real()(weight) for weight in value.values())


def _options(known: Mapping[Any, str]) -> tuple[_Check, str]:
    return _one_of(known), "、".join(known) + " 之一"


_LIMIT = "正整数，或空（不限）"
_CHECKS: dict[str, tuple[_Check, str]] = {
    "gap_m": (_real(), "0 或更大的数（米）"),
    "min_households": (_whole(1, may_lack=True), _LIMIT),
    "max_households": (_whole(1, may_lack=True), _LIMIT),
    "max_investment_yuan": (_whole(1, may_lack=True), _LIMIT),
    "max_diameter_m": (_real(above=0, may_lack=True), "大于 0 的数（米），或空（不限）"),
    "subdistricts": _options(SUBDISTRICTS),
    "aim": _options(AIMS),
    "weights": (_is_weights, "0 或更大的数，名称为 " + "、".join(_WEIGHTS)),
    "pick": (_whole(1, may_lack=True), _LIMIT),
    "proposals": (_whole(1, MOST_PROPOSALS), f"1 至 {MOST_PROPOSALS} 的整数"),
    "seed": (_whole(0), "0 或正整数"),
    "over": _options(OVER),
    "only_eligible": _options(ELIGIBLE),
    "together": (_groups(fewest=2, most=None), "小区标识码的分组，每组两个以上"),
    "apart": (_groups(fewest=2, most=2), "小区标识码的成对列表"),
}
