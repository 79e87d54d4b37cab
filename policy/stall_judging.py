"""What the rules say of a layout of stalls: one verdict a rule, each with its clause, from plain numbers.

需论证 is said where a number is unknown, where only the tool or a second hand gives the limit, and where an existing
compound may be argued for; 不符合 only where a clause that was seen is broken.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from policy.documents import own_document
from policy.facility_rules import facility_rules
from policy.figures import Figure, Span
from policy.parking_rules import parking_rules
from policy.verdicts import FAILS, HOLDS, OPEN, State, Verdict
from policy.wording import format_width

__all__ = ["LayoutFacts", "judge_layout"]

# What is drawn and surveyed to some centimetres is held to one; layouts give way by less.
_TOLERANCE_M = 1e-2
_TOLERANCE_SHARE = 1e-6
_OWN = own_document("软件取值")


@dataclass(frozen=True, kw_only=True)
class LayoutFacts:
    """What was measured of a layout; None is unknown, or not there to be measured.

    Attributes
    ----------
    count : int
        New stalls.
    accessible, charging : int
        Of them.
    aisle_m : float or None
        Narrowest place of the aisles, the roads that serve as aisles among them.
    fire_clear_m : float or None
        Narrowest clear width left on roads and fire lanes beside stalls.
    accessible_aisle_m : float or None
        Narrowest aisle beside an accessible stall.
    largest_group : int or None
        Stalls of the largest group in a lot.
    group_gap_m : float or None
        Least distance between groups; None with one group.
    lot_to_building_m, roadside_to_wall_m : float or None
        Nearest stall to a building, of lots (two rows or more) and of single rows along roads.
    dead_end_m : float or None
        Longest dead end of an aisle without a turning place; 0 without any.
    unpaved_share : float or None
        Of the open ground, what is left unpaved.
    green_lost_m2 : float or None
        Green given up.
    lot_m2_per_stall, roadside_m2_per_stall : float or None
        Ground of stalls and aisles by stall.
    """

    count: int
    accessible: int = 0
    charging: int = 0
    aisle_m: float | None = None
    fire_clear_m: float | None = None
    accessible_aisle_m: float | None = None
    largest_group: int | None = None
    group_gap_m: float | None = None
    lot_to_building_m: float | None = None
    roadside_to_wall_m: float | None = None
    dead_end_m: float | None = None
    unpaved_share: float | None = None
    green_lost_m2: float | None = None
    lot_m2_per_stall: float | None = None
    roadside_m2_per_stall: float | None = None


def judge_layout(
    facts: LayoutFacts, *, limits: Mapping[str, float] | None = None
) -> tuple[Verdict, ...]:
    """Hold a layout against all rules.

    Parameters
    ----------
    facts : LayoutFacts
    limits : mapping of str to float, optional
        Limits that the plan sets itself, by names of `policy.parking_rules` figures.

    Returns
    -------
    tuple of Verdict
        In a fixed order; what the layout does not have (single rows, groups) is not judged; none for a layout
        without stalls.

    Examples
    --------
    >>> said = judge_layout(LayoutFacts(count=120, accessible=1, aisle_m=5.5, fire_clear_m=3.5, green_lost_m2=60))
    >>> [(one.title, one.state, one.found) for one in said][:3]
    [('停车通道宽度', '符合', '5.5 m'), ('消防净宽', '不符合', '3.5 m'), ('无障碍车位', '符合', '1 个')]
    """
    if facts.count <= 0:
        return ()
    asked = _Asked(limits=dict(limits or {}))
    return tuple(said for rule in _RULES if (said := rule(facts, asked)) is not None)


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """The limits, those that the plan sets before those of the rules."""

    limits: Mapping[str, float]

    def figure(self, name: str) -> tuple[Figure, float, bool]:
        """Figure, the value that holds, and whether the plan set it."""
        figure = parking_rules().figures[name]
        value = self.limits.get(name, figure.value)
        return figure, value, value != figure.value


def _verdict(
    name: str,
    title: str,
    state: State,
    basis: Figure | Span,
    *,
    found: str,
    limit: str,
    message: str,
) -> Verdict:
    return Verdict(
        rule=f"stalls/{name}",
        title=title,
        state=state,
        # What only the tool says is cited as such, not as if a document said it.
        document=_OWN if basis.clause is None else basis.source,
        section=basis.clause or title,
        found=found,
        limit=limit,
        message=message,
    )


def _accessible(facts: LayoutFacts, asked: _Asked) -> Verdict:
    figure, share, _ = asked.figure("accessible_share")
    wanted = max(1, math.ceil(share * facts.count - _TOLERANCE_SHARE))
    enough = facts.accessible >= wanted
    return _verdict(
        "accessible", "无障碍车位", HOLDS if enough else FAILS, figure,
        found=f"{facts.accessible} 个", limit=f"不少于 {wanted} 个（{_percent(share)}，至少 1 个）",
        message=f"{facts.count} 个新增车位应有无障碍车位 {wanted} 个，现有 {facts.accessible} 个"
        + ("。" if enough else "，请增设。"),
    )  # fmt: skip


def _group_size(facts: LayoutFacts, asked: _Asked) -> Verdict | None:
    if facts.largest_group is None:
        return None
    figure, most, _ = asked.figure("group_most")
    fits = facts.largest_group <= most
    return _verdict(
        "group_size", "停车组规模", HOLDS if fits else OPEN, figure,
        found=f"{facts.largest_group} 个", limit=f"每组不多于 {most:g} 个",
        message=f"最大一组有 {facts.largest_group} 个车位，每组不多于 {most:g} 个"
        + ("。" if fits else f"，宜分组并留 {asked.figure('group_gap_m')[1]:g} m 间距。"),
    )  # fmt: skip


def _dead_end(facts: LayoutFacts, asked: _Asked) -> Verdict | None:
    if facts.dead_end_m is None:
        return None
    figure, most, _ = asked.figure("dead_end_m")
    fits = facts.dead_end_m <= most + _TOLERANCE_M
    side = asked.figure("turning_place_m")[1]
    return _verdict(
        "dead_end", "尽头式通道", HOLDS if fits else OPEN, figure,
        found=f"{format_width(facts.dead_end_m)} m", limit=f"超过 {most:g} m 设回车场",
        message=f"没有回车场的尽头式通道最长 {format_width(facts.dead_end_m)} m，"
        + (
            f"不超过 {most:g} m。"
            if fits
            else f"超过 {most:g} m；兼作消防车道的须设 {side:g}×{side:g} m 回车场或连通成环。"
        ),
    )  # fmt: skip


def _unpaved(facts: LayoutFacts, asked: _Asked) -> Verdict | None:
    if facts.unpaved_share is None:
        return None
    figure, least, own = asked.figure("unpaved_share")
    fits = facts.unpaved_share >= least - _TOLERANCE_SHARE
    kept, wanted = _percent(facts.unpaved_share), _percent(least)
    return _verdict(
        "unpaved_share", "空地留绿", HOLDS if fits else OPEN, figure,
        found=kept, limit=f"不少于 {wanted}{'（计划取值）' if own else ''}",
        message=f"空地有 {kept} 不铺装，应留 {wanted}" + ("。" if fits else "，请减少车位。"),
    )  # fmt: skip


def _green(facts: LayoutFacts, asked: _Asked) -> Verdict | None:  # noqa: ARG001
    if facts.green_lost_m2 is None:
        return None
    opinion, lost = facts.green_lost_m2 > _TOLERANCE_M, facts.green_lost_m2
    basis = facility_rules().opinion
    return Verdict(
        rule="stalls/green",
        title="占用绿地",
        state=OPEN if opinion else HOLDS,
        document=basis.source,
        section=basis.clause or "",
        found=f"{lost:,.0f} ㎡",
        limit="占用绿地的须征求意见",
        message=f"需征求意见：车位占用绿地 {lost:,.0f} ㎡，应先广泛征求居民意见并落实占补。"
        if opinion
        else "车位不占用绿地。",
    )


def _charging(facts: LayoutFacts, asked: _Asked) -> Verdict:
    figure, share, own = asked.figure("charging_share")
    wanted = math.ceil(share * facts.count - _TOLERANCE_SHARE)
    enough = facts.charging >= wanted
    return _verdict(
        "charging", "充电车位", HOLDS if enough else OPEN, figure,
        found=f"{facts.charging} 个",
        limit=f"不少于 {wanted} 个（{_percent(share)}{'，计划取值' if own else ''}）",
        message=f"{facts.count} 个新增车位拟设充电车位 {wanted} 个，现有 {facts.charging} 个"
        + ("。" if enough else "；既有小区按电力条件定，请说明。"),
    )  # fmt: skip


@dataclass(frozen=True)
class _Least:
    """A length that is held against the least that is asked for: rule, title, fact, figure, what breaking it means."""

    name: str
    title: str
    fact: str
    figure: str
    broken: State
    advice: str
    # Whether a layout has what is judged; by default where there is a length, known or not.
    when: Callable[[LayoutFacts], bool] | None = None

    def __call__(self, facts: LayoutFacts, asked: _Asked) -> Verdict | None:
        """Judge it; None where there is nothing to judge."""
        found: float | None = getattr(facts, self.fact)
        if not (found is not None if self.when is None else self.when(facts)):
            return None
        figure, least, own = asked.figure(self.figure)
        limit = f"不小于 {least:g} {figure.unit}{'（计划取值）' if own else ''}"
        if found is None or math.isnan(found):
            return _verdict(
                self.name, self.title, OPEN, figure, found="未知", limit=limit,
                message=f"{self.title}没有量到，应{limit}，请核对现场后再判断。",
            )  # fmt: skip
        fits = found >= least - _TOLERANCE_M
        # What is taken for the limit is written as the limit.
        told = f"{format_width(max(found, least) if fits else found)} {figure.unit}"
        return _verdict(
            self.name, self.title, HOLDS if fits else self.broken, figure, found=told, limit=limit,
            message=f"{self.title}最小 {told}，应{limit}" + ("。" if fits else f"；{self.advice}。"),
        )  # fmt: skip


@dataclass(frozen=True)
class _Ground:
    """Ground by stall, held against the usual span: rule, title, fact, span."""

    name: str
    title: str
    fact: str
    span: str

    def __call__(self, facts: LayoutFacts, asked: _Asked) -> Verdict | None:  # noqa: ARG002
        """Judge it; None where there is nothing to judge."""
        value: float | None = getattr(facts, self.fact)
        if value is None:
            return None
        span = parking_rules().spans[self.span]
        # Less than the span is well used ground, as rows at an existing road are; more is worth a look.
        told = "在常用范围内"
        if value > span.high:
            told = "多于常用范围，宜调整排列"
        elif value < span.low:
            told = "少于常用范围，用地节省"
        limit = f"{span.low:g}—{span.high:g} ㎡"
        return _verdict(
            self.name, self.title, HOLDS if value <= span.high else OPEN, span,
            found=f"{value:.1f} ㎡/个", limit=f"{limit}/个",
            message=f"每个车位用地 {value:.1f} ㎡，{told}（{limit}）。",
        )  # fmt: skip


def _always(_facts: LayoutFacts) -> bool:
    return True


_RULES: tuple[Callable[[LayoutFacts, _Asked], Verdict | None], ...] = (
    _Least("min_aisle", "停车通道宽度", "aisle_m", "min_aisle_m", FAILS, "请拓宽通道或减少这一排车位", _always),
    _Least("fire_clearance", "消防净宽", "fire_clear_m", "fire_lane_m", FAILS, "请撤去占用车道的车位", _always),
    _accessible,
    _Least("accessible_aisle", "轮椅通道宽度", "accessible_aisle_m", "accessible_aisle_m", FAILS,
           "请在无障碍车位一侧留出轮椅通道", lambda facts: facts.accessible > 0),
    _Least("lot_to_building", "停车场与建筑间距", "lot_to_building_m", "lot_to_building_m", OPEN,
           "按停车场设置的，请退让或报消防部门论证"),
    _Least("roadside_to_wall", "路边车位与外墙距离", "roadside_to_wall_m", "roadside_to_wall_m", OPEN,
           "宜退让，或征得临近住户同意"),
    _group_size,
    _Least("group_gap", "停车组间距", "group_gap_m", "group_gap_m", OPEN, "宜拉开间距或说明理由"),
    _dead_end,
    _unpaved,
    _green,
    _Ground("lot_ground", "停车场用地", "lot_m2_per_stall", "lot_m2"),
    _Ground("roadside_ground", "路边车位用地", "roadside_m2_per_stall", "roadside_m2"),
    _charging,
)  # fmt: skip


def _percent(share: float) -> str:
    return f"{share:.2%}".rstrip("0").rstrip(".") if share < 0.01 else f"{share:.1%}"
