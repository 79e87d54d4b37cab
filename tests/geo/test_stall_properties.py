"""What holds for layouts everywhere: no fault, wherever the ground lies and however it was drawn."""

import functools

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import Polygon, affinity, box

from errors import PlanningError
from geo.ground import Deduction, open_ground
from geo.stalls import Layout, lay_out, lay_out_many
from tests.geo.laid_out import laid_out, limits_of
from tests.geo.lots import LIMITS, Lot, front
from tests.geo.random_compounds import SETBACK_M, compound
from tests.geo.stall_checker import faults

ENGINE_LIMITS = limits_of(LIMITS)
CRS = "EPSG:4547"
SEEDS, ALL_SEEDS = range(24), range(24, 324)


@functools.cache
def _lot(seed: int) -> Lot:
    made = compound(seed)
    return Lot(f"compound {seed}", _open(seed), made.roads, 0, "", made.streets)


def _open(seed: int) -> shapely.Geometry:
    """Ground as the program finds it."""
    made = compound(seed)
    taken = {
        "buildings": shapely.buffer(made.buildings, SETBACK_M),
        "green": made.green,
        "carriageway": made.roads,
        "streets": made.streets or Polygon(),
    }
    off = [
        Deduction(kind=kind, shapes=gpd.GeoSeries([shape], crs=CRS))
        for kind, shape in taken.items()
    ]
    return open_ground(gpd.GeoSeries([made.outline], crs=CRS), off).open.iloc[0]


@functools.cache
def _layout(seed: int) -> Layout:
    return laid_out(_lot(seed))


def _told(lot: Lot, layout) -> list[str]:
    return faults(lot.ground, lot.roads, lot.streets, layout, lot.limits)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_made_up_compound_is_laid_out_without_a_fault(seed) -> None:
    assert _told(_lot(seed), _layout(seed)) == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", ALL_SEEDS)
def test_hundreds_of_compounds_are_laid_out_without_a_fault(seed) -> None:
    lot = _lot(seed)
    assert _told(lot, laid_out(lot)) == []


def test_made_up_compounds_hold_stalls() -> None:
    """Nothing above would fail if every layout were empty."""
    counts = [_layout(seed).count for seed in SEEDS]
    assert sum(count > 0 for count in counts) >= 22
    assert sum(counts) > 24 * 60


@pytest.mark.parametrize("seed", [1, 4, 9])
@pytest.mark.parametrize("turned", [17.3, 90.0, 211.9])
def test_the_count_does_not_depend_on_where_a_compound_lies(seed, turned) -> None:
    lot = _lot(seed)
    count = _layout(seed).count
    moved = lot.moved(0.0, -5e5, -3.4e6).moved(turned, 40_512_345.6, 3_391_234.5)
    layout = laid_out(moved)
    assert _told(moved, layout) == []
    assert abs(layout.count - count) <= max(1, round(0.01 * count))


@pytest.mark.parametrize("seed", [2, 7])
def test_a_mirrored_compound_holds_as_many(seed) -> None:
    lot = _lot(seed).moved(0.0, -5e5, -3.4e6)
    count = laid_out(lot).count
    assert abs(laid_out(lot.moved(0.0, 0, 0, mirrored=True)).count - count) <= max(1, 0.02 * count)


def test_the_same_twice_is_the_same() -> None:
    first, second = _layout(3), laid_out(_lot(3))
    assert first.arrangement.tolist() == second.arrangement.tolist()
    assert shapely.equals_exact(first.stalls, second.stalls, tolerance=0.0).all()


@pytest.mark.parametrize("seed", [0, 1, 5, 8, 9])
def test_a_part_never_holds_more_than_the_whole(seed) -> None:
    lot = _lot(seed)
    x0, y0, x1, y1 = lot.ground.bounds
    part = lot.ground & box(x0, y0, x0 + 0.7 * (x1 - x0), y1)
    less = laid_out(Lot("part", part, lot.roads, 0, "", lot.streets)).count
    assert _layout(seed).count >= less - max(1, 0.02 * less)


@pytest.mark.parametrize("seed", [0, 6, 11])
def test_more_corners_and_slivers_change_little(seed) -> None:
    """Mended first, a search that starts elsewhere may still end some stalls apart."""
    lot = _lot(seed)
    count = _layout(seed).count
    dense = Lot("dense", shapely.segmentize(lot.ground, 0.7), lot.roads, 0, "", lot.streets)
    layout = laid_out(dense)
    assert _told(dense, layout) == []
    assert layout.count >= 0.85 * count
    wall = (
        lot.ground.exterior if lot.ground.geom_type == "Polygon" else lot.ground.geoms[0].exterior
    )
    slivers = [
        wall.interpolate(share, normalized=True).buffer(0.002, quad_segs=1)
        for share in np.linspace(0.0, 1.0, 40)
    ]
    nicked = Lot("nicked", lot.ground - shapely.union_all(slivers), lot.roads, 0, "", lot.streets)
    layout = laid_out(nicked)
    assert _told(nicked, layout) == []
    assert layout.count >= 0.85 * count


