"""Land of a ledger's compounds: stated floor area ratios, and certificates that overlap."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pandas as pd

from data.findings import Finding
from data.ledger_words import named
from errors import RecordError
from policy.facts import fact_values
from policy.ledger_rules import because, ledger_rule
from policy.parcels import (
    M2_PER_HECTARE,
    FarCheck,
    Parcels,
    check_far,
    hectares_text,
    m2_text,
    net_parcels,
    read_area,
)

__all__ = ["check_far_stated", "check_parcels"]

# Heads of a ledger's own columns that hold certificates, and the overlap of these.
_CERTIFICATES = re.compile(r"土地证|土地使用证|不动产权证|权证面积|发证面积|证载面积|权属面积")
_OVERLAP = re.compile(r"重叠")
_AREAS = re.compile(r"[;；、\n]+|(?<=㎡)[,，]|(?<=米)[,，]|(?<=公顷)[,，]")


def check_far_stated(frame: pd.DataFrame) -> list[Finding]:
    """Hold a stated 容积率 against 建筑面积 ÷ 用地面积: rule ``far``.

    Parameters
    ----------
    frame : DataFrame
        With ``floor_area_m2``, and in ``extra`` the facts 容积率 and 用地面积. A site whose figure gives no
        possible ratio in ㎡ and does in 公顷 is taken to be in 公顷, and the message says so.

    Returns
    -------
    list of Finding
        One a compound.
    """
    if "extra" not in frame or "floor_area_m2" not in frame:
        return []
    facts = pd.DataFrame(
        {
            "stated": fact_values(frame, "stated_far"),
            "site": fact_values(frame, "site_area_m2"),
            "floor": frame["floor_area_m2"],
        }
    ).dropna()
    rule, findings = ledger_rule("far"), []
    for label, row in facts[(facts > 0).all(axis=1)].iterrows():
        stated, site, floor = (_exact(row[name]) for name in ("stated", "site", "floor"))
        hectares = _in_hectares(floor, site)
        site = site * M2_PER_HECTARE if hectares else site
        found = check_far(stated, floor, site, tolerance=rule.values["tolerance"])
        if not found.holds:
            findings.append(_far(frame, label, found, (floor, site), hectares=hectares))
    return findings


def check_parcels(frame: pd.DataFrame) -> list[Finding]:
    """Net overlapping certificates out of a compound's site: rule ``certificates``.

    Parameters
    ----------
    frame : DataFrame
        In ``extra`` a column of certificates with their areas (``50061㎡；116157㎡``), one of the overlap, and
        the fact 用地面积: what is to be renovated.

    Returns
    -------
    list of Finding
        错误 where certificates less overlap are not the site; 提醒 where the certificates exceed the site and
        nobody says that they overlap; 说明 where it all ties.
    """
    if "extra" not in frame:
        return []
    several = {
        label: (texts, _overlap(extra))
        for label, extra in frame["extra"].items()
        if len(texts := _certificates(extra)) > 1
    }
    if not several:
        return []
    sites = fact_values(frame.loc[list(several)], "site_area_m2")
    findings = []
    for (label, (texts, overlap)), area in zip(several.items(), sites, strict=True):
        site = None if pd.isna(area) else _exact(area)
        findings += _one_site(frame, label, texts, overlap, site)
    return findings


def _one_site(
    frame: pd.DataFrame,
    label: Any,
    texts: list[str],
    overlap: Fraction | None,
    site: Fraction | None,
) -> list[Finding]:
    name = named(frame, [label])
    try:
        parcels = net_parcels(texts, overlap or Fraction(0))
    except RecordError as error:
        text = f"“{name}”的土地证：{''.join(error.problems)}"
        return [Finding(rule="certificates", severity="提醒", rows=(label,), message=text)]
    if site is None:
        return []
    if site < parcels.gross / 100:
        site *= M2_PER_HECTARE
    why = because("certificates")
    if site == parcels.net:
        said = f"{parcels.text}，与用地面积相符"
        return [_certified("说明", label, parcels, site, f"“{name}”各证面积：{said}{why}。")]
    if overlap is None and site < parcels.gross:
        more = parcels.gross - site
        said = (
            f"各证面积之和{m2_text(parcels.gross)}，比用地面积{m2_text(site)}多{m2_text(more)}"
            f"（{hectares_text(more)}），可能是发证重叠，请核对并填写重叠面积"
        )
        return [_certified("提醒", label, parcels, site, f"“{name}”{said}{why}。")]
    said = (
        f"{parcels.text}，与用地面积{m2_text(site)}相差{m2_text(abs(parcels.net - site))}，请核对"
    )
    return [_certified("错误", label, parcels, site, f"“{name}”各证面积：{said}{why}。")]


def _certified(
    severity: Any, label: Any, parcels: Parcels, site: Fraction, message: str
) -> Finding:
    return Finding(
        rule="certificates",
        severity=severity,
        rows=(label,),
        found=m2_text(site),
        expected=m2_text(parcels.net),
        message=message,
    )


def _far(
    frame: pd.DataFrame,
    label: Any,
    found: FarCheck,
    areas: tuple[Fraction, Fraction],
    *,
    hectares: bool,
) -> Finding:
    floor, site = areas
    own = f"{float(found.own):.2f}"
    unit = "（用地面积按公顷读取）" if hectares else ""
    return Finding(
        rule="far",
        severity="错误",
        rows=(label,),
        found=f"{float(found.stated):g}",
        expected=own,
        message=f"“{named(frame, [label])}”的容积率写的是{float(found.stated):g}，而建筑面积{m2_text(floor)}÷"
        f"用地面积{m2_text(site)}{unit}＝{own}；容积率{float(found.stated):g}需要建筑面积"
        f"{m2_text(found.floor_needed)}。请核对三者{because('far')}。",
    )


def _in_hectares(floor: Fraction, site: Fraction) -> bool:
    rule = ledger_rule("far")
    low, high = rule.values["lowest"], rule.values["highest"]
    return not low <= floor / site <= high and low <= floor / (site * M2_PER_HECTARE) <= high


def _certificates(extra: object) -> list[str]:
    """Certificates of a compound, each a text with an area."""
    if not isinstance(extra, Mapping):
        return []
    found: list[str] = []
    for head, value in extra.items():
        if _CERTIFICATES.search(str(head)) and not _OVERLAP.search(str(head)):
            parts = value if isinstance(value, list) else _AREAS.split(str(value))
            found += [str(part) for part in parts if read_area(str(part)) is not None]
    return found


def _overlap(extra: Mapping[str, Any]) -> Fraction | None:
    for head, value in extra.items():
        if _OVERLAP.search(str(head)):
            # The unit may stand in the head: 重叠面积（公顷）.
            return read_area(f"{value}") or read_area(f"{value}{_unit_in(str(head))}")
    return None


def _unit_in(head: str) -> str:
    return next((unit for unit in ("公顷", "万平方米", "亩") if unit in head), "㎡")


def _exact(number: Any) -> Fraction:
    """Take a number as it prints: 1.5 is 3/2, 15.1575 is not its binary neighbour."""
    return Fraction(Decimal(repr(float(number))))
