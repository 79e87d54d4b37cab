"""An automatic proposal before and after it is taken over, on a small generated city."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from data import pianqu, samples
from data.proposing import ProposalSettings, adopt
from errors import RecordError
from ui import loaded, search
from ui.loaded import LoadedPlan
from ui.pianqu_figures import pairs_within
from ui.pianqu_proposal import basis_of, propose, proposed_frame
from ui.pianqu_scene import PianquScene
from ui.workspace import Workspace

LIMITS = ProposalSettings(min_households=500, max_households=3_000, proposals=2)


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
    made = propose(city, view, LIMITS, progress=silent)[0]
    assert city.plan.revision() == view.revision
    assert made.origin.revision == basis_of(city, view)
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
    one, other = (propose(city, city.view(), LIMITS, progress=silent)[0] for _ in range(2))
    assert one.names.equals(other.names)
    assert one.colors.equals(other.colors)
    assert one.key != other.key


def test_neighbours_are_proposed_in_different_colours(city):
    view = city.view()
    made = propose(city, view, LIMITS, progress=silent)[0]
    pairs = pairs_within(city, view, LIMITS.gap_m)
    ends = [made.names.reindex(pairs[end]).to_numpy() for end in ("i", "j")]
    beside = {(a, b) for a, b in zip(*ends, strict=True) if a and b and a != b}
    assert beside
    assert all(made.colors[a] != made.colors[b] for a, b in beside)


def test_a_search_can_be_stopped(city):
    class StoppedError(Exception):
        pass

    def stop(share: float, said: str) -> None:
        if share > 0:
            raise StoppedError

    with pytest.raises(StoppedError):
        propose(city, city.view(), LIMITS, progress=stop)
    assert city.plan.can_undo() is None or "采用" not in city.plan.can_undo()


def test_verdicts_are_asked_for_only_when_they_count(city):
    everybody = pd.Series("不符合", index=city.view().frame.index)
    with pytest.raises(RecordError, match="准入：不符合"):
        propose(city, city.view(), LIMITS, states=lambda: everybody, progress=silent)
    asked = replace(LIMITS, only_eligible="all")
    assert propose(city, city.view(), asked, states=lambda: everybody, progress=silent)


def test_a_search_that_nobody_waits_for_ends_at_its_next_step():
    found = search.Search(plan_id="p")
    found.tell(0.5, "正在试")
    assert (found.share, found.said) == (0.5, "正在试")
    found.stopped.set()
    steps = iter([0.6, 0.7])

    def work(tell: search.Tell):
        for share in steps:
            tell(share, "正在试")

    found.run(work)
    assert found.result.exception() is not None
    assert list(steps) == [0.7]


def test_the_page_is_coloured_by_pianqu_and_keeps_the_chosen_theme(city):
    workspace = Workspace(wid="w", theme="built", theme_options={"class_count": 3})
    view = city.view()
    page = PianquScene(workspace, city, view)
    assert page.painted.title == "所属片区"
    made = propose(city, view, LIMITS, progress=silent)[0]
    preview = PianquScene(workspace, city, view, proposal=made)
    assert "未采用" in preview.painted.title
    assert len(set(preview.painted.classes)) > len(set(page.painted.classes)) == 1
    assert (workspace.theme, workspace.theme_options) == ("built", {"class_count": 3})


def test_the_preview_shows_what_adopting_gives(city):
    view = city.view()
    kept = pianqu.make_pianqu(city.plan, "手工", [str(u) for u in view.frame.index[:5]], "甲")
    view = city.view()
    made = propose(city, view, ProposalSettings(over="ungrouped"), progress=silent)[0]
    frame, table = proposed_frame(view, made)
    shown = frame["pianqu_uid"].map(table["name"]).fillna("")
    colours = table.set_index("name")["color"].astype(int).to_dict()
    adopt(city.plan, made, actor="甲")
    after = city.view()
    assert (
        shown.to_dict() == after.frame["pianqu_uid"].map(after.pianqu["name"]).fillna("").to_dict()
    )
    assert colours["手工"] == after.pianqu.loc[kept, "color"]
