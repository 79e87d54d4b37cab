"""Open ground: areas that add up, whatever overlaps what; and what is not there or broken."""

from __future__ import annotations

import itertools

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st
from shapely import LineString, MultiPolygon, Point, Polygon, affinity, box

from bench.ground_loop import ground_by_loop
from data.samples import sample_plan
from errors import CrsError, GeometryError
from geo.crs import plan_zone, to_plane
from geo.ground import Deduction, Ground, open_ground

CRS = "EPSG:4547"
KINDS = ("buildings", "setback", "carriageway", "green")
# Cut-outs that all but touch are grown by a millionth of a metre.
HAIR_M2 = 1e-3
NOT_A_NUMBER = shapely.set_coordinates(
    box(5, 5, 15, 15), [[5, 5], [np.nan, 5], [15, 15], [5, 15], [5, 5]]
)


def series(*shapes: shapely.Geometry | None, index: list[str] | None = None) -> gpd.GeoSeries:
    return gpd.GeoSeries(list(shapes), index=index, crs=CRS)


def off(**shapes: list[shapely.Geometry | None]) -> list[Deduction]:
    return [Deduction(kind=kind, shapes=series(*given)) for kind, given in shapes.items()]


def town(seed: int) -> tuple[gpd.GeoSeries, list[Deduction]]:
    """Compounds side by side, notched and with courts, and heaps of things on and across them."""
    rng = np.random.default_rng(seed)
    outlines = [
        box(60 * k, 0, 60 * k + rng.choice([58, 60]), rng.integers(20, 60)) for k in range(4)
    ]
    outlines[1] = outlines[1].difference(box(75, 10, 90, 15))
    outlines[2] = outlines[2].union(box(130, 100, 150, 120))
    turn = rng.uniform(0, 90)
    things: dict[str, list[shapely.Geometry]] = {kind: [] for kind in KINDS}
    for _ in range(rng.integers(3, 12)):
        x, y = rng.uniform(0, 240), rng.uniform(-5, 60)
        house = affinity.rotate(
            box(x, y, x + rng.uniform(2, 20), y + rng.uniform(2, 12)), rng.choice([0, 0, 30])
        )
        if rng.random() < 0.2:
            house = house.difference(house.buffer(-0.8, join_style="mitre"))
        things["buildings"].append(house)
        things["setback"].append(house.buffer(1.5, join_style="mitre"))
    for _ in range(rng.integers(0, 4)):
        x, y = rng.uniform(0, 240), rng.uniform(0, 50)
        things["carriageway"].append(
            box(x, -10, x + 4, 80) if rng.random() < 0.5 else box(-10, y, 260, y + 4)
        )
    for _ in range(rng.integers(0, 6)):
        x, y = rng.integers(0, 240), rng.integers(0, 50)
        things["green"].append(Point(x, y).buffer(rng.uniform(1, 9), quad_segs=2))
    # The same twice, and one across two compounds along their shared edge.
    things["green"] += [things["buildings"][0], box(55, 5, 65, 15), box(60, 20, 66, 24)]
    turned = [affinity.rotate(outline, turn, origin=(0, 0)) for outline in outlines]
    compounds = series(*turned, index=list("甲乙丙丁"))
    return compounds, [
        Deduction(
            kind=kind,
            shapes=series(*[affinity.rotate(shape, turn, origin=(0, 0)) for shape in shapes]),
        )
        for kind, shapes in things.items()
    ]


def is_partition(compounds: gpd.GeoSeries, ground: Ground) -> None:
    areas = ground.areas
    total = areas.drop(columns="area_m2").sum(axis=1)
    assert np.allclose(total, areas["area_m2"], rtol=1e-6)
    assert np.allclose(areas["area_m2"], compounds.area, rtol=1e-9)
    assert np.allclose(ground.open.area, areas["open_m2"], rtol=0, atol=HAIR_M2)
    assert (areas >= 0).all(axis=None)
    assert ground.open.is_valid.all()


@settings(max_examples=40)
@given(st.integers(0, 10_000))
@example(178)
@example(181)
def test_areas_are_those_of_one_difference_after_the_other(seed: int) -> None:
    compounds, deductions = town(seed)
    ground = open_ground(compounds, deductions, with_shapes=True)
    left, areas, pieces = ground_by_loop(compounds, deductions)
    is_partition(compounds, ground)
    assert np.allclose(ground.areas, areas[ground.areas.columns], rtol=0, atol=HAIR_M2)
    assert (ground.open.symmetric_difference(left).area < HAIR_M2).all()
    assert ground.taken is not None
    assert ground.taken.is_valid.all()
    mine = ground.taken.set_index(["compound", "kind"])["area_m2"].sort_index()
    theirs = pieces.groupby(["compound", "kind"])["area_m2"].sum()
    both = pd.concat([mine, theirs], axis=1, keys=["mine", "theirs"]).fillna(0.0)
    assert np.allclose(both["mine"], both["theirs"], rtol=0, atol=HAIR_M2)


