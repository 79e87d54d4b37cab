"""Reading and editing one plan in one process."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from shapely.geometry import MultiPolygon, Point

from data.schema import LAYERS
from data.store import Plan, create_plan
from errors import ConflictError, CrsError, RecordError
from geo.measure import area_geodesic_m2
from tests.data.store.conftest import square
from tests.data.store.oracle import assert_whole, rows_of


def test_a_frame_has_the_form_that_the_other_rooms_rely_on(plan: Plan) -> None:
    frame = plan.read("compounds")
    assert frame.index.name == "uid"
    assert frame.index.tolist() == ["a", "b", "c"]
    assert frame.crs == "EPSG:4490"
    fields = [field.name for field in LAYERS["compounds"].fields if field.name != "uid"]
    assert list(frame.columns) == [*fields, "version", "edited_by", "extra", "geometry"]
    assert frame["households"].dtype == "Int64"
    assert frame["households"].isna().tolist() == [False, False, True]
    assert frame["floor_area_m2"].dtype == "float64"
    assert frame["built_on_is_year"].dtype == bool
    assert frame["community"].dtype == object
    assert frame.loc["a", "community"] is None
    assert frame.geometry["c"] is None
    assert frame.geometry["a"].geom_type == "MultiPolygon"
    assert frame["version"].tolist() == [1, 1, 1]
    assert set(frame["edited_by"]) == {"张三"}
    assert frame["extra"].tolist() == [{}, {}, {}]


def test_an_empty_layer_has_the_same_form(plan: Plan) -> None:
    empty, full = plan.read("buildings"), plan.read("compounds")
    assert len(empty) == 0
    assert empty.crs == full.crs
    assert empty["storeys"].dtype == "Int64"
    assert plan.read("compounds", uids=[]).dtypes.equals(full.dtypes)


def test_what_goes_in_comes_out(plan: Plan) -> None:
    record = {
        "name": "丁",
        "built_on": "1998-12-31",
        "built_on_is_year": True,
        "floor_area_m2": 1234.567890123456,
        "investment_yuan": 4_008_000,
        "works_text": "道路\n绿化",
        "extra": {"电梯": 3, "备案": None, "列表": [1, "二"]},
        "geometry": MultiPolygon([square(5), square(6)]),
    }
    with plan.edit("李四", "录入") as tx:
        [uid] = tx.insert("compounds", [record])
    row = plan.read("compounds", uids=[uid]).iloc[0]
    assert {name: row[name] for name in record} == record
    assert row["edited_by"] == "李四"
    assert row["area_geodesic_m2"] == pytest.approx(11_361.9 * 2, abs=1)


def test_a_frame_that_was_read_can_be_inserted_into_another_plan(
    plan: Plan, tmp_path: Path
) -> None:
    frame = plan.read("compounds")
    with create_plan(tmp_path / "另.gpkg", name="另一个", actor="李四") as other:
        with other.edit("李四", "抄录") as tx:
            assert tx.insert("compounds", frame) == ["a", "b", "c"]
        again = other.read("compounds")
    pd.testing.assert_frame_equal(
        pd.DataFrame(frame.drop(columns="edited_by")), pd.DataFrame(again.drop(columns="edited_by"))
    )


def test_the_area_of_the_record_is_set_by_the_store_and_by_nobody_else(plan: Plan) -> None:
    with plan.edit("张三", "边界") as tx:
        tx.update("compounds", "a", 1, {"geometry": square(0).buffer(0.001), "area_geodesic_m2": 7})
        tx.update("compounds", "b", 1, {"households": 81, "area_geodesic_m2": 7})
    frame = plan.read("compounds")
    expected = area_geodesic_m2(frame.geometry)
    pd.testing.assert_series_equal(frame["area_geodesic_m2"], expected, check_names=False)


def test_an_update_makes_the_next_version_and_keeps_the_rest(plan: Plan) -> None:
    with plan.edit("李四", "改户数") as tx:
        assert tx.update("compounds", "a", 1, {"households": 130}) == 2
    row = plan.read("compounds", uids=["a"]).iloc[0]
    assert (row["name"], row["households"], row["version"]) == ("甲", 130, 2)
    assert row["edited_by"] == "李四"
    assert_whole(plan.path)


def test_an_update_that_changes_nothing_leaves_no_trace(plan: Plan) -> None:
    before = plan.revision()
    with plan.edit("李四", "保存") as tx:
        held = plan.read("compounds", uids=["a"])
        assert tx.update_many("compounds", held) == [1]
    assert plan.revision() == before
    assert plan.can_undo() == "录入小区"


def test_a_stale_save_is_refused_and_shows_both_versions(plan: Plan) -> None:
    with plan.edit("李四", "改户数") as tx:
        tx.update("compounds", "a", 1, {"households": 130})
    with pytest.raises(ConflictError) as caught, plan.edit("王五", "改户数") as tx:
        tx.update("compounds", "b", 1, {"households": 99})
        tx.update("compounds", "a", 1, {"households": 140})
    error = caught.value
    assert "小区“甲”" in str(error)
    assert "李四" in str(error)
    assert "没有保存" in str(error)
    assert error.mine == {"households": 140, "version": 1}
    assert error.theirs["households"] == 130
    assert error.theirs["version"] == 2
    assert error.theirs["edited_by"] == "李四"
    assert error.theirs["geometry"].equals(square(0))
    # All or nothing: the change of 乙 in the same edit is gone too.
    assert plan.read("compounds")["households"].tolist()[:2] == [130, 80]
    assert_whole(plan.path)


def test_a_save_of_a_deleted_record_says_who_deleted_it(plan: Plan) -> None:
    with plan.edit("李四", "删除") as tx:
        tx.delete("compounds", "a", 1)
    with (
        pytest.raises(ConflictError, match=r"“甲”.*李四.*删除") as caught,
        plan.edit("王五", "改") as tx,
    ):
        tx.update("compounds", "a", 1, {"households": 1})
    assert caught.value.theirs == {}
    with pytest.raises(ConflictError, match="不存在"), plan.edit("王五", "改") as tx:
        tx.update("compounds", "nobody", 1, {"households": 1})


def test_versions_never_come_twice_even_if_a_uid_does(plan: Plan) -> None:
    with plan.edit("张三", "删除") as tx:
        tx.delete("compounds", "a", 1)
    with plan.edit("张三", "重录") as tx:
        tx.insert("compounds", [{"uid": "a", "name": "甲"}])
    assert plan.read("compounds", uids=["a"])["version"].tolist() == [3]
    with pytest.raises(ConflictError), plan.edit("李四", "旧页面") as tx:
        tx.update("compounds", "a", 1, {"households": 5})
    assert_whole(plan.path)


def test_any_exception_leaves_nothing_behind(plan: Plan) -> None:
    before = rows_of(plan.path)
    with pytest.raises(ZeroDivisionError), plan.edit("张三", "出错") as tx:
        tx.insert("compounds", [{"name": "丁", "geometry": square(7)}])
        tx.delete("compounds", "a", 1)
        tx.append("ledger", [{"name": "丁"}])
        tx.set_setting("gap", 30)
        raise ZeroDivisionError
    assert rows_of(plan.path) == before
    assert "gap" not in plan.settings()
    assert plan.read_table("ledger").empty
    assert_whole(plan.path)


def test_all_problems_of_a_batch_are_told_at_once(plan: Plan) -> None:
    bow_tie = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    with pytest.raises(RecordError) as caught, plan.edit("张三", "录入") as tx:
        tx.insert(
            "compounds",
            [
                {"name": "戊", "households": -3, "geometry": bow_tie},
                {"name": "己", "households": "很多", "floor": 1},
                {"name": "庚", "geometry": Point(0, 0)},
            ],
        )
    told = "\n".join(caught.value.problems)
    for part in ("戊", "不能为负", "自相交", "己", "应是数字", "“floor”", "庚", "应是面"):
        assert part in told
    assert plan.count("compounds") == 3


def test_a_uid_that_is_taken_is_refused(plan: Plan) -> None:
    for records in ([{"uid": "a"}], [{"uid": "x"}, {"uid": "x"}]):
        with pytest.raises(RecordError, match="标识码重复"), plan.edit("张三", "录入") as tx:
            tx.insert("compounds", records)


@pytest.mark.parametrize("crs", [None, "EPSG:4326", "EPSG:4547"])
def test_only_cgcs2000_comes_in(plan: Plan, crs: str | None) -> None:
    frame = gpd.GeoDataFrame({"name": ["丁"]}, geometry=[square(3)], crs=crs)
    with pytest.raises(CrsError, match="CGCS2000"), plan.edit("张三", "录入") as tx:
        tx.insert("compounds", frame)


def test_the_given_frame_is_not_changed(plan: Plan) -> None:
    frame = gpd.GeoDataFrame({"name": [" 丁 "]}, geometry=[square(3)], crs=4490)
    before = frame.copy()
    with plan.edit("张三", "录入") as tx:
        tx.insert("compounds", frame)
    assert frame.equals(before)


def test_a_box_finds_what_meets_it(plan: Plan) -> None:
    west, south, east, north = square(1).bounds
    assert plan.read("compounds", bbox=(west, south, east, north)).index.tolist() == ["b"]
    assert plan.read("compounds", bbox=(east, south, east + 1, north)).index.tolist() == ["b"]
    assert plan.read("compounds", bbox=(east + 1e-7, south, east + 1, north)).empty
    assert plan.extent() == pytest.approx((112.0, 22.9, 112.003, 22.901), abs=1e-4)


def test_the_extent_of_a_plan_without_compounds_is_that_of_its_other_layers(tmp_path: Path) -> None:
    with create_plan(tmp_path / "空.gpkg", name="空", actor="张三") as empty:
        assert empty.extent() is None
        with empty.edit("张三", "底图") as tx:
            tx.insert("roads", [{"geometry": shapely.LineString([(112, 23), (112.5, 23.5)])}])
        assert empty.extent() == pytest.approx((112, 23, 112.5, 23.5), abs=1e-4)
