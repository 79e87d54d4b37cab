"""Labels of the map: numbers of listed compounds, names of 片区 and compounds, none over another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from matplotlib.patches import Circle
from matplotlib.patheffects import Stroke

from layers.fonts import MM_PER_POINT, font, printable, text_width_mm
from layers.palettes import pianqu_ink
from layers.sheet_page import INK, MIDDLE_EM, Box, Page
from layers.sheet_scale import MapView

__all__ = ["Taken", "label_compounds", "label_pianqu", "number_compounds"]

NUMBER_MM = 4.4
NUMBER_PT = 7.5
PIANQU_PT = 9.0
NAME_PT = 6.5
# More names than this on A3 are not read any more, and slow the drawing.
NAMES_AT_MOST = 400
# A short name may stand out over a small compound, as long as the map is not too crowded for it.
SHORT_NAME_MM = 14.0
NAMES_BESIDE_UP_TO = 10_000
# Where a label may go from its point, in label heights: on it first, then round it, then further.
_STEPS = [(0.0, 0.0)] + [
    (round(r * float(np.cos(a)), 3), round(r * float(np.sin(a)), 3))
    for r in (1.3, 2.4, 4.0, 6.0)
    for a in np.deg2rad((90, 270, 0, 180, 45, 135, 225, 315))
]


@dataclass
class Taken:
    """Room on the map that labels and furniture have taken.

    Attributes
    ----------
    frame : Box
        Labels stay inside.
    """

    frame: Box

    def __post_init__(self) -> None:
        self._boxes: list[tuple[float, float, float, float]] = []

    def take(self, box: Box) -> None:
        """Keep this room."""
        self._boxes.append((box.x, box.y, box.right, box.top))

    def free(self, box: Box) -> bool:
        """Whether the box lies inside the frame and over nothing taken."""
        f = self.frame
        if box.x < f.x or box.y < f.y or box.right > f.right or box.top > f.top:
            return False
        if not self._boxes:
            return True
        taken = np.asarray(self._boxes)
        clear = (
            (taken[:, 0] >= box.right)
            | (taken[:, 2] <= box.x)
            | (taken[:, 1] >= box.top)
            | (taken[:, 3] <= box.y)
        )
        return bool(clear.all())

    def first_free(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        *,
        steps: Iterable[tuple[float, float]],
    ) -> Box | None:
        """Take the first free place round a point, or None."""
        for right, up in steps:
            shift = (width + height) / 2 if abs(right) > 0.1 else 0.0
            box = Box(
                x=x
                - width / 2
                + np.sign(right) * shift * min(abs(right), 1)
                + right * height * 0.3,
                y=y - height / 2 + up * height,
                width=width,
                height=height,
            )
            if self.free(box):
                self.take(box)
                return box
        return None


def number_compounds(page: Page, compounds: gpd.GeoDataFrame, view: MapView, taken: Taken) -> None:
    """Put the number of each listed compound on it; a crowded one stands beside, with a leader."""
    x, y = _points(compounds, view)
    for number, at in enumerate(zip(x, y, strict=True), start=1):
        if not np.isfinite(at).all():
            continue
        box = taken.first_free(*at, NUMBER_MM, NUMBER_MM, steps=_STEPS)
        if box is None:  # no free place near: on the spot, over whatever is there
            box = Box(
                x=at[0] - NUMBER_MM / 2, y=at[1] - NUMBER_MM / 2, width=NUMBER_MM, height=NUMBER_MM
            )
        if np.hypot(box.middle[0] - at[0], box.middle[1] - at[1]) > NUMBER_MM / 2:
            page.line(at, box.middle, linewidth=0.5, zorder=20)
        page.furniture.add_patch(
            Circle(box.middle, NUMBER_MM / 2, facecolor="white", edgecolor=INK, lw=0.7, zorder=21)
        )
        page.text(box.middle, number, NUMBER_PT, align="center", bold=True, zorder=22)


def label_pianqu(page: Page, pianqu: gpd.GeoDataFrame, view: MapView, taken: Taken) -> int:
    """Name each 片区 where there is room, largest first; returns how many found none."""
    areas = pianqu.geometry.area.fillna(0.0).to_numpy()
    x, y = _points(pianqu, view)
    left_out = 0
    for at in np.argsort(-areas, kind="stable"):
        if np.isfinite(x[at]):
            name, ink = str(pianqu["name"].iloc[at]), pianqu_ink(pianqu["color"].iloc[at])
            placed = _name(page, name, (x[at], y[at]), taken, ink=ink)
            left_out += not placed
    return left_out


def label_compounds(
    page: Page,
    compounds: gpd.GeoDataFrame,
    view: MapView,
    taken: Taken,
    *,
    marks: Sequence[str] | None = None,
) -> None:
    """Name compounds whose name has room about them, largest first.

    With ``marks``, one a compound, the sign stands before the name, or alone where only it has room.
    """
    x, y = _points(compounds, view)
    bounds = compounds.bounds.to_numpy()
    widths = (bounds[:, 2] - bounds[:, 0]) / view.metres_per_mm
    order = np.argsort(-np.nan_to_num(widths), kind="stable")[:NAMES_AT_MOST]
    spare = SHORT_NAME_MM if view.denominator <= NAMES_BESIDE_UP_TO else 0.0
    for at in order:
        name, mark = printable(compounds["name"].iloc[at] or ""), marks[at] if marks else ""
        for words in (f"{mark} {name}".strip(), printable(mark)) if mark else (name,):
            wide = text_width_mm(printable(words), NAME_PT)
            fits = np.isfinite(x[at]) and wide <= max(widths[at] * 1.2, spare)
            if words and fits and _name(page, words, (x[at], y[at]), taken):
                break


def _name(
    page: Page, name: str, at: tuple[float, float], taken: Taken, *, ink: str | None = None
) -> bool:
    """Put a name where there is room; with ``ink`` it is a 片区's: larger, and searched for wider."""
    size = PIANQU_PT if ink else NAME_PT
    words = printable(name)
    width = text_width_mm(words, size, bold=ink is not None) + 1.0
    height = size * MM_PER_POINT * 1.25
    # A compound's name goes on it or just above or below a number that stands there.
    steps = _STEPS if ink else _STEPS[:3]
    box = taken.first_free(*at, width, height, steps=steps)
    if box is None:
        return False
    _haloed(page, words, box, size, ink)
    return True


