"""Tab 设施 of 空间: who is served by what, worked out beside the page; sites chosen, kept until the plan changes.

What is asked for belongs to one window and one plan until sites are saved; each saved site carries what it was
asked by.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import pandas as pd

from data.facility_gaps import Gaps, gaps
from data.site_choice import SITE_LAYERS, choose_sites
from data.site_proposal import SiteProposal
from data.site_records import basis_revision, origin_of, save_sites, saved_sites
from data.site_settings import SITE_SETTING, SiteSettings
from errors import PlanningError, RecordError, StoreError
from ui import messages, search, session, space_page, space_settings, visit
from ui.loaded import View
from ui.scene import Scene

__all__ = [
    "CHOOSE",
    "CHOOSING",
    "FIRST_COUNT",
    "GAPS",
    "NOW",
    "SAVED",
    "VIEWS",
    "again",
    "asked",
    "change",
    "chosen_site",
    "delete",
    "drawn_key",
    "forget",
    "found",
    "halt",
    "is_stale",
    "overview",
    "problem_of",
    "proposal",
    "save",
    "saved",
    "seek",
    "show_site",
    "start",
    "turn",
    "view",
]

GAPS, CHOOSING = "facility_gaps", "site_choice"
NOW, CHOOSE, SAVED = "现状", "选址", "已存"
VIEWS = (NOW, CHOOSE, SAVED)
FIRST_KIND, FIRST_RADIUS_M, FIRST_COUNT = "elderly_care", 500.0, 3
DRAFT, VIEW, SITE = "sites", "sites_view", "site"


@dataclass(frozen=True)
class _Held:
    """Gaps that were worked out last, and for what."""

    key: tuple[Any, ...]
    gaps: Gaps | None
    problem: str = ""


# --- what is asked ---------------------------------------------------------------------------------


def asked(view: View) -> SiteSettings:
    """Return what the planner asks for: the draft of this plan, else the plan's setting, else the first kind."""
    held = space_page.held(DRAFT, {})
    draft = held.get("settings") if held.get("plan") == visit.current().plan else None
    for given in (draft, view.settings.get(SITE_SETTING)):
        try:
            if given:
                return SiteSettings.from_dict(given)
        except RecordError:
            # Kept by another version of the program.
            continue
    return SiteSettings(facility=FIRST_KIND)


def change(values: dict[str, Any]) -> None:
    """Change some values of the draft; what no longer fits to them goes back to its start."""
    scene: Scene = session.get(session.SCENE)
    held = asked(scene.view)
    made = _fitting(held, values)
    space_page.keep(DRAFT, {"plan": visit.current().plan, "settings": made.to_dict()})
    session.take(session.SITE_ASKED)


def _fitting(held: SiteSettings, values: dict[str, Any]) -> SiteSettings:
    if "facility" in values and values["facility"] != held.facility:
        other = SiteSettings(facility=values["facility"], radius_m=FIRST_RADIUS_M)
        # Areas and heights are those of the kind; the way of choosing stays.
        radius = None if other.kind.radius_m is not None else FIRST_RADIUS_M
        own = {"radius_m": radius, "min_area_m2": None, "min_width_m": None, "height_m": None}
        values = {**own, **values}
    aim = values.get("aim", held.aim)
    if aim != "all" and values.get("count", held.count) is None:
        values = {**values, "count": FIRST_COUNT}
    if aim != "median":
        values = {**values, "capacity_households": None}
    if not values.get("sources", held.sources):
        messages.note("场地来源至少留一种。")
        values = {**values, "sources": held.sources}
    return replace(held, **values)


def view() -> str:
    """Part of the tab that is up."""
    found = space_page.held(VIEW)
    return found if found in VIEWS else NOW


def turn(to: str) -> None:
    """Turn the tab to a part."""
    space_page.keep(VIEW, to)


# --- who is served ---------------------------------------------------------------------------------


def seek(scene: Scene) -> None:
    """Have the gaps worked out, unless they are there or under way; take over what is done."""
    search.settle(GAPS, scene, lambda held: session.put(session.SITE_GAPS, held))
    search.settle(CHOOSING, scene, _take)
    wanted = _key(scene)
    if _at_hand(wanted) is not None or session.get(session.SITE_ASKED) == wanted:
        return
    session.put(session.SITE_ASKED, wanted)
    search.begin(GAPS, scene, _gaps_work(scene, wanted))
    search.settle(GAPS, scene, lambda held: session.put(session.SITE_GAPS, held))


def again() -> None:
    """Begin again after a stop."""
    session.take(session.SITE_ASKED)


def halt(kind: str) -> None:
    """Stop working gaps out, or choosing."""
    search.stop(kind)


def found(scene: Scene) -> Gaps | None:
    """Return who is served by what, None as long as it is being worked out."""
    held = _at_hand(_key(scene))
    return None if held is None else held.gaps


def problem_of(scene: Scene) -> str:
    """Say why there are no gaps, where they could not be worked out."""
    held = _at_hand(_key(scene))
    return "" if held is None else held.problem


def overview(scene: Scene) -> pd.DataFrame:
    """Return the figures of all kinds that have a service radius, in a straight line; by id of the kind."""
    zone = _zone(scene)

    def make() -> pd.DataFrame:
        return gaps(_layers(scene, ["facilities", "buildings", "green"]), zone=zone).kinds

    made: pd.DataFrame = scene.loaded.kept(("site_overview", _basis(scene)), make)
    return made