@settings(max_examples=15)
@given(st.integers(0, 10_000))
def test_ground_and_pieces_lie_in_the_compound_and_apart(seed: int) -> None:
    compounds, deductions = town(seed)
    ground = open_ground(compounds, deductions, with_shapes=True)
    assert (ground.open.difference(compounds).area < 1e-9).all()
    for one in deductions:
        for shape in one.shapes:
            assert (ground.open.intersection(shape).area < HAIR_M2).all()
    assert ground.taken is not None
    for label, pieces in ground.taken.groupby("compound"):
        # Not their union: of edges that all but coincide the engine makes less than there is.
        together = [*pieces.geometry, ground.open[label]]
        assert sum(one.area for one in together) == pytest.approx(
            compounds[label].area, abs=HAIR_M2
        )
        for one, other in itertools.combinations(together, 2):
            assert one.intersection(other).area < HAIR_M2
    assert not ground.taken.duplicated(["compound", "kind"]).any()


@settings(max_examples=10)
@given(st.integers(0, 10_000), st.randoms())
def test_order_of_rows_does_not_matter(seed: int, random: object) -> None:
    compounds, deductions = town(seed)
    shuffled = [
        Deduction(kind=one.kind, shapes=one.shapes.sample(frac=1.0, random_state=seed))
        for one in deductions
    ]
    plain = open_ground(compounds, deductions)
    other = open_ground(compounds.iloc[::-1], shuffled)
    pd.testing.assert_frame_equal(other.areas.loc[compounds.index], plain.areas, atol=HAIR_M2)
    assert (other.open.loc[compounds.index].symmetric_difference(plain.open).area < HAIR_M2).all()


@settings(max_examples=10)
@given(st.integers(0, 10_000), st.floats(0, 360), st.floats(0, 4e6))
def test_turning_and_shifting_changes_no_area(seed: int, turn: float, shift: float) -> None:
    compounds, deductions = town(seed)

    def moved(shapes: gpd.GeoSeries) -> gpd.GeoSeries:
        return shapes.rotate(turn, origin=(0, 0)).translate(shift, shift)

    plain = open_ground(compounds, deductions)
    other = open_ground(
        moved(compounds), [Deduction(kind=one.kind, shapes=moved(one.shapes)) for one in deductions]
    )
    pd.testing.assert_frame_equal(other.areas, plain.areas, atol=1e-2)


def test_ground_of_a_made_up_city_is_that_of_the_loop() -> None:
    layers = sample_plan("city:60:1").layers
    epsg = plan_zone(layers["compounds"].geometry).epsg
    plane = {name: to_plane(frame.geometry, epsg) for name, frame in layers.items()}
    roads = plane["roads"].buffer(layers["roads"]["width_m"] / 2, cap_style="flat")
    deductions = [
        Deduction(kind="buildings", shapes=plane["buildings"]),
        Deduction(kind="setback", shapes=plane["buildings"].buffer(1.5, join_style="mitre")),
        Deduction(kind="carriageway", shapes=roads),
        Deduction(kind="green", shapes=plane["green"]),
    ]
    ground = open_ground(plane["compounds"], deductions)
    left, areas, _ = ground_by_loop(plane["compounds"], deductions)
    is_partition(plane["compounds"], ground)
    assert np.allclose(ground.areas, areas, rtol=0, atol=1e-5)
    assert np.allclose(ground.open.area, left.area, rtol=0, atol=1e-5)
    assert (ground.areas["open_m2"] / ground.areas["area_m2"]).between(0.2, 0.9).all()


def test_each_corner_is_taken_once_by_the_first_that_wants_it() -> None:
    yard = series(box(0, 0, 40, 30), index=["甲"])
    ground = open_ground(
        yard,
        off(
            buildings=[box(0, 0, 40, 12)],
            carriageway=[box(10, 0, 14, 30)],
            green=[box(0, 10, 40, 20)],
        ),
        with_shapes=True,
    )
    assert ground.areas.loc["甲"].tolist() == pytest.approx([1200, 480, 72, 36 * 8, 360])
    assert list(ground.areas.columns) == ["area_m2", "buildings", "carriageway", "green", "open_m2"]
    assert ground.taken is not None
    assert ground.taken["kind"].tolist() == ["buildings", "carriageway", "green"]
    assert ground.taken["compound"].unique().tolist() == ["甲"]


