"""Ledgers and boundaries on their way in: what the planner decides, and what would come of it."""

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from data.matching import match
from data.samples import yuncheng_ledger_xlsx
from data.store import create_plan
from errors import UploadError
from ui import import_boundaries, import_ledger, import_systems, import_upload


@pytest.fixture
def plan(tmp_path):
    with create_plan(tmp_path / "plan.gpkg", name="计划", actor="测试员") as made:
        yield made


def upload(path):
    return import_upload.keep(path.name, path.read_bytes())


def ledger(tmp_path, *rows):
    heads = "序号,所在街道及社区,小区名称,居民户数（户）,预计投资额（万元）"
    path = tmp_path / "台账.csv"
    path.write_text("\n".join([heads, *rows]), "utf-8")
    return upload(path)


def preview_of(draft, plan):
    return draft.preview(plan.read("compounds"), plan.revision())


def test_a_preview_writes_nothing_and_the_import_does_what_it_said(plan, tmp_path):
    draft = import_ledger.read("", upload(yuncheng_ledger_xlsx(tmp_path / "台账.xlsx")))
    preview = preview_of(draft, plan)
    assert (preview.new, preview.updated, preview.unchanged) == (5, 0, 0)
    assert plan.count("compounds") == 0
    done = draft.apply(plan, preview, "测试员")
    assert len(done.new) == 5
    again = preview_of(draft, plan)
    assert (again.new, again.updated, again.unchanged) == (0, 0, 5)


def test_a_preview_is_worked_out_again_only_when_something_changed(plan, tmp_path):
    draft = import_ledger.read("", ledger(tmp_path, "1,云城街道天马社区,甲,约三百,40"))
    first = preview_of(draft, plan)
    assert preview_of(draft, plan) is first
    assert [one.rule for one in first.suggestions] == ["suggestion_taken"]
    draft.take_suggestions = True
    taken = preview_of(draft, plan)
    assert taken.blocking == ()
    assert taken.frame["households"].tolist() == [300]


def test_rows_of_one_name_wait_for_the_planner_and_never_share_a_compound(plan, tmp_path):
    with plan.edit("测试员", "两个同名小区") as tx:
        uids = tx.insert(
            "compounds",
            [{"name": "幸福里", "subdistrict": s} for s in ("东街道", "西街道")],
        )
    draft = import_ledger.read("", ledger(tmp_path, "1,,幸福里,24,40"))
    preview = preview_of(draft, plan)
    assert preview.open == (2,)
    draft.decisions[2] = uids[1]
    preview = preview_of(draft, plan)
    assert preview.open == ()
    assert preview.matching.pairs == {2: uids[1]}
    assert (preview.new, preview.updated) == (0, 1)
    draft.decisions[2] = import_ledger.NEW
    assert preview_of(draft, plan).new == 1


@given(st.lists(st.sampled_from(["甲", "乙", "丙"]), min_size=1, max_size=6), st.data())
def test_every_row_has_one_outcome_whatever_is_decided(names, data):
    compounds = pd.DataFrame({"name": ["甲", "甲", "乙"]}, index=["a", "b", "c"])
    incoming = pd.DataFrame({"name": names})
    found = match(compounds, incoming)
    asked = [label for one in found.ambiguous for label in one.incoming]
    choices = {
        label: data.draw(st.sampled_from(["a", "b", import_ledger.NEW]))
        for label in asked
        if data.draw(st.booleans())
    }
    settled, still_open = import_ledger.decided(found, choices)
    outcomes = [*settled.pairs, *settled.new, *still_open]
    assert sorted(outcomes) == list(range(len(names)))


def boundary_file(tmp_path, names, name="边界.gpkg", crs=4490):
    shapes = [shapely.box(112.04 + k / 100, 22.93, 112.041 + k / 100, 22.931) for k in range(9)]
    frame = gpd.GeoDataFrame({"name": names}, geometry=shapes[: len(names)], crs=crs)
    frame.to_file(tmp_path / name, layer="compounds")
    return upload(tmp_path / name)


def test_boundaries_go_where_the_planner_says(plan, tmp_path):
    with plan.edit("测试员", "两个小区") as tx:
        first, second = tx.insert("compounds", [{"name": "甲"}, {"name": "乙"}])
    draft = import_boundaries.inspect("", boundary_file(tmp_path, ["甲", "丙", "丁"]))
    assert draft.into == {"compounds": "compounds"}
    draft.layers = draft.read()
    labels = list(draft.compounds.frame.index)
    preview = preview_of(draft, plan)
    assert preview.choices == {labels[0]: first, labels[1]: "", labels[2]: ""}
    draft.decisions = {labels[1]: second, labels[2]: import_boundaries.SKIP}
    preview = preview_of(draft, plan)
    assert preview.count("uid") == 2
    done = draft.apply(plan, preview, "测试员")["compounds"]
    assert set(done.changed) == {first, second}
    assert done.new == ()
    assert plan.read("compounds").geometry.notna().all()


def test_one_compound_never_gets_two_boundaries(plan, tmp_path):
    with plan.edit("测试员", "一个小区") as tx:
        (uid,) = tx.insert("compounds", [{"name": "甲"}])
    draft = import_boundaries.inspect("", boundary_file(tmp_path, ["甲", "丙"]))
    draft.layers = draft.read()
    draft.decisions = {draft.compounds.frame.index[1]: uid}
    assert preview_of(draft, plan).twice == (uid,)


def test_a_ledger_is_no_boundary_file(tmp_path):
    file = upload(yuncheng_ledger_xlsx(tmp_path / "台账.xlsx"))
    with pytest.raises(UploadError, match="是台账表格，不是边界文件。请在“台账”一栏导入"):
        import_boundaries.inspect("", file)


def test_what_the_file_says_comes_first_and_every_system_once():
    offered = import_systems.choices(["EPSG:4546", "gcj02"], "EPSG:4490")
    assert offered[:3] == ["EPSG:4490", "EPSG:4546", "gcj02"]
    assert len(offered) == len(set(offered))
    titles = [import_systems.title_of(text) for text in offered]
    assert len(titles) == len(set(titles))
    assert not [title for title in titles if "Gauss" in title]


def test_a_plan_offers_the_zone_it_lies_in():
    here = gpd.GeoSeries([shapely.box(112.04, 22.93, 112.05, 22.94)], crs=4490)
    assert import_systems.of_plan(here, None) == "EPSG:4546"
    assert import_systems.of_plan(here, 39) == "EPSG:4548"
    assert import_systems.of_plan(gpd.GeoSeries([None], crs=4490), None) is None
