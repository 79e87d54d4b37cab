"""Certificates of land that overlap: what is left of their areas once the overlap is netted out.

Two certificates of 50 061 ㎡ and 116 157 ㎡ are 166 218 ㎡; less the 1.4643 公顷 that both cover, 151 575 ㎡ =
15.1575 公顷 are to be renovated (sanjiu-dongguan). All figures are exact.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from errors import RecordError
from policy.profiles import Rule
from policy.verdicts import FAILS, HOLDS, State, Verdict

__all__ = [
    "M2_PER_HECTARE",
    "FarCheck",
    "Parcels",
    "check_far",
    "hectares_text",
    "judge_parcels",
    "m2_text",
    "net_parcels",
    "read_area",
]

M2_PER_HECTARE = 10_000
_UNITS = {
    "公顷": Fraction(M2_PER_HECTARE),
    "ha": Fraction(M2_PER_HECTARE),
    "亩": Fraction(2_000, 3),
    "万平方米": Fraction(10_000),
    "万平米": Fraction(10_000),
    "万m2": Fraction(10_000),
    "平方米": Fraction(1),
    "平米": Fraction(1),
    "m2": Fraction(1),
}
_AREA = re.compile(rf"(\d[\d,]*(?:\.\d+)?)\s*({'|'.join(_UNITS)})", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Parcels:
    """Areas of certificates, in ㎡, exact.

    Attributes
    ----------
    certificates : tuple of Fraction
    overlap : Fraction
        Covered by more than one of them.
    """

    certificates: tuple[Fraction, ...]
    overlap: Fraction

    @property
    def gross(self) -> Fraction:
        """Sum of the certificates."""
        return sum(self.certificates, Fraction(0))

    @property
    def net(self) -> Fraction:
        """What they cover together."""
        return self.gross - self.overlap

    @property
    def text(self) -> str:
        """The sum in words.

        Examples
        --------
        >>> net_parcels(["50061㎡", "116157㎡"], "1.4643公顷").text
        '50061＋116157＝166218 ㎡，减重叠 14643 ㎡（1.4643 公顷），余 151575 ㎡（15.1575 公顷）'
        """
        parts = "＋".join(_plain(area) for area in self.certificates)
        return (
            f"{parts}＝{m2_text(self.gross)}，减重叠 {m2_text(self.overlap)}（{hectares_text(self.overlap)}），"
            f"余 {m2_text(self.net)}（{hectares_text(self.net)}）"
        )


@dataclass(frozen=True, kw_only=True)
class FarCheck:
    """A stated floor area ratio against its own figures.

    Attributes
    ----------
    stated, own : Fraction
        As stated; floor area ÷ site area.
    holds : bool
        Whether they agree within the tolerance.
    floor_needed : Fraction
        Floor area that the stated ratio would mean, ㎡.
    """

    stated: Fraction
    own: Fraction
    holds: bool
    floor_needed: Fraction


def net_parcels(
    certificates: Sequence[str | Fraction | int], overlap: str | Fraction | int
) -> Parcels:
    """Net the overlap of certificates out of the sum of their areas.

    Parameters
    ----------
    certificates : sequence
        Areas in ㎡, or texts with a unit, such as ``第233号 50061㎡``.
    overlap : str, Fraction or int
        Likewise.

    Returns
    -------
    Parcels

    Raises
    ------
    RecordError
        If an area is missing or negative, or the overlap exceeds what can be covered twice.

    Examples
    --------
    >>> net_parcels([50_061, 116_157], "1.4643公顷").net
    Fraction(151575, 1)
    """
    areas = tuple(_area(raw, f"第{k}宗") for k, raw in enumerate(certificates, start=1))
    doubled = _area(overlap, "重叠面积")
    if not areas:
        raise RecordError("土地证", ["没有土地证面积，请至少填一宗。"])
    if doubled > sum(areas, Fraction(0)) - max(areas):
        raise RecordError(
            "土地证",
            [f"重叠面积 {m2_text(doubled)}大于除最大一宗外各宗之和，不可能重叠这么多，请核对。"],
        )
    return Parcels(certificates=areas, overlap=doubled)


def judge_parcels(rule: Rule) -> Verdict:
    """Hold what a rule of kind ``parcels`` states as the area to renovate against its own certificates.

    Raises
    ------
    RecordError
        If it has no certificates, or their overlap is impossible.
    """
    areas = [figure.amount for figure in rule.get("certificates", ())]
    parcels = net_parcels(areas, rule.get("overlap", Fraction(0)))
    stated: Fraction = rule.get("net", parcels.net)
    holds = stated == parcels.net
    state: State = HOLDS if holds else FAILS
    tail = "相符" if holds else f"相差 {m2_text(abs(stated - parcels.net))}，请核对"
    return rule.verdict(
        state,
        found=hectares_text(stated),
        limit=hectares_text(parcels.net),
        message=f"{parcels.text}；所列改造面积 {hectares_text(stated)}，{tail}。",
    )


def check_far(
    stated: Fraction, floor_m2: Fraction, site_m2: Fraction, *, tolerance: Fraction
) -> FarCheck:
    """Hold a stated floor area ratio against floor area ÷ site area.

    Parameters
    ----------
    stated, floor_m2, site_m2 : Fraction
        Site greater than 0.
    tolerance : Fraction
        Share of the own ratio by which the stated one may be off.

    Returns
    -------
    FarCheck

    Examples
    --------
    >>> found = check_far(Fraction(3, 2), Fraction(100_000), Fraction(151_575), tolerance=Fraction(1, 50))
    >>> found.holds, round(float(found.own), 2), m2_text(found.floor_needed)
    (False, 0.66, '227362.5 ㎡')
    """
    own = floor_m2 / site_m2
    return FarCheck(
        stated=stated,
        own=own,
        holds=abs(stated - own) <= tolerance * own,
        floor_needed=stated * site_m2,
    )


def read_area(text: str) -> Fraction | None:
    """Read the last area with a unit in a text, as ㎡; None if there is none.

    Examples
    --------
    >>> read_area("东府国用（20xx）字第特233号 50,061平方米"), read_area("1.4643 公顷"), read_area("无")
    (Fraction(50061, 1), Fraction(14643, 1), None)
    """
    found = _AREA.findall(unicodedata.normalize("NFKC", text))
    if not found:
        return None
    number, unit = found[-1]
    return Fraction(number.replace(",", "")) * _UNITS[unit.lower()]


def m2_text(area: Fraction) -> str:
    """Write ㎡ without losing a digit."""
    return f"{_plain(area)} ㎡"


def hectares_text(area: Fraction) -> str:
    """Write ㎡ as 公顷 without losing a digit.

    Examples
    --------
    >>> hectares_text(Fraction(151_575))
    '15.1575 公顷'
    """
    return f"{_plain(area / M2_PER_HECTARE)} 公顷"


def _area(raw: str | Fraction | int, what: str) -> Fraction:
    area = read_area(raw) if isinstance(raw, str) else Fraction(raw)
    if area is None:
        raise RecordError("土地证", [f"{what}“{raw}”没有写明面积和单位，请写成 50061㎡ 的样子。"])
    if area < 0:
        raise RecordError("土地证", [f"{what}的面积 {_plain(area)} ㎡小于 0，请改正。"])
    return area


def _plain(number: Fraction) -> str:
    """Digits of a number that has a few decimals; four decimals for one that never ends."""
    for places in range(9):
        scaled = number * 10**places
        if scaled.denominator == 1:
            break
    else:
        places, scaled = 4, Fraction(round(number * 10_000))
    digits = f"{abs(int(scaled)):0{places + 1}d}"
    sign = "-" if scaled < 0 else ""
    return f"{sign}{digits[:-places]}.{digits[-places:]}" if places else f"{sign}{digits}"
