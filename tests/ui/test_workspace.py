"""A workspace outlives the session: everything that a planner comes back to."""

from __future__ import annotations

from pathlib import Path

import pytest

from ui.workspace import Viewport, Workspace, WorkspaceStore, new_id


@pytest.fixture
def store(tmp_path: Path) -> WorkspaceStore:
    return WorkspaceStore(tmp_path / "workspaces.sqlite")


def full(wid: str = "w") -> Workspace:
    return Workspace(
        wid=wid,
        plan="/计划/甲.gpkg",
        actor="张三",
        selection=["b", "a"],
        card="a",
        theme="households",
        theme_options={"class_count": 4},
        filters={"subdistricts": ["云城街道"]},
        panel="所选",
        table_open=True,
        pages={"pianqu": {"max_gap_m": 30.0}},
    )


def test_what_was_saved_comes_back_after_a_restart(store, tmp_path):
    store.save(full())
    store.save_viewport("w", Viewport(lon=112.0, lat=22.9, zoom=16))
    again = WorkspaceStore(tmp_path / "workspaces.sqlite")
    assert again.load("w") == full()
    assert again.viewport("w") == Viewport(lon=112.0, lat=22.9, zoom=16)


def test_nothing_is_known_of_an_unknown_id(store):
    assert store.load("x") is None
    assert store.viewport("x") is None
    assert store.copy("x") is None


def test_saving_the_state_leaves_the_viewport(store):
    store.save(full())
    store.save_viewport("w", Viewport(lon=112.0, lat=22.9, zoom=16))
    changed = full()
    changed.theme = "built"
    store.save(changed)
    assert store.viewport("w") == Viewport(lon=112.0, lat=22.9, zoom=16)


def test_another_plan_is_not_shown_where_the_last_one_was(store):
    store.save(full())
    store.save_viewport("w", Viewport(lon=112.0, lat=22.9, zoom=16))
    changed = full()
    changed.open_plan("/计划/乙.gpkg")
    store.save(changed)
    assert store.viewport("w") is None
    assert (changed.selection, changed.card, changed.filters) == ([], None, {})
    assert changed.actor == "张三"


def test_a_copy_has_an_id_of_its_own(store):
    store.save(full())
    copy = store.copy("w")
    assert copy is not None
    assert copy.wid != "w"
    copy.selection.append("c")
    store.save(copy)
    assert store.load("w") == full()


def test_names_of_a_later_version_are_left_out():
    text = full().to_json().replace('"theme"', '"later": 1, "theme"')
    assert Workspace.from_json(text) == full()


def test_ids_are_not_guessed():
    assert len({new_id() for _ in range(500)}) == 500


@pytest.mark.parametrize("view", [(200, 0, 1), (0, 91, 1), (0, 0, 99), (float("nan"), 0, 1)])
def test_a_viewport_off_the_earth_is_refused(view):
    lon, lat, zoom = view
    with pytest.raises(ValueError, match="out of range"):
        Viewport(lon=lon, lat=lat, zoom=zoom)
