"""The web map of a plan: mounted once, then told what has changed.

:func:`plan_map` is a folium map that carries the addresses of the session and nothing of the plan;
geometry, classes and names are fetched by its own scripts from the session's routes. :func:`map_state`
is given as ``feature_group_to_add`` at every run of the page: a few hundred bytes that call
``window.pianqu.update`` inside the map's frame, so that the map is neither mounted again nor moved.

Events come back as the value of the component; each is a dict with ``event`` and ``seq``: ``click``
(lng, lat, zoom, add), ``area`` (mode, geometry, add), ``drawn`` (geometry, target), ``edited`` (uid, version,
geometry), ``split`` (uid, version, line), ``legend`` (class_index, add), ``found`` (uid), ``cancel``,
``overlay_click`` (uid, class, lng, lat, zoom, add), ``stall_add`` (shape, geometry, angle_deg, beside),
``stall_delete`` (uid, class).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Literal

import folium
from branca.element import MacroElement
from folium.template import Template

from layers.assets import MAP_SCRIPTS, MAP_STYLES
from layers.facility_signs import sign_table
from layers.palettes import PIANQU_COLORS
from layers.safe import script_json
from layers.scale import LegendRow
from layers.tiles import AGGREGATE_BELOW_ZOOM
from layers.webmap_overlay import OverlayState, StallTool

__all__ = [
    "EVENTS",
    "BaseLayer",
    "Ground",
    "Legend",
    "MapConfig",
    "MapState",
    "Mode",
    "Target",
    "map_state",
    "mounted",
    "plan_map",
    "update",
]

Bounds = tuple[float, float, float, float]
Mode = Literal[
    "select",
    "rectangle",
    "polygon",
    "lasso",
    "draw",
    "edit",
    "split",
    "measure",
    "stall_add",
    "stall_delete",
]

EVENTS = (
    "click",
    "area",
    "drawn",
    "edited",
    "split",
    "legend",
    "found",
    "cancel",
    "overlay_click",
    "stall_add",
    "stall_delete",
)
MAX_ZOOM = 22
MIN_ZOOM = 3


@dataclass(frozen=True, kw_only=True)
class BaseLayer:
    """One layer of pictures under the plan.

    Attributes
    ----------
    url : str
        Address with ``{z}``, ``{x}`` and ``{y}``; without a scheme it lies below the session's address.
    attribution : str
        Whom the pictures are from, plain words.
    max_zoom : int
        Last zoom with pictures of its own; beyond it they are enlarged.
    """

    url: str
    attribution: str = ""
    max_zoom: int = 18


@dataclass(frozen=True, kw_only=True)
class Ground:
    """A base map that the planner can choose: its Chinese title and its layers, the lowest first."""

    title: str
    layers: tuple[BaseLayer, ...]


@dataclass(frozen=True, kw_only=True)
class MapConfig:
    """What the map is mounted with; it must stay the same as long as the map is to stay.

    Attributes
    ----------
    base : str
        Address of the session's routes as seen from the map's frame, with the slash at the end
        (``../../plan/TOKEN/``).
    view : tuple or None
        Longitude, latitude and zoom where the planner was; None shows the whole plan.
    zone, central_meridian : int, float or None
        The plan's 3° Gauss–Krüger zone, for the coordinates of the pointer.
    layers : tuple of (str, str)
        Layers of the tiles and their titles, for the layer control.
    hidden : tuple of str
        Layers that are hidden at first (``names`` for the names).
    grounds : tuple of Ground
        Base maps besides the blank one.
    ground : int
        Which is shown at first: 0 is blank, 1 the first of `grounds`.
    pianqu_colors : tuple of str
        Palette of the 片区, by colour index.
    signs : tuple of (str, str)
        Sign and colour of the kinds of service facilities, by number from 1 on.
    attribution : str
        Origin of the plan's base data, plain words.
    fit_seq : int
        ``MapState.fit_seq`` that the view already answers to.
    """

    base: str
    view: tuple[float, float, float] | None = None
    zone: int | None = None
    central_meridian: float | None = None
    layers: tuple[tuple[str, str], ...] = (("compounds", "小区"), ("pianqu", "片区"))
    hidden: tuple[str, ...] = ()
    grounds: tuple[Ground, ...] = ()
    ground: int = 0
    pianqu_colors: tuple[str, ...] = PIANQU_COLORS
    signs: tuple[tuple[str, str], ...] = sign_table()
    attribution: str = ""
    fit_seq: int = 0


@dataclass(frozen=True, kw_only=True)
class Legend:
    """Title, unit (may be empty) and rows; the rows are also how the classes are painted."""

    title: str
    unit: str
    rows: tuple[LegendRow, ...]


@dataclass(frozen=True, kw_only=True)
class Target:
    """The compound that the tools draw, edit and split work on: the one whose card is open.

    Attributes
    ----------
    uid, name : str
        The compound.
    version : int
        Row version that the page has shown.
    has_boundary : bool
        Without one, drawing gives it one; with one, drawing makes a new compound.
    """

    uid: str
    name: str
    version: int
    has_boundary: bool = True


@dataclass(frozen=True, kw_only=True)
class MapState:
    """What the map shows.

    Attributes
    ----------
    tiles_rev : int
        Revision of the drawn geometry; a new one fetches the tiles again.
    classes_url : str
        Address of the class table below the session's address; a new one fetches it again, so it holds
        what the table depends on (``classes?v=17-built-3``).
    legend : Legend or None
        Classes of the colouring; None paints all alike.
    extent : tuple or None
        West, south, east, north of the plan, for 适应全图 and the first view.
    fit, fit_seq : tuple or None, int
        Where to go, once for each number.
    mode : str
        Tool that Python asks for. The planner's own choice stays until this, `mode_seq` or the target of a
        tool other than select changes.
    mode_seq : int
        Count it up to ask for the same tool again.
    target : Target or None
        What the tools work on.
    labels : tuple of (str, float, float, int, bool)
        Names of the 片区 with longitude, latitude, colour index and whether they are locked.
    notes : tuple of str
        Lines under the legend, as 虚线为示意边界.
    busy : str or None
        What is being worked on.
    message : str or None
        Said once when it changes.
    overlay : OverlayState or None
        What the page lays over the tiles (:mod:`layers.webmap_overlay`).
    stalls : StallTool or None
        Tools that set and take away stalls.
    """

    tiles_rev: int
    classes_url: str
    legend: Legend | None = None
    extent: Bounds | None = None
    fit: Bounds | None = None
    fit_seq: int = 0
    mode: Mode = "select"
    mode_seq: int = 0
    target: Target | None = None
    labels: tuple[tuple[str, float, float, int, bool], ...] = ()
    notes: tuple[str, ...] = ()
    busy: str | None = None
    message: str | None = None
    overlay: OverlayState | None = None
    stalls: StallTool | None = None


class _PlanMap(folium.Map):
    """A folium map that loads what is served from here, and nothing else."""

    default_js: ClassVar[list[tuple[str, str]]] = list(MAP_SCRIPTS)
    default_css: ClassVar[list[tuple[str, str]]] = list(MAP_STYLES)


class _Mount(MacroElement):
    _template = Template(
        "{% macro script(this, kwargs) %}\n"
        "window.{{ this.opener }}({{ this._parent.get_name() }}, {{ this.config }});\n"
        "{% endmacro %}"
    )

    def __init__(self, opener: str, config: dict[str, Any]) -> None:
        super().__init__()
        self._name = "PlanMount"
        self.opener, self.config = opener, script_json(config)


class _Update(MacroElement):
    _template = Template(
        "{% macro script(this, kwargs) %}\nwindow.pianqu.update({{ this.state }});\n{% endmacro %}"
    )

    def __init__(self, state: dict[str, Any]) -> None:
        super().__init__()
        self._name = "PlanState"
        self.state = script_json(state)


def plan_map(config: MapConfig) -> folium.Map:
    """Map of a plan, to be given to ``st_folium`` with a constant key and ``returned_objects=[]``.

    Parameters
    ----------
    config : MapConfig
        The same at every run; another one mounts the map anew.
    """
    return mounted(config, "pianquMount")


def mounted(config: MapConfig, opener: str) -> folium.Map:
    """Map that looks where `config` says and hands itself to a function of our scripts, with nothing on it yet."""
    lon, lat, zoom = config.view or (104.0, 35.0, 4)
    made = _PlanMap(
        location=[lat, lon],
        zoom_start=zoom,
        tiles=None,
        zoom_control=False,
        # Shift adds to the selection, and a double click ends what is being drawn.
        box_zoom=False,
        double_click_zoom=False,
    )
    # As arguments these would reach a tile layer only, and there is none.
    made.options |= {"max_zoom": MAX_ZOOM, "min_zoom": MIN_ZOOM}
    told = {**asdict(config), "aggregate_below_zoom": AGGREGATE_BELOW_ZOOM}
    _Mount(opener, told).add_to(made)
    return made


def map_state(state: MapState) -> folium.FeatureGroup:
    """State of the map, to be given to ``st_folium`` as ``feature_group_to_add`` at every run."""
    return update("plan", asdict(state))


def update(name: str, state: dict[str, Any]) -> folium.FeatureGroup:
    """Layer without anything on it that tells the map that is mounted its state."""
    group = folium.FeatureGroup(name=name, control=False)
    _Update(state).add_to(group)
    return group