def _outline(corners: int) -> Polygon:
    turns = np.linspace(0.0, 2 * np.pi, corners, endpoint=False)
    away = 40.0 + 0.02 * np.sin(97 * turns)
    return Polygon(np.column_stack([away * np.cos(turns), 45 + away * np.sin(turns)]))


def _broken(value: float) -> Polygon:
    with np.errstate(invalid="ignore"):
        return Polygon([(0, 0), (30, value), (30, 30)])


BAD = {
    "nothing": (Polygon(), front(30)),
    "missing": (None, front(30)),
    "bow tie": (Polygon([(0, 0), (30, 30), (30, 0), (0, 30)]), front(30)),
    "a line": (shapely.LineString([(0, 0), (30, 0)]), front(30)),
    "thinner than a stall": (box(0, 0, 1.2, 50), front(30)),
    "no road": (box(0, 0, 30, 30), None),
    "empty road": (box(0, 0, 30, 30), Polygon()),
    "road as a line": (box(0, 0, 30, 30), shapely.LineString([(-6, -2), (36, -2)])),
    "NaN": (_broken(np.nan), front(30)),
    "infinite": (_broken(np.inf), front(30)),
    "10,000 corners": (_outline(10_000), box(-60, 0, 60, 5.5)),
    "crossing road": (box(0, 0, 30, 30), Polygon([(-6, 0), (36, -6), (36, 0), (-6, -6)])),
    "mixed": (shapely.GeometryCollection([box(0, 0, 30, 30), shapely.Point(5, 5)]), front(30)),
    "road over all": (box(0, 0, 30, 30), box(-6, -6, 36, 36)),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_ground_gives_a_clear_result_or_a_message(name) -> None:
    ground, roads = BAD[name]
    try:
        layout = lay_out(ground, roads=roads, limits=ENGINE_LIMITS)
    except PlanningError as said:
        assert any("\u4e00" <= sign <= "\u9fff" for sign in str(said))
        return
    finite = [shape for shape in (ground, roads) if shape is not None]
    if all(np.isfinite(shapely.get_coordinates(shape)).all() for shape in finite):
        area = ground if ground is not None and ground.geom_type != "LineString" else Polygon()
        road = roads if roads is not None and roads.geom_type != "LineString" else None
        assert layout.count == 0 or faults(area, road, None, layout, LIMITS) == []
    else:
        assert layout.count == 0
    if name in {"nothing", "missing", "a line", "thinner than a stall", "no road", "empty road"}:
        assert layout.count == 0


def test_ten_thousand_corners_hold_what_few_corners_hold() -> None:
    counts = []
    for corners in (64, 10_000):
        road = box(-60, 0, 60, 5.5)
        ground = _outline(corners) - road
        counts.append(lay_out(ground, roads=road, limits=ENGINE_LIMITS).count)
    assert counts[1] >= 0.95 * counts[0] > 100


def test_many_at_once_are_as_one_by_one_in_any_order() -> None:
    lots = {seed: _lot(seed) for seed in (5, 2, 12)}
    frames = {
        name: gpd.GeoSeries(
            [getattr(lot, name) for lot in lots.values()], index=list(lots), crs=CRS
        )
        for name in ("ground", "roads", "streets")
    }
    found = lay_out_many(
        frames["ground"], roads=frames["roads"], streets=frames["streets"], limits=ENGINE_LIMITS
    )
    back = lay_out_many(
        frames["ground"][::-1],
        roads=frames["roads"],
        streets=frames["streets"],
        limits=ENGINE_LIMITS,
    )
    for seed in lots:
        alone = _layout(seed)
        assert found[seed].count == back[seed].count == alone.count
        assert shapely.equals_exact(found[seed].stalls, alone.stalls, tolerance=0.0).all()


def test_what_raises_in_the_progress_ends_the_work() -> None:
    def stop(_: float) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        lay_out(_lot(1).ground, roads=_lot(1).roads, limits=ENGINE_LIMITS, progress=stop)


def test_a_lot_that_is_moved_by_hand_keeps_its_stalls_in_place() -> None:
    """Coordinates of a plane with its zone in front lose digits: stalls stay whole to a millimetre."""
    lot = Lot("", box(0, 0, 16.1, 48), front(16.1), 40, "")
    far = lot.moved(0.0, 40_500_000.0, 4_400_000.0)
    near_stalls, far_stalls = laid_out(lot).stalls, laid_out(far).stalls
    back = [affinity.translate(one, -40_500_000.0, -4_400_000.0) for one in far_stalls]
    gap = shapely.area(shapely.symmetric_difference(near_stalls, np.array(back, dtype=object)))
    assert gap.max() < 0.05
