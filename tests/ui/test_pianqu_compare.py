"""What stands side by side on the tab 比较: states, colours, figures, names on the maps, the report, the page."""

from __future__ import annotations

import datetime as dt
import io
import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely

from data import pianqu
from data.reports import to_xlsx
from data.schemes import grouping_now, save_scheme, schemes
from data.store import create_plan
from errors import StoreError
from geo.bundle_problem import BundleLimits
from tests.ui.screen import opened, texts
from ui import compare_map, loaded, pianqu_compare, pianqu_compare_page, pianqu_page
from ui.panels.pianqu_compare_table import best_of, report_of
from ui.pianqu_compare import NOW, State, compared, labels, offered

GROUPS = {"甲片": ["c0", "c1"], "乙片": ["c2", "c3", "c4"], "丙片": ["c5"]}


def square(place: int) -> shapely.MultiPolygon:
    west = 112.0 + place * 0.0011
    return shapely.MultiPolygon([shapely.box(west, 22.9, west + 0.001, 22.901)])


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Seven compounds in a row and one without a boundary; 方案一 has three 片区, the plan as it is two."""
    path = tmp_path_factory.mktemp("rows") / "一排.gpkg"
    rows = [
        {"uid": f"c{k}", "name": f"{k} 号院", "households": 100, "geometry": square(k)}
        for k in range(7)
    ]
    with create_plan(path, name="一排", actor="甲") as plan:
        with plan.edit("甲", "录入") as tx:
            tx.insert("compounds", [*rows, {"uid": "x", "name": "<b>无界</b>"}])
        made = {name: pianqu.make_pianqu(plan, name, uids, "甲") for name, uids in GROUPS.items()}
        now = grouping_now(plan.read("compounds"), plan.read("pianqu"))
        save_scheme(plan, "方案一", now, "甲", settings="手工")
        pianqu.dissolve(plan, made["丙片"], "甲")
        pianqu.rename(plan, made["甲片"], "子片", "甲")
        pianqu.add_members(plan, made["甲片"], ["c2"], "甲")
    return path


@pytest.fixture
def path(template: Path, tmp_path: Path) -> Path:
    """That plan for this test alone."""
    return Path(shutil.copy(template, tmp_path))


@pytest.fixture
def scene(path: Path, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    plan = loaded.load(path)
    settings = SimpleNamespace(limits=BundleLimits(min_households=150, max_diameter_m=300))
    monkeypatch.setattr(pianqu_page, "proposal_settings", lambda: settings)
    monkeypatch.setattr(pianqu_page, "gap_m", lambda: 30.0)
    monkeypatch.setattr(pianqu_page, "proposals", lambda _: ())
    view = plan.view()
    return SimpleNamespace(
        loaded=plan,
        plan=plan.plan,
        view=view,
        shown=np.ones(len(view.frame), bool),
        selection=["c6"],
        workspace=SimpleNamespace(plan=str(path)),
    )


def test_the_plan_as_it_is_comes_first_and_then_what_was_saved(scene) -> None:
    now, saved = offered(scene)
    assert (now.key, now.title) == (NOW, "现状")
    assert saved.title == "方案一"
    assert "甲，修订 5" in saved.note


def test_figures_of_both_states_are_those_of_their_members(scene) -> None:
    made = compared(scene, offered(scene))
    now, saved = made.measures
    assert (now.pianqu, now.placed, now.ungrouped) == (2, 5, 3)
    assert (saved.pianqu, saved.placed, saved.placed_households) == (3, 6, 600)
    assert (saved.fewest, saved.middle, saved.most) == (100, 200.0, 300)
    assert (saved.investment_yuan, saved.apart) == (None, 0)
    # 丙片 is below 150 households, 乙片 reaches further than 300 m.
    assert saved.broken == 2
    assert saved.diameter_m == pytest.approx(346, abs=2)
    assert made.unknown == (0, 0)
    found = made.changes(0, 1)
    assert found.to_dict("index") == {
        "c2": {"before": "子片", "after": "乙片"},
        "c5": {"before": None, "after": "丙片"},
    }


def test_counterparts_have_one_colour_and_neighbours_differ(scene) -> None:
    made = compared(scene, offered(scene))
    one, other = (table["color"] for table in made.tables)
    assert one["子片"] == other["甲片"]
    assert one["乙片"] == other["乙片"]
    assert len(set(other)) == 3
    assert one.to_dict() == dict(
        zip(scene.view.pianqu["name"], scene.view.pianqu["color"], strict=True)
    )


def test_a_counterpart_beside_one_of_its_colour_gets_another() -> None:
    base = pd.Series({"a": "一", "b": "二", "c": "三", "d": "四"}, dtype=object)
    table = pd.DataFrame({"color": pd.array([0, 1, 0, 1], dtype="Int64")}, index=list("一二三四"))
    near = pd.DataFrame({"i": ["a", "c"], "j": ["c", "d"]})
    first = SimpleNamespace(names=base, table=table)
    found = pianqu_compare._colors(
        [first, first], [base, base], near, pd.Series(100, index=base.index)
    )
    # 一 and 三 have had one colour for life; in the other state, where it can be helped, they differ.
    assert found[0].tolist() == [0, 1, 0, 1]
    assert found[1]["一"] != found[1]["三"]


def test_classes_carry_colour_change_selection_and_filter_for_each_map(scene) -> None:
    made = compared(scene, offered(scene))
    scene.shown[4] = False
    found = compare_map._class_tables(scene, made, made.changes(0, 1))
    count = len(scene.loaded.tiles.ids())
    sides = np.frombuffer(found, np.uint8).reshape(2, count)
    at = {uid: row for row, uid in enumerate(scene.loaded.tiles.ids())}
    colors = [table["color"].to_dict() for table in made.tables]
    assert sides[0][at["c0"]] == colors[0]["子片"] + 1
    assert sides[0][at["c2"]] == colors[0]["子片"] + 1 + 64
    assert sides[1][at["c2"]] == colors[1]["乙片"] + 1 + 64
    assert sides[0][at["c5"]] == 64
    assert sides[0][at["c6"]] == 128
    assert sides[0][at["c4"]] == sides[1][at["c4"]] == 127


def test_names_stand_on_a_member_near_the_middle(scene) -> None:
    made = compared(scene, offered(scene))
    placed = {
        name: (lon, lat)
        for name, lon, lat, _ in labels(scene.view.frame, made.names[1], made.tables[1])
    }
    assert set(placed) == {"甲片", "乙片", "丙片"}
    assert placed["乙片"] == pytest.approx((112.0 + 3 * 0.0011 + 0.0005, 22.9005), abs=1e-6)
    json.dumps(labels(scene.view.frame, made.names[0], made.tables[0]))
    none = pd.Series(None, index=scene.view.frame.index, dtype=object)
    assert labels(scene.view.frame, none, made.tables[0]) == []


def test_the_better_one_is_marked_only_where_one_is_better() -> None:
    def with_(**values):
        return SimpleNamespace(**values)

    assert best_of((with_(placed=5), with_(placed=9)), "placed", 1) == {1}
    assert best_of((with_(broken=2), with_(broken=0), with_(broken=0)), "broken", -1) == {1, 2}
    assert best_of((with_(placed=5), with_(placed=5)), "placed", 1) == set()
    assert best_of((with_(pianqu=5), with_(pianqu=9)), "pianqu", 0) == set()
    assert best_of((with_(diameter_m=None), with_(diameter_m=9.0)), "diameter_m", -1) == set()


def test_the_report_has_the_figures_and_the_compounds_that_differ(scene) -> None:
    made = compared(scene, offered(scene))
    report = report_of(scene, made, dt.date(2026, 11, 21))
    sheet = openpyxl.load_workbook(io.BytesIO(to_xlsx(report))).active
    cells = [[cell.value for cell in row] for row in sheet.iter_rows()]
    flat = {row[0]: row[1:3] for row in cells if row[0]}
    assert flat["项目"] == ["A 现状", "B 方案一"]
    assert flat["片区数（个）"] == [2, 3]
    assert flat["片区内预计投资（万元）"] == ["未知", "未知"]
    assert flat["2 号院"] == ["子片", "乙片"]
    assert flat["5 号院"] == ["未分组", "丙片"]
    assert "0 号院" not in flat


def test_a_compound_that_is_new_since_is_counted_and_not_taken_for_a_change(scene) -> None:
    with scene.plan.edit("甲", "新增") as tx:
        tx.insert("compounds", [{"uid": "n", "name": "新院", "geometry": square(7)}])
    scene.view = scene.loaded.view()
    made = compared(scene, offered(scene))
    assert made.unknown == (0, 1)
    assert "n" not in made.changes(0, 1).index


def test_the_page_lists_states_differences_and_what_a_saved_one_holds(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pianqu_page, "tab", lambda: pianqu_page.COMPARE)
    page = opened(path, "pianqu", monkeypatch)
    said = texts(page)
    assert "换片区的小区 A → B" in said
    assert "2 个小区（200 户）" in said
    assert "B 比 A" in said
    assert "现状；3 个片区，8 个小区；未分组 2 个；手工" in said.replace("\\", "")
    assert [box.value for box in page.checkbox] == [True, True]
    assert schemes(loaded.load(path).plan)[0].name == "方案一"


def proposal(revision: int) -> SimpleNamespace:
    names = pd.Series({"c5": "片区 1", "c6": "片区 1", "c0": None}, dtype=object)
    return SimpleNamespace(
        key="k",
        emphasis="综合",
        origin=SimpleNamespace(revision=revision, edition=5),
        settings=SimpleNamespace(words="户数下限 500 户"),
        names=names,
        colors=pd.Series({"片区 1": 4}, dtype="Int64"),
    )


def test_a_proposal_that_waits_is_compared_and_saved_with_what_made_it(
    scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = (proposal(scene.view.revision),)
    monkeypatch.setattr(pianqu_page, "proposals", lambda _: waiting)
    workspace = SimpleNamespace(pages={}, actor="乙")
    monkeypatch.setattr(pianqu_compare_page.visit, "current", lambda: workspace)
    monkeypatch.setattr(pianqu_compare_page.messages, "done", lambda _: None)
    now, made, _ = offered(scene)
    assert (made.title, made.stale) == ("自动方案 1", False)
    found = compared(scene, [now, made])
    # Who does not take part stays; c0 is let go.
    assert found.names[1].to_dict() | {"c5": "片区 1", "c6": "片区 1"} == found.names[1].to_dict()
    assert found.names[1]["c0"] is None
    assert found.names[1]["c1"] == "子片"
    pianqu_compare_page.save(scene, made, "自动的", "")
    saved = schemes(scene.plan)[0]
    assert (saved.name, saved.saved_by) == ("自动的", "乙")
    assert (saved.origin, saved.settings) == ("自动方案（综合）", "户数下限 500 户")
    # It stays in sight, now under its name.
    assert workspace.pages["pianqu"]["compare"]["states"] == ["now", f"scheme:{saved.uid}"]


def test_a_proposal_of_an_older_plan_is_called_stale(scene, monkeypatch) -> None:
    waiting = (proposal(scene.view.revision - 1),)
    monkeypatch.setattr(pianqu_page, "proposals", lambda _: waiting)
    made = offered(scene)[1]
    assert made.stale
    assert "已过时" in made.note


def test_a_stale_proposal_says_so_and_can_not_be_taken_over() -> None:
    state = State(key="proposal:1", title="自动方案 1", note="已过时", stale=True)
    with pytest.raises(StoreError, match="已过时，没有保存"):
        pianqu_compare_page.save(SimpleNamespace(), state, "名", "")