def _gaps_work(scene: Scene, key: tuple[Any, ...]) -> Callable[[search.Tell], _Held]:
    asked_for, zone = asked(scene.view), _zone(scene)
    names = ["facilities", "buildings", "green", *(["roads"] if asked_for.network else [])]

    def work(tell: search.Tell) -> _Held:
        tell(0.0, "正在读取图层…")
        layers = _layers(scene, names)
        tell(0.4, "正在核对服务范围…")
        try:
            made = gaps(
                layers,
                kinds=[asked_for.facility],
                radius_m=asked_for.radius_m,
                network=asked_for.network,
                zone=zone,
                progress=lambda share: tell(0.4 + 0.6 * share, "正在核对服务范围…"),
            )
        except PlanningError as error:
            # Kept beside the key, so that it is not tried again at every run.
            return _Held(key, None, str(error))
        return _Held(key, made)

    return work


def _layers(scene: Scene, names: list[str]) -> dict[str, gpd.GeoDataFrame]:
    return {"compounds": scene.view.frame, **{name: scene.plan.read(name) for name in names}}


def _basis(scene: Scene) -> int:
    plan = scene.plan
    return scene.loaded.kept(("site_basis", scene.view.revision), lambda: basis_revision(plan))


def _key(scene: Scene) -> tuple[Any, ...]:
    one = asked(scene.view)
    return (str(scene.plan.plan_id), _basis(scene), one.facility, one.radius_m, one.network)


def _at_hand(key: tuple[Any, ...]) -> _Held | None:
    held: _Held | None = session.get(session.SITE_GAPS)
    return held if held is not None and held.key == key else None


def _zone(scene: Scene) -> int | None:
    chosen = scene.view.settings.get("zone")
    return int(chosen) if chosen else None


# --- sites -----------------------------------------------------------------------------------------


def start() -> None:
    """Begin to choose sites by what is asked now."""
    scene: Scene = session.get(session.SCENE)
    settings, ground = asked(scene.view), space_settings.ground_settings(scene.view)
    zone = _zone(scene)
    names = [name for name in SITE_LAYERS if name != "compounds"]

    def work(tell: search.Tell) -> SiteProposal:
        tell(0.0, "正在读取图层…")
        origin = origin_of(scene.plan)
        layers = _layers(scene, names)
        return choose_sites(
            layers,
            settings,
            ground_settings=ground,
            zone=zone,
            origin=origin,
            progress=lambda share: tell(0.05 + 0.95 * share, _said(share)),
        )

    forget()
    search.begin(CHOOSING, scene, work)


# As of data.site_choice: ground and candidates first, then the choice.
GROUND_SHARE = 0.7


def _said(share: float) -> str:
    return "正在找放得下的场地…" if share < GROUND_SHARE else "正在选址…"


def _take(made: SiteProposal) -> None:
    serial, _ = session.get(session.SITE_PROPOSAL, (0, None))
    session.put(session.SITE_PROPOSAL, (serial + 1, made))
    space_page.keep(SITE, None)


def drawn_key(scene: Scene, held: SiteProposal | None) -> tuple[Any, ...]:
    """All that is drawn rests on, with or without the sites that wait."""
    serial, _ = session.get(session.SITE_PROPOSAL, (0, None))
    return (*_key(scene), serial if held is not None else None)


def proposal(scene: Scene) -> SiteProposal | None:
    """Return the sites that wait to be saved: of this plan and of the kind that is asked for."""
    held: SiteProposal | None = session.get(session.SITE_PROPOSAL, (0, None))[1]
    if held is None or held.origin is None or held.origin.plan_id != str(scene.plan.plan_id):
        return None
    return held if held.settings.facility == asked(scene.view).facility else None


def is_stale(scene: Scene, held: SiteProposal) -> bool:
    """Tell whether the plan has moved on since sites were chosen."""
    return held.origin is None or held.origin.revision != _basis(scene)


def forget() -> None:
    """Drop the sites that wait."""
    serial, _ = session.get(session.SITE_PROPOSAL, (0, None))
    session.put(session.SITE_PROPOSAL, (serial, None))
    space_page.keep(SITE, None)


def save(*, replacing: bool) -> None:
    """Write the chosen sites into the plan, in one step."""
    scene: Scene = session.get(session.SCENE)
    held = proposal(scene)
    if held is None:
        raise StoreError("没有等待保存的选址。请先计算。")
    uids = save_sites(scene.plan, held, visit.current().actor, replace=replacing)
    forget()
    turn(SAVED)
    messages.done(f"已保存 {len(uids):,} 处{held.settings.kind.title}选址（可撤销）")


def saved(scene: Scene) -> gpd.GeoDataFrame:
    """Return the sites of the plan."""
    plan = scene.plan
    made: gpd.GeoDataFrame = scene.loaded.kept(
        ("saved_sites", scene.view.revision), lambda: saved_sites(plan)
    )
    return made


def delete(uid: str) -> None:
    """Take a saved site away, in one step."""
    scene: Scene = session.get(session.SCENE)
    sites = saved(scene)
    if uid not in sites.index:
        raise StoreError("这处选址已经不在计划里，没有删除。")
    row = sites.loc[uid]
    name = str(row["name"] or "未命名选址")
    with scene.plan.edit(visit.current().actor, f"删除选址“{name}”") as tx:
        tx.delete_many("sites", [(uid, int(row["version"]))])
    messages.done(f"已删除选址“{name}”（可撤销）")


def chosen_site() -> str | None:
    """Id on the map of the site that is outlined."""
    found = space_page.held(SITE)
    return None if found is None else str(found)


def show_site(uid: str, bounds: tuple[float, float, float, float] | None = None) -> None:
    """Outline a site on the map, and go there if it is said where it is."""
    space_page.keep(SITE, uid)
    if bounds is not None:
        serial, _ = session.get(session.FIT, (0, None))
        session.put(session.FIT, (serial + 1, bounds))
