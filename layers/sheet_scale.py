"""The map's scale on paper: a round denominator, the part of the plane that is shown, the scale bar."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from layers.sheet_page import Box

__all__ = ["DENOMINATORS", "MapView", "bar_lengths_m", "map_view", "round_denominator"]

DENOMINATORS = (
    *(500, 1_000, 2_000, 2_500, 5_000),
    # Beyond the survey scales finer steps keep the paper filled.
    *(m * 10**e for e in (4, 5, 6) for m in (1, 2, 3, 4, 5, 6, 8)),
    *(15_000, 25_000, 150_000, 250_000, 1_500_000, 2_500_000, 10_000_000),
)
# Room round the outermost boundaries, for labels.
MARGIN_MM = 7.0


@dataclass(frozen=True, kw_only=True)
class MapView:
    """What of the plane is shown, and how large.

    Attributes
    ----------
    denominator : int
        5 000 for 1:5 000.
    west, south, east, north : float
        Metres in the plan's plane.
    frame : Box
        The map on the paper.
    """

    denominator: int
    west: float
    south: float
    east: float
    north: float
    frame: Box

    @property
    def metres_per_mm(self) -> float:
        """Ground metres in a millimetre of paper."""
        return self.denominator / 1_000

    def to_paper(self, x: npt.ArrayLike, y: npt.ArrayLike) -> tuple[np.ndarray, np.ndarray]:
        """Plane metres to paper millimetres."""
        right = self.frame.x + (np.asarray(x) - self.west) / self.metres_per_mm
        up = self.frame.y + (np.asarray(y) - self.south) / self.metres_per_mm
        return right, up

    @property
    def window(self) -> shapely.Polygon:
        """The shown rectangle."""
        return shapely.box(self.west, self.south, self.east, self.north)


def map_view(bounds: tuple[float, float, float, float], frame: Box) -> MapView:
    """Largest round scale at which ``bounds`` (plane metres) fit into ``frame``, in its middle."""
    west, south, east, north = bounds
    inner = frame.inset(MARGIN_MM)
    denominator = round_denominator(
        max((east - west) / inner.width, (north - south) / inner.height) * 1_000
    )
    half_width = frame.width * denominator / 2_000
    half_height = frame.height * denominator / 2_000
    x, y = (west + east) / 2, (south + north) / 2
    return MapView(
        denominator=denominator,
        west=x - half_width,
        south=y - half_height,
        east=x + half_width,
        north=y + half_height,
        frame=frame,
    )


def round_denominator(least: float) -> int:
    """Find the smallest round denominator that is not below ``least``.

    Examples
    --------
    >>> round_denominator(3100.0), round_denominator(5000.0), round_denominator(1.0)
    (5000, 5000, 500)
    """
    return next((d for d in sorted(DENOMINATORS) if d >= least * (1 - 1e-9)), max(DENOMINATORS))


def bar_lengths_m(denominator: int, longest_mm: float) -> tuple[float, int]:
    """Length of one part of the scale bar in metres and how many parts fit (2 to 4).

    Examples
    --------
    >>> bar_lengths_m(5_000, 70)
    (50.0, 4)
    >>> bar_lengths_m(2_500, 70)
    (50.0, 3)
    """
    longest_m = longest_mm * denominator / 1_000
    for parts in (4, 3):
        power = 10.0 ** np.floor(np.log10(longest_m / parts))
        step = max(s * power for s in (1.0, 2.0, 5.0) if s * power <= longest_m / parts)
        if step * parts >= longest_m * 0.55:
            return float(step), parts
    return float(step), 4
