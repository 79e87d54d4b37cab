"""Automatic proposals: what they promise, and taking one over."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from data import pianqu, samples
from data.proposing import (
    Origin,
    Proposal,
    ProposalSettings,
    adopt,
    basis_revision,
    free_names,
    is_stale,
    make_proposals,
    prepare,
)
from data.schemes import grouping_now, save_scheme
from data.store import Plan, open_plan
from errors import StoreError
from geo.adjacency import neighbours
from tests.data.street import LIMITS, groups, made, street

# --- proposals --------------------------------------------------------------------------------------


def test_a_proposal_adds_up():
    frame = street()
    (proposal,) = made(frame, LIMITS)
    placed = proposal.names.notna()
    assert set(proposal.names.index) == set(frame.index)
    assert set(proposal.unassigned.index) == set(proposal.names.index[~placed])
    assert proposal.table["households"].sum() == 200 * placed.sum()
    assert proposal.measures.households == 2_000
    assert proposal.measures.pianqu == len(proposal.table)
    assert proposal.measures.uncovered_yuan == 600_000 * placed.sum()
    assert (proposal.table["diameter_m"] <= proposal.measures.diameter_m).all()
    assert proposal.measures.placed_share == pytest.approx(
        proposal.table.loc[proposal.table["state"] == "符合", "households"].sum() / 2_000
    )


def test_fewer_proposals_than_asked_for_are_explained():
    # One compound can be grouped in one way only.
    (only,) = made(street(1), replace(LIMITS, proposals=3))
    assert "要 3 个方案，只有 1 个" in only.notes[-1]
    (asked,) = made(street(1), replace(LIMITS, proposals=1))
    assert not any("个方案" in note for note in asked.notes)


def test_surpluses_of_a_pianqu_cover_its_own_gaps_only():
    frame = street(4)
    frame["grant_central_yuan"] = pd.array([3_000_000, 0, 0, 0], dtype="Int64")
    asked = ProposalSettings(min_households=400, max_households=400, proposals=1)
    (proposal,) = made(frame, asked)
    # 2 + −1 million in the one, −1 + −1 in the other: nothing of the first flows over.
    assert sorted(proposal.table["balance_yuan"]) == [-2_000_000, 1_000_000]
    assert proposal.measures.uncovered_yuan == 2_000_000


def test_names_come_after_those_that_are_taken():
    frame = street()
    frame.loc["U0", "pianqu_uid"] = "P"
    asked = ProposalSettings(over="ungrouped", min_households=300, proposals=1)
    (proposal,) = made(frame, asked, groups({"P": "片区 7"}))
    assert next(iter(proposal.table.index)) == "片区 8"
    assert proposal.moved == 0
    assert free_names([None, "甲"], 1) == ["片区 1"]


def test_row_order_does_not_matter():
    frame = street()
    (one,) = made(frame, LIMITS)
    (other,) = made(frame.iloc[::-1], LIMITS)
    assert other.names.to_dict() == one.names.to_dict()
    assert other.colors.to_dict() == one.colors.to_dict()


# --- on plans ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def city_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("city") / "city.gpkg"
    samples.write_sample(path, "city:300:1", "示例").close()
    return path


@pytest.fixture
def plan(city_file: Path, tmp_path: Path):
    path = tmp_path / "city.gpkg"
    path.write_bytes(city_file.read_bytes())
    with open_plan(path) as opened:
        yield opened


def of_plan(plan: Plan, asked: ProposalSettings, **given) -> tuple[Proposal, ...]:
    frame, held, revision = plan.read("compounds"), plan.read("pianqu"), basis_revision(plan)
    prepared = prepare(frame, held, asked, **given)
    pairs = neighbours(prepared.shapes, max_gap_m=asked.gap_m)
    origin = Origin(plan_id=str(plan.plan_id), revision=revision, edition=plan.edition())
    return make_proposals(prepared, pairs, asked, frame=frame, pianqu=held, origin=origin)


def grouping(plan: Plan) -> dict[str, str]:
    frame = plan.read("compounds")
    return frame["pianqu_uid"].map(plan.read("pianqu")["name"]).dropna().to_dict()


def test_the_sample_of_yuncheng_is_one_pianqu(tmp_path):
    with samples.write_sample(tmp_path / "y.gpkg", "yuncheng-2024", "示例") as opened:
        (first, *_) = of_plan(opened, ProposalSettings())
        assert first.feasible
        assert first.table["households"].tolist() == [1_061]
        assert first.table["funding_gap_yuan"].tolist() == [500_000]
        assert first.measures.uncovered_yuan == 500_000


def test_a_city_under_all_limits(plan):
    asked = ProposalSettings(
        min_households=500,
        max_households=2_500,
        max_investment_yuan=40_000_000,
        max_diameter_m=900,
        subdistricts="hard",
        proposals=1,
    )
    (proposal,) = of_plan(plan, asked)
    table, frame = proposal.table, plan.read("compounds")
    assert (table["households"].fillna(0) <= 2_500).all()
    assert (table["investment_yuan"].fillna(0) <= 40_000_000).all()
    assert (table["diameter_m"] <= 900 + 1e-6).all()
    assert (table["parts"] == 1).all()
    of = frame["subdistrict"].groupby(proposal.names).nunique()
    assert (of <= 1).all()
    assert proposal.measures.placed_share > 0.9


def test_adopting_is_one_step_and_undo_restores_the_grouping(plan):
    uid = pianqu.make_pianqu(plan, "手工", list(plan.read("compounds").index[:4]), "李四")
    before, rows = grouping(plan), plan.read("compounds")
    (proposal,) = of_plan(plan, LIMITS)
    assert proposal.moved == 4
    adopt(plan, proposal, actor="李四")
    assert grouping(plan) == proposal.names.dropna().to_dict()
    colors = plan.read("pianqu").set_index("name")["color"].astype(int)
    assert colors.to_dict() == proposal.colors.astype(int).to_dict()
    assert proposal.settings.words in str(plan.can_undo())
    plan.undo("李四")
    assert grouping(plan) == before
    assert list(plan.read("pianqu").index) == [uid]
    after = plan.read("compounds")
    columns = [c for c in rows if c not in ("version", "edited_at", "edited_by")]
    pd.testing.assert_frame_equal(pd.DataFrame(after[columns]), pd.DataFrame(rows[columns]))


def test_what_is_locked_is_as_before_after_adopting(plan):
    frame = plan.read("compounds")
    free = list(frame.index)
    closed = pianqu.make_pianqu(plan, "锁片", free[:3], "李四")
    core = pianqu.make_pianqu(plan, "留片", free[10:16], "李四")
    pianqu.set_locked(plan, "pianqu", [closed], True, "李四")
    pianqu.set_locked(plan, "compounds", [*free[10:12], free[40]], True, "李四")
    (proposal,) = of_plan(plan, LIMITS)
    adopt(plan, proposal, actor="李四")
    held = plan.read("compounds")["pianqu_uid"]
    assert set(held.index[held == closed]) == set(free[:3])
    assert held[free[10]] == held[free[11]] == core
    assert pd.isna(held[free[40]])


def test_a_stale_proposal_is_not_taken_over(plan):
    (proposal,) = of_plan(plan, LIMITS)
    assert not is_stale(proposal, basis_revision(plan))
    pianqu.make_pianqu(plan, "手工", [str(plan.read("compounds").index[0])], "李四")
    assert is_stale(proposal, basis_revision(plan))
    with pytest.raises(StoreError, match="过时"):
        adopt(plan, proposal, actor="李四")
    assert set(grouping(plan).values()) == {"手工"}


def test_saving_a_grouping_leaves_proposals_as_fresh_as_they_were(plan):
    (proposal,) = of_plan(plan, LIMITS)
    now = grouping_now(plan.read("compounds"), plan.read("pianqu"))
    save_scheme(plan, "现状", now, "李四")
    assert adopt(plan, proposal, actor="李四")


def test_the_others_are_told_beside_the_best(plan):
    asked = replace(LIMITS, aim="fewest", proposals=3, min_households=None)
    best, *others = of_plan(plan, asked)
    assert others
    for other in others:
        assert tuple(best.objective) <= tuple(other.objective)
        assert "方案 1" in other.proof
        assert best.emphasis != other.emphasis
        if best.optimal:
            assert not other.optimal or other.objective == best.objective
            assert other.bound == best.objective


def test_only_so_many_are_picked_and_the_rest_is_told_why(plan):
    (proposal,) = of_plan(plan, ProposalSettings(pick=3, proposals=1))
    assert len(proposal.table) == 3
    assert proposal.names.isna().sum() == len(proposal.unassigned) > 200


def test_what_progress_raises_ends_the_search(plan):
    class StoppedError(Exception):
        pass

    def stop(share: float) -> None:
        assert 0 <= share <= 1
        raise StoppedError

    frame, held = plan.read("compounds"), plan.read("pianqu")
    prepared = prepare(frame, held, LIMITS)
    pairs = neighbours(prepared.shapes, max_gap_m=30)
    origin = Origin(plan_id="p", revision=1, edition=1)
    with pytest.raises(StoppedError):
        make_proposals(
            prepared, pairs, LIMITS, frame=frame, pianqu=held, origin=origin, progress=stop
        )
