"""An automatic proposal before and after it is taken over, on a small generated city."""

from __future__ import annotations

from pathlib import Path

import pytest

from data import pianqu, samples
from errors import RecordError, StoreError
from ui import loaded
from ui.loaded import LoadedPlan
from ui.pianqu_figures import pairs_within
from ui.pianqu_proposal import ProposalSettings, adopt, is_stale, propose, proposed_frame
from ui.pianqu_scene import PianquScene
from ui.workspace import Workspace

LIMITS = ProposalSettings(min_households=500, max_households=3_000)


def silent(share: float, said: str) -> None:
    assert 0 <= share <= 1 + 1e-9
    assert said


@pytest.fixture(scope="module")
def city_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("city") / "city.gpkg"
    samples.write_sample(path, "city:60:3", "示例").close()
    return path


@pytest.fixture
def city(city_file: Path, tmp_path: Path) -> LoadedPlan:
    path = tmp_path / "city.gpkg"
    path.write_bytes(city_file.read_bytes())
    return loaded.load(path)


def test_a_proposal_keeps_the_limits_and_leaves_the_plan_alone(city):
    view = city.view()
    made = propose(city, view, LIMITS, progress=silent)
    assert city.plan.revision() == view.revision == made.revision
    assert set(made.names.index) == set(view.frame.index[view.frame.geometry.notna()])
    households = view.frame["households"].fillna(0).groupby(made.names).sum()
    assert (households <= 3_000).all()
    assert ((households >= 500) == (made.table["state"] == "符合").reindex(households.index)).all()
    assert set(made.unassigned.index) == set(made.names.index[made.names.isna()])
    assert made.table["investment_yuan"].sum() == pytest.approx(
        view.frame["investment_yuan"].where(made.names.notna()).sum()
    )
    assert "30 米" in made.settings.words
    assert "500 户" in made.settings.words


def test_the_same_seed_gives_the_same_proposal(city):
    one, other = (propose(city, city.view(), LIMITS, progress=silent) for _ in range(2))
    assert one.names.equals(other.names)
    assert one.colors.equals(other.colors)
    assert one.key != other.key


def test_neighbours_are_proposed_in_different_colours(city):
    view = city.view()
    made = propose(city, view, LIMITS, progress=silent)
    pairs = pairs_within(city, view, LIMITS.gap_m)
    ends = [made.names.reindex(pairs[end]).to_numpy() for end in ("i", "j")]
    beside = {(a, b) for a, b in zip(*ends, strict=True) if a and b and a != b}
    assert beside
    assert all(made.colors[a] != made.colors[b] for a, b in beside)


def test_adopting_is_one_step_that_can_be_undone(city):
    made = propose(city, city.view(), LIMITS, progress=silent)
    assert adopt(city.plan, made, actor="李四") == len(made.table)
    view = city.view()
    held = view.frame["pianqu_uid"].map(view.pianqu["name"])
    assert held.fillna("").to_dict() == made.names.reindex(view.frame.index).fillna("").to_dict()
    assert made.settings.words in city.plan.can_undo()
    city.plan.undo("李四")
    assert city.view().frame["pianqu_uid"].isna().all()
    assert not len(city.view().pianqu)


def test_a_stale_proposal_is_not_taken_over(city):
    made = propose(city, city.view(), LIMITS, progress=silent)
    uid = str(city.view().frame.index[0])
    pianqu.make_pianqu(city.plan, "手工", [uid], "李四")
    assert is_stale(made, city.plan.revision())
    with pytest.raises(StoreError, match="过时"):
        adopt(city.plan, made, actor="李四")
    assert list(city.view().pianqu["name"]) == ["手工"]


def test_only_the_ungrouped_are_grouped_where_that_is_asked(city):
    first = [str(uid) for uid in city.view().frame.index[:10]]
    uid = pianqu.make_pianqu(city.plan, "片区 7", first, "李四")
    made = propose(
        city, city.view(), ProposalSettings(over="ungrouped", min_households=500), progress=silent
    )
    assert not set(made.names.index) & set(first)
    # A name that is taken would mean that 片区.
    assert made.table.index[0] == "片区 8"
    assert made.moved == 0
    adopt(city.plan, made, actor="李四")
    assert set(pianqu_members(city, uid)) == set(first)


def pianqu_members(city: LoadedPlan, uid: str) -> list[str]:
    held = city.view().frame["pianqu_uid"]
    return list(held.index[held.eq(uid).fillna(False)])


def test_who_leaves_a_pianqu_is_counted_before(city):
    first = [str(uid) for uid in city.view().frame.index[:10]]
    pianqu.make_pianqu(city.plan, "旧片", first, "李四")
    made = propose(city, city.view(), LIMITS, progress=silent)
    assert made.moved == 10
    adopt(city.plan, made, actor="李四")
    assert "旧片" not in set(city.view().pianqu["name"])


def test_a_selection_of_nothing_is_refused_in_words(city):
    with pytest.raises(RecordError, match="所选的"):
        propose(city, city.view(), ProposalSettings(over="selection"), progress=silent)


def test_contradicting_limits_are_refused(city):
    wrong = ProposalSettings(min_households=900, max_households=300)
    with pytest.raises(RecordError):
        propose(city, city.view(), wrong, progress=silent)


def test_a_search_can_be_stopped(city):
    class StoppedError(Exception):
        pass

    def stop(share: float, said: str) -> None:
        if share > 0:
            raise StoppedError

    with pytest.raises(StoppedError):
        propose(city, city.view(), LIMITS, progress=stop)
    assert city.plan.can_undo() is None or "采用" not in city.plan.can_undo()


def test_the_page_is_coloured_by_pianqu_and_keeps_the_chosen_theme(city):
    workspace = Workspace(wid="w", theme="built", theme_options={"class_count": 3})
    view = city.view()
    page = PianquScene(workspace, city, view)
    assert page.painted.title == "所属片区"
    made = propose(city, view, LIMITS, progress=silent)
    preview = PianquScene(workspace, city, view, proposal=made)
    assert "未采用" in preview.painted.title
    assert len(set(preview.painted.classes)) > len(set(page.painted.classes)) == 1
    assert (workspace.theme, workspace.theme_options) == ("built", {"class_count": 3})


def test_the_preview_shows_what_adopting_gives(city):
    view = city.view()
    kept = pianqu.make_pianqu(city.plan, "手工", [str(u) for u in view.frame.index[:5]], "甲")
    view = city.view()
    made = propose(city, view, ProposalSettings(over="ungrouped"), progress=silent)
    frame, table = proposed_frame(view, made)
    shown = frame["pianqu_uid"].map(table["name"]).fillna("")
    colours = table.set_index("name")["color"].astype(int).to_dict()
    adopt(city.plan, made, actor="甲")
    after = city.view()
    assert (
        shown.to_dict() == after.frame["pianqu_uid"].map(after.pianqu["name"]).fillna("").to_dict()
    )
    assert colours["手工"] == after.pianqu.loc[kept, "color"]
