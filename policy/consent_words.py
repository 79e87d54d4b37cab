"""The words of a vote that has been counted: what was met, what is short, what is missing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal, localcontext
from fractions import Fraction
from math import ceil

from policy.consent_measures import M2, Measure, state_of
from policy.rule_units import value_text
from policy.verdicts import FAILS, HOLDS, OPEN
from policy.wording import UNKNOWN

__all__ = ["figure_text", "found_text", "limit_text", "message"]

_OPENINGS = {HOLDS: "表决达到要求", OPEN: "尚不能判断", FAILS: "表决未达到要求"}
# Above this a share is written per cent: 4/5, but 66.5%.
PLAIN_DENOMINATOR = 10
CENT_M2 = 100
# More than any figure that `read_number` takes has.
ENOUGH_DIGITS = 120


def figure_text(figure: Fraction | None, unit: str) -> str:
    """Write heads or ㎡; ㎡ that do not end are rounded up to two decimals, so that what is written suffices.

    Examples
    --------
    >>> figure_text(Fraction(134), "人"), figure_text(Fraction("0.125"), "㎡"), figure_text(Fraction(200, 3), "㎡")
    ('134 人', '0.125 ㎡', '66.67 ㎡')
    """
    return UNKNOWN if figure is None else f"{_number(figure)} {unit}"


def found_text(counted: Sequence[Measure]) -> str:
    """Write what was found, as in ``参与人数 134/200 人``."""
    return "，".join(f"{m.name} {_number(m.found)}/{_number(m.base)} {m.unit}" for m in counted)


def limit_text(counted: Sequence[Measure]) -> str:
    """Write what a vote is held against; measures with the same share together."""
    shares: dict[tuple[str, str], list[str]] = {}
    for m in counted:
        of = "参与者" if m.of_participants else "全体"
        sign = ">" if m.strictly else "≥"
        shares.setdefault((f"{sign}{of}的 {_share(m.need_share)}", m.name[:2]), []).append(m.name)
    return "，".join(f"{'、'.join(names)}{limit}" for (limit, _), names in shares.items())


def message(counted: Sequence[Measure]) -> str:
    """Say in whole sentences what was met, by how much it is short and what would pass."""
    if not counted:
        return "原文没有写明表决比例，请按当地规定核定后论证。"
    told = [text for m in counted if (text := _told(m))]
    missing = dict.fromkeys(text for m in counted for text in _missing(m))
    sentences = [f"{_OPENINGS[state_of(counted)]}：{'；'.join(told)}。"] if told else []
    sentences += [f"{advice}。" for advice in _advice(counted)]
    if missing:
        sentences.append(f"未录入{'、'.join(missing)}，请补录后再判断。")
    blank = [m.name for m in counted if m.need_share is None]
    if blank:
        sentences.append(f"原文没有写明{'、'.join(blank)}的比例，请按当地规定核定。")
    return "".join(sentences)


def _told(m: Measure) -> str:
    """Say what is known of one measure; empty where it is not known."""
    if m.passes is None or m.base is None:
        return ""
    if m.base == 0:
        return f"{m.base_name}为 0，{m.name}无从计算"
    met = ("超过" if m.strictly else "达到") if m.passes else ("未超过" if m.strictly else "未达到")
    base = f"{m.base_name} {figure_text(m.base, m.unit)}的 {_share(m.need_share)}"
    least = "" if m.unit == M2 else f"（至少 {_number(m.least(m.base))} {m.unit}）"
    return f"{m.name} {figure_text(m.found, m.unit)}，{met}{base}{least}{_short(m)}"


def _short(m: Measure) -> str:
    more = m.more_needed
    if m.passes or more is None:
        return ""
    if m.unit == M2 and m.strictly:
        return f"，须再增加 {figure_text(more, m.unit)}以上" if more else "，恰好相等，须再增加"
    return f"，还差 {figure_text(more, m.unit)}"


def _advice(counted: Sequence[Measure]) -> Iterator[str]:
    """Say what would pass where agreement is a share of those who take part."""
    for m in counted:
        if not m.of_participants or m.passes is None:
            continue
        absent = next(
            (q for q in counted if q.unit == m.unit and q is not m and q.passes is False), None
        )
        if absent is not None:
            yield from _after_joining(m, absent)
        elif m.more_needed:
            yield f"按{m.name[2:]}：{_two_ways(m)}"


def _after_joining(m: Measure, absent: Measure) -> Iterator[str]:
    """Say how much agreement is wanted once enough take part."""
    if absent.found is None or absent.more_needed is None:
        return
    least = m.least(absent.found + absent.more_needed)
    more = "须超过" if m.unit == M2 and m.strictly else "至少须有"
    yield f"{absent.name}补足后，{m.name}{more} {figure_text(least, m.unit)}"


def _two_ways(m: Measure) -> str:
    beyond = "以上" if m.unit == M2 and m.strictly else ""
    turned = f"参与者中再有 {figure_text(m.more_needed, m.unit)}{beyond}改为同意即可"
    if m.more_joining is None:
        return turned
    joined = f"若靠新增参与者，须再有 {figure_text(m.more_joining, m.unit)}{beyond}参与并全部同意"
    return f"{turned}；{joined}"


def _missing(m: Measure) -> Iterator[str]:
    """Name the figures that are not recorded, as the form does."""
    if m.found is None:
        yield m.name
    if m.base is None and m.of_participants:
        yield f"参与{m.name[2:]}"
    elif m.base is None:
        yield {M2: m.base_name, "人": "业主总人数"}.get(m.unit, "居民总户数")


def _share(share: Fraction | None) -> str:
    if share is None or share.denominator > PLAIN_DENOMINATOR:
        return value_text(share, "比例")
    return "100%" if share == 1 else str(share)


def _number(figure: Fraction | None) -> str:
    if figure is None:
        return UNKNOWN
    rest = figure.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    exact = figure if rest == 1 else Fraction(ceil(figure * CENT_M2), CENT_M2)
    with localcontext(prec=ENOUGH_DIGITS):
        written = f"{Decimal(exact.numerator) / Decimal(exact.denominator):f}"
    return written.rstrip("0").rstrip(".") if "." in written else written
