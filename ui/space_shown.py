"""The layout of each compound as it is shown: that of this session, else the one that is saved in the plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from data.ground_settings import GROUND_SETTING, GroundSettings
from data.layouts import SavedLayout, StallLayout, layout_frame, saved_layouts
from data.stall_settings import STALL_SETTING, StallSettings
from errors import RecordError
from geo.stall_uses import ORDINARY
from policy.verdicts import Verdict
from ui import session, space_page
from ui.scene import Scene
from ui.space_demand import demand_of
from ui.space_figures import COLUMNS
from ui.space_layouts import Laid, held
from ui.space_scope import Scope

__all__ = [
    "MARK",
    "Shown",
    "capacity_frame",
    "drawn",
    "figures_table",
    "of_session",
    "pin",
    "pinned",
    "saved_of",
    "shown",
    "unpin",
]

_VERDICT = tuple(one.name for one in fields(Verdict))
# Of a stall that is not in the plan: its compound, and its place in the layout.
MARK = "#"


@dataclass(frozen=True, eq=False)
class Shown:
    """A layout as it is shown.

    Attributes
    ----------
    uid, name : str
        The compound.
    figures : dict
        :data:`ui.space_figures.COLUMNS`; None is unknown.
    verdicts : tuple of Verdict
    notes : tuple of str
    reason : str
        Why there is no figure or no stall.
    laid : Laid or None
        Of this session.
    saved : SavedLayout or None
        In the plan; shown where the session has none.
    frame : GeoDataFrame or None
        What it drew when it was pinned: a layout in the plan may be another by now.
    """

    uid: str
    name: str
    figures: dict[str, Any]
    verdicts: tuple[Verdict, ...]
    notes: tuple[str, ...]
    reason: str
    laid: Laid | None = None
    saved: SavedLayout | None = None
    frame: gpd.GeoDataFrame | None = None

    @property
    def words(self) -> str:
        """What it came from."""
        if self.laid is not None:
            return self.laid.layout.words
        return "" if self.saved is None else _words(self.saved)

    @property
    def key(self) -> tuple[Any, ...]:
        """Changes with what is drawn of it."""
        if self.laid is not None:
            return (self.uid, self.laid.serial)
        return (self.uid, self.saved.uid if self.saved else "")


def shown(scene: Scene, scope: Scope, laid: Mapping[str, Laid]) -> dict[str, Shown]:
    """Return what is shown of the compounds that the page is about, in their order."""
    saved = saved_of(scene)
    found = {}
    for uid in scope.uids:
        if uid in laid:
            found[uid] = of_session(laid[uid])
        elif uid in saved:
            found[uid] = _of_plan(scene, saved[uid])
    return found


def of_session(laid: Laid) -> Shown:
    """Return a layout of this session as it is shown."""
    layout = laid.layout
    figures = {name: getattr(layout.figures, name) for name in COLUMNS}
    if layout.layout is None:
        # Without figures: nothing is proposed, which is another thing than none.
        figures |= dict.fromkeys(("stalls", "mechanical", "accessible", "charging"))
        figures |= dict.fromkeys(("used_m2", "aisle_m2"))
    return Shown(
        uid=layout.uid,
        name=layout.name,
        figures=figures,
        verdicts=layout.verdicts,
        notes=layout.notes,
        reason=layout.reason,
        laid=laid,
    )


def saved_of(scene: Scene) -> dict[str, SavedLayout]:
    """Read the saved layouts, by compound."""
    return scene.loaded.kept(
        ("saved_layouts", scene.view.revision),
        lambda: {one.compound_uid: one for one in saved_layouts(scene.plan)},
    )


def drawn(scene: Scene, one: Shown) -> gpd.GeoDataFrame:
    """Stalls and aisles of a layout in degrees: ``part``, ``kind``, ``use``, and the ``uid`` that a click tells."""
    if one.frame is not None:
        return one.frame
    if one.laid is not None:
        frame = layout_frame(one.laid.layout)
        return frame.assign(uid=[f"{one.uid}{MARK}{at}" for at in range(len(frame))])
    if one.saved is None:
        return gpd.GeoDataFrame(
            {"part": [], "kind": [], "use": [], "uid": []}, geometry=[], crs=4490
        )
    stalls, aisles = (_rows(scene, name, one.saved.uid) for name in ("stalls", "aisles"))
    return gpd.GeoDataFrame(
        pd.concat([stalls.assign(part="stall"), aisles.assign(part="aisle", use=None)]),
        crs=stalls.crs,
    )


def pin(scene: Scene, scope: Scope) -> None:
    """Keep what is shown as 方案甲: what comes next is set against it."""
    found = shown(scene, scope, held(scene, scope))
    kept = {uid: replace(one, frame=drawn(scene, one)) for uid, one in found.items()}
    session.put(session.SPACE_PINNED, (str(scene.plan.plan_id), kept))


def pinned(scene: Scene, scope: Scope) -> dict[str, Shown]:
    """Layouts that are 方案甲, of the compounds that the page is about."""
    plan, found = session.get(session.SPACE_PINNED, ("", {}))
    return {u: found[u] for u in scope.uids if u in found} if plan == scene.plan.plan_id else {}


def unpin() -> None:
    """Compare no more."""
    session.take(session.SPACE_PINNED)
    space_page.keep("drawn", None)


def capacity_frame(layout: StallLayout) -> gpd.GeoDataFrame:
    """All stalls that fit, with their aisles, drawn like a proposal."""
    whole = layout.capacity
    if whole is None:
        return layout_frame(replace(layout, layout=None))
    made = replace(
        layout,
        layout=whole,
        use=np.full(whole.count, ORDINARY),
        by_hand=np.zeros(whole.count, dtype=bool),
        wheelchair=np.empty(0, dtype=object),
    )
    frame = layout_frame(made)
    return frame.assign(uid=[f"{layout.uid}{MARK}{at}" for at in range(len(frame))])


def _rows(scene: Scene, layer: str, layout_uid: str) -> gpd.GeoDataFrame:
    rows = scene.loaded.kept(
        ("space_rows", layer, scene.view.revision), lambda: scene.plan.read(layer)
    )
    found = rows[rows["layout_uid"] == layout_uid]
    return found.assign(uid=found.index.astype(str))


def figures_table(shown_ones: Mapping[str, Shown]) -> pd.DataFrame:
    """Figures by compound, NA unknown."""
    rows = {uid: one.figures for uid, one in shown_ones.items()}
    table = pd.DataFrame.from_dict(rows, orient="index", columns=list(COLUMNS))
    return table.apply(pd.to_numeric).astype("Float64")


def _of_plan(scene: Scene, saved: SavedLayout) -> Shown:
    need = demand_of(scene.loaded, scene.view).compounds.loc[saved.compound_uid]
    figures = {name: saved.figures.get(name) for name in COLUMNS}
    figures |= {name: _known(need[name]) for name in ("households", "shortage")}
    return Shown(
        uid=saved.compound_uid,
        name=str(scene.view.frame.loc[saved.compound_uid, "name"] or "未命名小区"),
        figures=figures,
        verdicts=tuple(_verdict(one) for one in saved.verdicts if "rule" in one),
        notes=saved.notes,
        reason="",
        saved=saved,
    )


def _verdict(values: Mapping[str, Any]) -> Verdict:
    return Verdict(**{name: values[name] for name in _VERDICT if name in values})


def _words(saved: SavedLayout) -> str:
    try:
        ground = GroundSettings.from_settings({GROUND_SETTING: saved.ground})
        stalls = StallSettings.from_settings({STALL_SETTING: saved.stalls})
    except RecordError:
        # Written by another version of the program.
        return ""
    return f"{ground.words}；{stalls.words}"


def _known(value: Any) -> Any:
    return None if pd.isna(value) else int(value)
