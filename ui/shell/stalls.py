"""The step of the shell that lays stalls out on the open ground of compounds."""

from __future__ import annotations

import argparse
import sys
import time
from typing import TYPE_CHECKING, Any

from ui.shell.steps import DONE, FOUND, Outcome, actor_of, opened

# What a step needs is imported when it runs, so that `--help` and a refused argument answer at once.
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from data.layouts import StallLayout
    from data.store import Plan
    from ui.shell.parser import ShellParser

__all__ = ["add_arguments", "stalls"]

# A line of progress is worth having from so many seconds on, and not more often.
_TELL_S = 2.0
_FAILS = "不符合"
_DIGITS_M2, _DIGITS = 1, 4


def add_arguments(parser: ShellParser) -> None:
    """Name what may be asked; settings are those of the plan."""
    add = parser.shown.add_argument
    add(
        "--compound",
        action="append",
        metavar="ID",
        help="只算这个小区（标识码或名称），可写几次；默认全部",
    )
    add("--bare-ground", action="store_true", help="没有建筑数据的小区确实没有建筑，按空地算")
    add("--together", action="store_true", help="同一片区的小区之间拆除围墙")
    add("--save", action="store_true", help="把提出的车位和通道存入计划")


def stalls(options: argparse.Namespace) -> Outcome:
    """Lay stalls out, and save what is proposed if asked to."""
    from data.layouts import LAYOUT_LAYERS, make_layouts, origin_of, save_layouts

    with opened(options) as plan:
        began = time.perf_counter()
        known = plan.settings()
        layers = {name: plan.read(name) for name in LAYOUT_LAYERS}
        layouts = make_layouts(
            layers,
            _asked(layers["compounds"]["name"], options.compound),
            *_settings(plan),
            origin=origin_of(plan),
            zone=None if known.get("zone") is None else int(known["zone"]),
            saved=plan.records("layouts"),
            together=options.together,
            bare_ground=options.bare_ground,
            progress=_teller(began),
        )
        told = {uid: _told(layout) for uid, layout in layouts.items()}
        if options.save and any(layout.layout is not None for layout in layouts.values()):
            for uid, record in save_layouts(plan, layouts.values(), actor_of(options)).items():
                told[uid]["layout"] = record
    return _code(layouts), {
        "compounds": list(told.values()),
        "settings": _words(layouts),
        "seconds": round(time.perf_counter() - began, 3),
        "notes": _notes(layouts),
    }


def _settings(plan: Plan) -> tuple[Any, Any]:
    from data.ground_settings import GroundSettings
    from data.stall_settings import StallSettings

    known = plan.settings()
    return GroundSettings.from_settings(known), StallSettings.from_settings(known)


def _asked(names: Mapping[Any, Any], wanted: list[str] | None) -> list[str] | None:
    """Uids of the compounds that are named by uid or by a name that only one has."""
    if wanted is None:
        return None
    from errors import RecordError

    of: dict[str, list[str]] = {}
    for uid, name in names.items():
        of.setdefault(str(name), []).append(str(uid))
    found, problems = [], []
    for one in wanted:
        same = [one] if one in names else of.get(one, [])
        if len(same) == 1:
            found += same
        elif same:
            problems.append(f"有 {len(same)} 个小区叫“{one}”，请写标识码：{'、'.join(same[:5])}。")
        else:
            problems.append(f"没有标识码或名称为“{one}”的小区。")
    if problems:
        raise RecordError("小区", problems)
    return list(dict.fromkeys(found))


def _teller(began: float) -> Callable[[float], None]:
    """Tell how far it is, on standard error, if it takes long."""
    last = began

    def tell(share: float) -> None:
        nonlocal last
        now = time.perf_counter()
        if now - last >= _TELL_S:
            last = now
            sys.stderr.write(f"排布车位：{share:.0%}\n")
            sys.stderr.flush()

    return tell


def _code(layouts: Mapping[str, StallLayout]) -> int:
    """1 if a compound could not be worked out for want of data, or a proposal breaks a rule."""
    for layout in layouts.values():
        if layout.site is None or any(one.state == _FAILS for one in layout.verdicts):
            return FOUND
    return DONE


def _told(layout: StallLayout) -> dict[str, Any]:
    """Write a layout as the shell tells it."""
    figures = layout.figures
    known = figures.capacity is not None
    return {
        "id": layout.uid,
        "name": layout.name,
        "existing": figures.existing,
        "capacity": figures.capacity,
        "proposed": figures.proposed if known else None,
        "m2_per_stall": _rounded(figures.capacity_m2_per_stall),
        "proposed_m2_per_stall": _rounded(figures.m2_per_stall),
        "households": figures.households,
        "shortage": figures.shortage,
        "shortage_shared": figures.left,
        "limit": figures.limit,
        "stalls": figures.stalls if known else None,
        "mechanical": figures.mechanical if known else None,
        "accessible": figures.accessible if known else None,
        "charging": figures.charging if known else None,
        "per_household": _rounded(figures.before, _DIGITS),
        "per_household_after": _rounded(figures.after, _DIGITS) if known else None,
        "area_m2": _rounded(figures.area_m2),
        "open_m2": _rounded(figures.open_m2),
        "deductions": {kind: _rounded(area) for kind, area in figures.deductions.items()},
        "used_m2": _rounded(figures.used_m2),
        "aisle_m2": _rounded(figures.aisle_m2),
        "green_lost_m2": _rounded(figures.green_lost_m2),
        "unpaved_share": _rounded(figures.unpaved_share, _DIGITS),
        "fire_clear_m": _rounded(figures.fire_clear_m, _DIGITS),
        "verdicts": [one.to_dict() for one in layout.verdicts],
        "notes": list(layout.notes),
        "reason": layout.reason or None,
    }


def _rounded(value: float | None, digits: int = _DIGITS_M2) -> float | None:
    return None if value is None else round(value, digits)


def _words(layouts: Mapping[str, StallLayout]) -> str | None:
    for layout in layouts.values():
        return layout.words
    return None


def _notes(layouts: Mapping[str, StallLayout]) -> list[str]:
    """Sum up what has to be known, one line a reason: hundreds of compounds may share it."""
    if not layouts:
        return ["计划里还没有小区。"]
    of: dict[str, list[str]] = {}
    for layout in layouts.values():
        if layout.reason:
            of.setdefault(layout.reason, []).append(layout.name)
    return [
        f"{names[0]}{f' 等 {len(names):,} 个小区' if len(names) > 1 else ''}：{reason}"
        for reason, names in of.items()
    ]