def test_house_in_its_setback_in_a_park_is_three_rings() -> None:
    house = box(20, 20, 30, 30)
    park = [house.buffer(1.5, join_style="mitre").buffer(5, join_style="mitre")]
    deductions = off(buildings=[house], setback=[house.buffer(1.5, join_style="mitre")], green=park)
    ground = open_ground(series(box(0, 0, 50, 50)), deductions, with_shapes=True)
    assert ground.areas.iloc[0].tolist() == pytest.approx(
        [2500, 100, 69, 23**2 - 13**2, 2500 - 23**2]
    )
    assert ground.taken is not None
    assert ground.taken.area.tolist() == pytest.approx([100, 69, 360])


def test_court_of_a_house_is_open_and_holds_another_house() -> None:
    ring = box(10, 10, 40, 40).difference(box(15, 15, 35, 35))
    ground = open_ground(series(box(0, 0, 50, 50)), off(buildings=[ring, box(20, 20, 25, 25)]))
    assert ground.open.iloc[0].area == pytest.approx(2500 - 500 - 25)
    assert shapely.get_num_geometries(ground.open.iloc[0]) == 2
    assert not ground.open.iloc[0].intersects(Point(22, 22))
    assert ground.open.iloc[0].intersects(Point(30, 30))


def test_lane_that_cuts_a_compound_in_two_leaves_two_parts_each_with_its_house() -> None:
    houses = [box(2, 2, 8, 8), box(22, 2, 28, 8)]
    ground = open_ground(
        series(box(0, 0, 30, 10)), off(buildings=houses, carriageway=[box(12, -5, 16, 15)])
    )
    parts = shapely.get_parts(ground.open.iloc[0])
    assert [shapely.get_num_interior_rings(part) for part in parts] == [1, 1]
    assert ground.open.iloc[0].area == pytest.approx(300 - 72 - 40)


def test_between_edges_that_were_drawn_as_one_no_sliver_is_left() -> None:
    gap = 1e-7
    ground = open_ground(
        series(box(0, 0, 40, 30)),
        off(
            buildings=[box(10, 10, 20, 20), box(0, 0, 5, 5 - gap)],
            carriageway=[box(20 + gap, 10, 30, 20), box(0, 5, 40, 8)],
            green=[box(gap, 8, 40 - gap, 9)],
        ),
    )
    left = ground.open.iloc[0]
    assert left.area == pytest.approx(1200 - 100 - 25 - 100 - 120 - 40, abs=1e-3)
    parts = shapely.get_parts(left)
    assert (shapely.area(parts) / shapely.length(parts) > 0.1).all()
    assert shapely.get_num_geometries(left) == 2


@pytest.mark.parametrize(
    ("shape", "taken"),
    [
        (Polygon([(10, 10), (20, 20), (20, 10), (10, 20)]), 50.0),
        (box(100, 100, 120, 120), 0.0),
        (box(30, 10, 60, 20), 100.0),
        (box(40, 0, 60, 30), 0.0),
        (box(-10, -10, 60, 60), 1200.0),
        (box(0, 0, 40, 30), 1200.0),
        (MultiPolygon([box(1, 1, 2, 2), box(5, 5, 7, 6)]), 3.0),
        (Polygon(), 0.0),
        (None, 0.0),
        (Point(5, 5), 0.0),
        (LineString([(0, 0), (40, 30)]), 0.0),
        (Polygon([(5, 5, 9.0), (15, 5, 9.0), (15, 15, 8.0), (5, 15, 8.0)]), 100.0),
        (NOT_A_NUMBER, 0.0),
        (Polygon([(5, 5), (15, 5), (25, 5), (5, 5)]), 0.0),
        (shapely.GeometryCollection([box(1, 1, 3, 3), Point(9, 9)]), 4.0),
    ],
    ids=[
        "bow-tie", "outside", "across", "touching", "all around", "the same", "two parts", "empty", "missing",
        "point", "line", "with heights", "not a number", "flat", "mixed",
    ],
)  # fmt: skip
def test_whatever_is_drawn_as_a_house_takes_what_it_covers(
    shape: shapely.Geometry | None, taken: float
) -> None:
    ground = open_ground(series(box(0, 0, 40, 30)), off(buildings=[shape]), with_shapes=True)
    assert ground.areas["buildings"].iloc[0] == pytest.approx(taken, abs=1e-6)
    assert ground.open.iloc[0].area == pytest.approx(1200 - taken, abs=1e-4)
    assert ground.taken is not None
    assert ground.taken.area.sum() == pytest.approx(taken, abs=1e-4)


