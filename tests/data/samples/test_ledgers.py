"""The two published ledgers: every figure as the source states it."""

import itertools

import pytest

from data.samples import litong_parking, yuncheng_2024
from data.schema import LAYERS

# Domain report 5.1, in the ledger's own units: 户, 栋, 万㎡, 万元.
YUNCHENG = {
    "旧中专宿舍": ("天马社区", 24, 3, 0.3, 40, 40, 0, 40),
    "邮电新村": ("金龙社区", 97, 8, 1.1, 110, 30, 70, 100),
    "云浮中学教师宿舍": ("金龙社区", 316, 20, 2.1, 110, 0, 100, 100),
    "云城财政所宿舍": ("马坪社区", 43, 3, 0.35, 25, 25, 0, 25),
    "玉皇路小区": ("马坪社区", 581, 31, 4.6, 230, 200, 0, 200),
}


@pytest.fixture(scope="module")
def yuncheng():
    return yuncheng_2024()


@pytest.fixture(scope="module")
def litong():
    return litong_parking()


def test_yuncheng_rows_are_those_of_the_ledger(yuncheng):
    frame = yuncheng.layers["compounds"]
    found = {
        row["name"]: (
            row["community"],
            row["households"],
            row["building_count"],
            row["floor_area_m2"] / 1e4,
            row["investment_yuan"] / 1e4,
            row["grant_central_yuan"] / 1e4,
            row["grant_provincial_yuan"] / 1e4,
            (row["grant_central_yuan"] + row["grant_provincial_yuan"]) / 1e4,
        )
        for _, row in frame.iterrows()
    }
    assert found == YUNCHENG
    assert set(frame["subdistrict"]) == {"云城街道"}


def test_yuncheng_years_and_further_grants_are_unknown_not_zero(yuncheng):
    frame = yuncheng.layers["compounds"]
    assert frame["built_on"].isna().all()
    assert frame["grant_city_yuan"].isna().all()
    assert (frame["grant_provincial_yuan"] == 0).sum() == 3


def test_yuncheng_totals_are_the_sums_of_the_rows(yuncheng):
    frame = yuncheng.layers["compounds"]
    for name in ("households", "building_count", "floor_area_m2", "investment_yuan"):
        assert frame[name].sum() == yuncheng.totals[name]
    assert yuncheng.settings["ledger_totals"]["grant_yuan"] == 4_650_000


def test_yuncheng_has_a_house_for_every_building_of_the_ledger(yuncheng):
    houses = yuncheng.layers["buildings"].to_crs(4546)
    site = yuncheng.layers["compounds"].to_crs(4546)
    for _, row in site.iterrows():
        inside = houses[houses.within(row.geometry.buffer(0.01))]
        assert len(inside) == row["building_count"]
        floor_area = (inside.area * inside["storeys"]).sum()
        assert floor_area == pytest.approx(row["floor_area_m2"], rel=1e-3)


def test_yuncheng_neighbours_are_worth_bundling(yuncheng):
    site = yuncheng.layers["compounds"].to_crs(4546).set_index("name").geometry
    gaps = {
        frozenset(pair): site[pair[0]].distance(site[pair[1]])
        for pair in itertools.combinations(site.index, 2)
    }
    near = {pair for pair, gap in gaps.items() if gap <= 30}
    assert near == {
        frozenset({"旧中专宿舍", "邮电新村"}),
        frozenset({"邮电新村", "云浮中学教师宿舍"}),
        frozenset({"云城财政所宿舍", "玉皇路小区"}),
        frozenset({"邮电新村", "云城财政所宿舍"}),
    }
    roads = yuncheng.layers["roads"].to_crs(4546)
    main = roads[roads["kind"] == "主干路"].geometry.iloc[0].buffer(10)
    across = site["邮电新村"].centroid, site["云城财政所宿舍"].centroid
    assert main.distance(across[0]) > 0
    assert main.crosses(_line(*across))


def _line(a, b):
    from shapely import LineString

    return LineString([a, b])


def test_litong_budgets_are_those_of_the_source(litong):
    frame = litong.layers["compounds"]
    budgets = dict(zip(frame["name"], frame["investment_yuan"] / 1e4, strict=True))
    assert list(budgets.values()) == [643, 12, 12, 155, 404, 302, 400.8]
    assert frame["investment_yuan"].sum() == 19_288_000
    assert litong.totals["investment_yuan"] == 16_268_000
    assert frame["stalls_new"].sum() == 579
    assert frame["stalls_new"].isna().sum() == 3


def test_litong_keeps_what_the_source_does_not_say_unknown(litong):
    frame = litong.layers["compounds"]
    for name in ("households", "building_count", "floor_area_m2", "built_on"):
        assert frame[name].isna().all(), name


def test_litong_parts_of_jinhuayuan_make_up_its_budget(litong):
    parts = litong.layers["compounds"].loc["LT-01", "extra"]["parts"]
    assert sum(part["investment_yuan"] for part in parts) == 6_430_000
    assert [part["stalls_new"] for part in parts] == [None, 218, 218]
    assert len(litong.layers["compounds"].geometry["LT-01"].geoms) == 3


@pytest.mark.parametrize("make", [yuncheng_2024, litong_parking])
def test_everything_drawn_is_schematic_valid_and_of_the_schema(make):
    sample = make()
    assert set(sample.layers["compounds"]["boundary_state"]) == {"示意"}
    for name, frame in sample.layers.items():
        assert frame.crs.to_epsg() == 4490
        assert frame.index.name == "uid"
        assert frame.index.is_unique
        assert frame.geometry.is_valid.all()
        assert {field.name for field in LAYERS[name].fields} - {"uid"} <= set(frame.columns)
    site = sample.layers["compounds"].to_crs(4544 if "利通" in sample.name else 4546)
    for a, b in itertools.combinations(site.geometry, 2):
        assert a.intersection(b).area == 0