def _haloed(page: Page, words: str, box: Box, size: float, ink: str | None) -> None:
    """White outline under the words; two artists, since an outlined text is no text in a PDF."""
    x, y = box.middle
    style = {
        "ha": "center",
        "va": "baseline",
        "fontproperties": font(size, bold=ink is not None),
        "parse_math": False,
    }
    base = y - MIDDLE_EM * size * MM_PER_POINT
    halo = page.furniture.text(x, base, words, color="white", zorder=19, **style)
    halo.set_path_effects([Stroke(linewidth=size / 4, foreground="white")])
    halo.set_gid("halo")
    page.furniture.text(x, base, words, color=ink or INK, zorder=20, **style)


def _points(frame: gpd.GeoDataFrame, view: MapView) -> tuple[np.ndarray, np.ndarray]:
    """Give a point inside each geometry, on its part nearest to its middle; on paper, NaN without one."""
    geoms = frame.geometry.to_numpy()
    parts, index = shapely.get_parts(geoms, return_index=True)
    away = shapely.distance(parts, shapely.centroid(geoms)[index])
    order = np.argsort(-np.round(away, 3), kind="stable")
    middle = np.full(len(geoms), None, dtype=object)
    middle[index[order]] = parts[order]
    points = shapely.point_on_surface(middle)
    return view.to_paper(shapely.get_x(points), shapely.get_y(points))
