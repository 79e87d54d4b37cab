"""Layouts of stalls of this session: made beside the page, held by compound, set against each other, saved.

What is not saved ends with the session; what is saved stands in the plan, and the page finds it there again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from itertools import count

import geopandas as gpd

from data.ground_settings import GroundSettings
from data.layouts import LAYOUT_LAYERS, Origin, StallLayout, basis_of, is_stale, make_layouts
from data.stall_settings import StallSettings
from geo import stalls
from ui import pianqu_page, search, session, space_ground, space_page, space_settings
from ui.loaded import LoadedPlan, View
from ui.scene import Scene
from ui.space_scope import Scope

__all__ = [
    "KIND",
    "Laid",
    "begin",
    "changed",
    "drop",
    "halt",
    "held",
    "origin",
    "put",
    "settle",
    "stale",
    "warm",
]

KIND = "layouts"
WORDS = "正在排布车位…"
_SERIALS = count()


@dataclass(frozen=True, eq=False)
class Laid:
    """A layout with how it was asked for.

    Attributes
    ----------
    layout : StallLayout
        As it was made, or as a hand has changed it.
    walls_down : bool
        Whether the walls between members of the 片区 were taken down.
    before : Laid or None
        As it was before the last change by hand.
    serial : int
        Tells one from every other.
    """

    layout: StallLayout
    walls_down: bool
    before: Laid | None = None
    serial: int = field(default_factory=_SERIALS.__next__)


@cache
def warm() -> None:
    """Have the layout compiled beside the page, once: else the first planner of an installation waits for it."""
    threading.Thread(target=stalls.warm, name="warm-stalls", daemon=True).start()


def begin(scene: Scene, scope: Scope) -> None:
    """Lay out stalls on what the page is about, beside the page; the map moves there meanwhile."""
    pianqu_page.zoom_to(scene, list(scope.uids))
    search.begin(KIND, scene, _work(scene, scope))


def halt() -> None:
    """Stop; nothing is changed."""
    search.stop(KIND)


def settle(scene: Scene) -> None:
    """Take over what is done."""

    def take(made: dict[str, Laid]) -> None:
        put(scene, made)
        space_page.turn_stalls(space_page.LAID_OUT)

    search.settle(KIND, scene, take)


def put(scene: Scene, made: dict[str, Laid]) -> None:
    """Hold layouts, in the place of those of the same compounds."""
    session.put(session.SPACE_LAYOUTS, (_plan_id(scene), {**_all(scene), **made}))


def held(scene: Scene, scope: Scope) -> dict[str, Laid]:
    """Layouts of the compounds that the page is about, in their order."""
    found = _all(scene)
    return {uid: found[uid] for uid in scope.uids if uid in found}


def drop(scene: Scene, uids: Iterable[str]) -> None:
    """Forget layouts; the plan is as it was."""
    found, gone = _all(scene), set(uids)
    left = {uid: laid for uid, laid in found.items() if uid not in gone}
    session.put(session.SPACE_LAYOUTS, (_plan_id(scene), left))


def stale(scene: Scene, laid: Iterable[Laid]) -> bool:
    """Tell whether the plan has moved on since one of them was made."""
    basis = origin(scene.loaded, scene.view).basis
    return any(is_stale(one.layout, basis) for one in laid)


def changed(scene: Scene, scope: Scope, laid: Iterable[Laid]) -> bool:
    """Tell whether something else is asked for now than one of them was made by."""
    asked = _asked(scene)
    return any(
        (one.layout.ground_settings, one.layout.stall_settings) != asked
        or (scope.pianqu is not None and one.walls_down != scope.walls_down)
        for one in laid
    )


def origin(loaded: LoadedPlan, view: View) -> Origin:
    """State of the plan that a layout made now is made of."""
    basis = loaded.kept(("stall_basis", view.revision), lambda: basis_of(loaded.plan))
    return Origin(plan_id=str(loaded.plan.plan_id), basis=basis, edition=view.edition)


def layers_for(scene: Scene, uids: tuple[str, ...]) -> dict[str, gpd.GeoDataFrame]:
    """Layers of the plan: all compounds, whose needs hang together, and what lies near to these."""
    near = space_ground.layers_near(scene, uids)
    whole = {"parking", "stalls"}
    read = {name: near.get(name) for name in LAYOUT_LAYERS if name not in whole}
    known = {name: frame for name, frame in read.items() if frame is not None}
    counted = {name: scene.plan.read(name) for name in whole}
    return {**known, **counted, "compounds": scene.view.frame}


def _work(scene: Scene, scope: Scope) -> Callable[[search.Tell], dict[str, Laid]]:
    settings, now = _asked(scene), origin(scene.loaded, scene.view)
    bare = [uid for uid in scope.uids if uid in space_page.bare()]
    # What the planner says of some compounds is not said of the others.
    parts = [(bare, True), ([uid for uid in scope.uids if uid not in set(bare)], False)]
    zone = scene.view.settings.get("zone")

    def work(tell: search.Tell) -> dict[str, Laid]:
        tell(0.0, "正在读取图层…")
        layers, saved = layers_for(scene, scope.uids), scene.plan.records("layouts")
        made: dict[str, StallLayout] = {}
        for uids, without_houses in parts:
            if not uids:
                continue
            start, share = len(made) / len(scope.uids), len(uids) / len(scope.uids)
            made |= make_layouts(
                layers,
                uids,
                *settings,
                origin=now,
                zone=None if zone is None else int(zone),
                saved=saved,
                together=scope.walls_down,
                bare_ground=without_houses,
                progress=lambda done, a=start, b=share: tell(a + b * done, WORDS),
            )
        return {uid: Laid(made[uid], scope.walls_down) for uid in scope.uids}

    return work


def _asked(scene: Scene) -> tuple[GroundSettings, StallSettings]:
    return space_settings.ground_settings(scene.view), space_settings.draft(scene.view)


def _all(scene: Scene) -> dict[str, Laid]:
    plan, found = session.get(session.SPACE_LAYOUTS, ("", {}))
    return found if plan == _plan_id(scene) else {}


def _plan_id(scene: Scene) -> str:
    return str(scene.plan.plan_id)
