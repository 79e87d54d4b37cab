"""Open ground of what the page 空间 is about: worked out beside the page, kept until plan or settings change."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd

from data.ground import GroundOf, ground_of
from data.ground_settings import GROUND_SETTING
from errors import PlanningError
from geo.crs import plan_zone, zone_epsg
from ui import search, session, space_page, space_settings
from ui.loaded import LoadedPlan, View
from ui.scene import Scene
from ui.space_scope import Scope

__all__ = [
    "KIND",
    "LAYERS_USED",
    "again",
    "basis_of",
    "epsg_of",
    "found",
    "halt",
    "key_of",
    "layers_near",
    "needs_bare",
    "notes_of",
    "paved_m2",
    "seek",
    "why_not",
]

KIND = "ground"
# What open ground and stalls are worked out from, beside the compounds themselves.
LAYERS_USED = ("buildings", "roads", "green", "water", "parking", "facilities", "sites")
# Roads that lead to a compound may lie outside it; 0.001 degrees are about 100 m.
REACH_DEG = 0.002


@dataclass(frozen=True)
class _Held:
    """What was worked out last, and for what."""

    key: tuple[Any, ...]
    ground: GroundOf | None
    problem: str = ""
    # Compounds without a mapped building, that are no vacant parcel either.
    lacking: tuple[str, ...] = ()


def basis_of(loaded: LoadedPlan, view: View) -> int:
    """Revision at which something was last changed that open ground rests on."""
    names = ("compounds", *LAYERS_USED)
    return loaded.kept(
        ("space_basis", view.revision),
        lambda: min(max(loaded.plan.layer_revision(name) for name in names), view.revision),
    )


def seek(scene: Scene, scope: Scope) -> None:
    """Have the open ground worked out, unless it is there or under way; take over what is done."""
    wanted = key_of(scene, scope)
    search.settle(KIND, scene, _keep)
    if not scope.uids or _at_hand(wanted) is not None or session.get(session.SPACE_ASKED) == wanted:
        return
    session.put(session.SPACE_ASKED, wanted)
    search.begin(KIND, scene, _work(scene, scope, wanted))
    search.settle(KIND, scene, _keep)


def halt() -> None:
    """Stop working it out; it begins again when the planner says so, or asks for something else."""
    search.stop(KIND)


def again() -> None:
    """Begin again after a stop."""
    session.take(session.SPACE_ASKED)


def found(scene: Scene, scope: Scope) -> GroundOf | None:
    """Return the open ground with the pieces that were taken, None as long as it is being worked out."""
    held = _at_hand(key_of(scene, scope))
    return None if held is None else held.ground


def why_not(scene: Scene, scope: Scope) -> str:
    """Say why there is none, where it could not be worked out."""
    held = _at_hand(key_of(scene, scope))
    return "" if held is None else held.problem


def needs_bare(scene: Scene, scope: Scope) -> list[str]:
    """Compounds with no mapped building, or hardly any, of which nobody has said that there are no more."""
    held = _at_hand(key_of(scene, scope))
    return [] if held is None else [uid for uid in held.lacking if uid not in space_page.bare()]


def notes_of(scene: Scene, scope: Scope, ground: GroundOf) -> list[str]:
    """Say what is not mapped, each thing once, with the names of those that lack it unless all do."""
    names: dict[str, list[str]] = {}
    for uid in scope.uids:
        for note in ground.notes.get(uid, ()):
            names.setdefault(note, []).append(
                str(scene.view.frame.loc[uid, "name"] or "未命名小区")
            )
    return [_note(note, whose, len(scope.uids)) for note, whose in names.items()]


def _note(note: str, whose: list[str], of: int) -> str:
    if len(whose) == of:
        return note
    named = "、".join(whose[:3]) + (f"等 {len(whose):,} 个小区" if len(whose) > 3 else "")
    return f"{named}：{note}"


def paved_m2(ground: GroundOf, uids: pd.Index) -> float:
    """Open ground that is known to be paved, in all of some compounds."""
    both = ground.ground.open.loc[uids].intersection(ground.paved.reindex(uids))
    return float(both.area.sum())


def layers_near(scene: Scene, uids: tuple[str, ...]) -> dict[str, gpd.GeoDataFrame]:
    """Read what lies in and around some compounds, in degrees; the compounds beside them too."""
    frame = scene.view.frame
    west, south, east, north = (float(edge) for edge in frame.loc[list(uids)].total_bounds)
    box = (west - REACH_DEG, south - REACH_DEG, east + REACH_DEG, north + REACH_DEG)
    beside = scene.loaded.tiles.ids()[scene.loaded.tiles.in_bbox(box)]
    near = {name: scene.plan.read(name, bbox=box) for name in LAYERS_USED}
    return {"compounds": frame[frame.index.isin([*beside, *uids])], **near}


def epsg_of(scene: Scene) -> int:
    """Return the plane in which the plan is measured: the planner's zone, else that of its middle."""
    chosen = scene.view.settings.get("zone")
    if chosen:
        return zone_epsg(int(chosen))
    view = scene.view
    return scene.loaded.kept(
        ("space_epsg", scene.loaded.tiles_revision), lambda: plan_zone(view.frame.geometry).epsg
    )


def _work(scene: Scene, scope: Scope, key: tuple[Any, ...]) -> Callable[[search.Tell], _Held]:
    settings, bare = space_settings.ground_settings(scene.view), space_page.bare()
    epsg = epsg_of(scene)

    def ground(layers: dict[str, gpd.GeoDataFrame], tell: search.Tell, *, bare: bool) -> GroundOf:
        return ground_of(
            layers,
            list(scope.uids),
            settings,
            purpose="proposal",
            with_shapes=True,
            together=scope.together,
            bare_ground=bare,
            epsg=epsg,
            progress=lambda done: tell(done, "正在算空地…"),
        )

    def work(tell: search.Tell) -> _Held:
        tell(0.0, "正在读取图层…")
        layers = layers_near(scene, scope.uids)
        try:
            made = ground(layers, tell, bare=False)
            lacking = _lacking(made)
            if set(lacking) & bare:
                # The same areas; what is said of them is another thing.
                made = ground(layers, tell, bare=True)
        except PlanningError as error:
            # Kept beside the key, so that it is not tried again at every run.
            return _Held(key, None, str(error))
        return _Held(key, made, lacking=lacking)

    return work


def _lacking(ground: GroundOf) -> tuple[str, ...]:
    return tuple(str(uid) for uid in ground.unreliable.index[ground.unreliable.ne("")])


def key_of(scene: Scene, scope: Scope) -> tuple[Any, ...]:
    """All that the open ground rests on."""
    return (
        str(scene.plan.plan_id),
        basis_of(scene.loaded, scene.view),
        json.dumps(scene.view.settings.get(GROUND_SETTING), sort_keys=True),
        scene.view.settings.get("zone"),
        scope.uids,
        scope.walls_down,
        tuple(sorted(set(scope.uids) & space_page.bare())),
    )


def _at_hand(key: tuple[Any, ...]) -> _Held | None:
    held: _Held | None = session.get(session.SPACE_GROUND)
    return held if held is not None and held.key == key else None


def _keep(held: _Held) -> None:
    session.put(session.SPACE_GROUND, held)