def test_same_house_twice_and_one_in_another_count_once() -> None:
    houses = [box(10, 10, 20, 20), box(10, 10, 20, 20), box(12, 12, 14, 14), box(15, 15, 25, 25)]
    ground = open_ground(series(box(0, 0, 40, 30)), off(buildings=houses, green=houses))
    assert ground.areas.iloc[0].tolist() == pytest.approx([1200, 175, 0, 1025])


def test_compound_without_a_boundary_has_no_areas_and_empty_ground() -> None:
    compounds = series(None, Polygon(), box(0, 0, 10, 10), index=["无", "空", "有"])
    ground = open_ground(compounds, off(buildings=[box(0, 0, 5, 5)]), with_shapes=True)
    assert ground.areas.loc[["无", "空"]].isna().all(axis=None)
    assert ground.open.is_empty.tolist() == [True, True, False]
    assert ground.areas.loc["有"].tolist() == pytest.approx([100, 25, 75])
    assert ground.taken is not None
    assert ground.taken["compound"].tolist() == ["有"]


def test_broken_outline_is_repaired() -> None:
    bow_tie = Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
    ground = open_ground(series(bow_tie), off(buildings=[box(0, 0, 10, 2)]))
    assert ground.areas["area_m2"].iloc[0] == pytest.approx(50)
    assert ground.areas.iloc[0, 1:].sum() == pytest.approx(50)


def test_nothing_to_take_off_and_no_compounds() -> None:
    yard = series(box(0, 0, 10, 10))
    assert open_ground(yard, []).areas.iloc[0].tolist() == [100, 100]
    assert open_ground(yard, off(buildings=[])).areas.iloc[0].tolist() == [100, 0, 100]
    none = open_ground(yard.iloc[:0], off(buildings=[box(0, 0, 1, 1)]), with_shapes=True)
    assert len(none.open) == len(none.areas) == 0
    assert none.taken is not None
    assert none.taken.crs == yard.crs


def test_outline_of_ten_thousand_corners() -> None:
    turn = np.linspace(0, 2 * np.pi, 10_000, endpoint=False)
    reach = 100 + 3 * np.sin(40 * turn)
    outline = Polygon(np.column_stack([reach * np.cos(turn), reach * np.sin(turn)]))
    houses = [box(x, y, x + 10, y + 6) for x in range(-110, 110, 15) for y in range(-110, 110, 12)]
    ground = open_ground(series(outline), off(buildings=houses))
    is_partition(series(outline), ground)
    assert ground.areas["buildings"].iloc[0] == pytest.approx(
        shapely.union_all(houses).intersection(outline).area
    )


def test_inputs_stay_as_they_were() -> None:
    compounds, deductions = town(3)
    before = [compounds.copy(deep=True), *[one.shapes.copy(deep=True) for one in deductions]]
    open_ground(compounds, deductions, with_shapes=True)
    after = [compounds, *[one.shapes for one in deductions]]
    assert all(
        shapely.equals_exact(a.array, b.array).all() for a, b in zip(after, before, strict=True)
    )


def test_progress_runs_to_the_end_and_what_it_raises_ends_the_work() -> None:
    compounds = series(*[box(20 * k, 0, 20 * k + 10, 10) for k in range(1_200)])
    told: list[float] = []
    open_ground(compounds, off(buildings=[box(0, 0, 5, 5)]), progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert len(told) > 2

    def stop(_share: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        open_ground(compounds, off(buildings=[box(0, 0, 5, 5)]), progress=stop)


def test_degrees_are_refused_and_so_are_two_deductions_of_a_kind() -> None:
    yard, house = series(box(0, 0, 10, 10)), off(buildings=[box(0, 0, 1, 1)])
    with pytest.raises(CrsError):
        open_ground(yard.set_crs(4490, allow_override=True), house)
    with pytest.raises(CrsError):
        open_ground(yard.set_crs(4548, allow_override=True), house)
    with pytest.raises(GeometryError, match="重复"):
        open_ground(yard, [*house, *house])
