"""What is asked of proposals and who takes part: settings, verdicts, locks, the planner's own pairs."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.proposal_settings import AIMS, ELIGIBLE, OVER, SUBDISTRICTS
from data.proposing import ProposalSettings, prepare
from errors import RecordError
from geo.bundle_problem import BundleWeights
from tests.data.street import LIMITS, NONE, groups, made, street

# --- settings ---------------------------------------------------------------------------------------

LIMIT = st.none() | st.integers(1, 10**6)
PAIRS = st.lists(st.lists(st.sampled_from("abcdef"), min_size=2, max_size=2, unique=True))


@given(
    low=LIMIT,
    money=LIMIT,
    wide=st.none() | st.floats(1, 1e4),
    weight=st.floats(0, 10),
    over=st.sampled_from(list(OVER)),
    eligible=st.sampled_from(list(ELIGIBLE)),
    aim=st.sampled_from(list(AIMS)),
    subdistricts=st.sampled_from(list(SUBDISTRICTS)),
    pairs=PAIRS,
)
@settings(max_examples=25)
def test_settings_come_back_from_json_as_they_were(
    low, money, wide, weight, over, eligible, aim, subdistricts, pairs
):
    before = ProposalSettings(
        min_households=low,
        max_investment_yuan=money,
        max_diameter_m=wide,
        weights=BundleWeights(money=weight),
        over=over,
        only_eligible=eligible,
        aim=aim,
        subdistricts=subdistricts,
        apart=tuple((a, b) for a, b in pairs),
    )
    after = ProposalSettings.from_dict(json.loads(json.dumps(before.to_dict())))
    assert after == before
    assert hash(after) == hash(before)


def test_settings_name_all_that_is_wrong_at_once():
    wrong = {
        "gap": 3,
        "min_households": "500",
        "max_households": True,
        "max_diameter_m": float("nan"),
        "aim": "best",
        "proposals": 5,
        "weights": {"compact": -1},
        "together": [["a"]],
        "apart": [["a", "a"]],
    }
    with pytest.raises(RecordError) as told:
        ProposalSettings.from_dict(wrong)
    assert len(told.value.problems) == len(wrong)
    assert all(any(f"“{name}”" in one for one in told.value.problems) for name in wrong)


def test_words_tell_every_limit_that_is_set():
    asked = ProposalSettings(
        max_investment_yuan=80_000_000,
        max_diameter_m=800,
        subdistricts="hard",
        pick=3,
        together=(("a", "b"),),
    )
    for words in (
        "30 米",
        "500 户",
        "2,000 户",
        "8,000.0 万元",
        "800 米",
        "不得跨街道",
        "3 个片区",
        "1 组",
    ):
        assert words in asked.words
    assert "投资上限" not in ProposalSettings().words


# --- who takes part ---------------------------------------------------------------------------------


def test_figures_are_those_of_the_plan_and_what_is_unknown_stays_unknown():
    frame = street()
    frame.loc["U1", ["households", "investment_yuan"]] = pd.NA
    figures = prepare(frame, NONE, LIMITS).compounds
    assert figures.loc["U0"].tolist() == [200, 1_000_000, -600_000, "东街道"]
    assert figures.loc["U1", ["households", "investment_yuan", "balance_yuan"]].isna().all()
    assert figures.loc[["U5", "U6"], "subdistrict"].isna().all()


def test_only_those_take_part_whose_verdict_lets_them():
    frame = street(4).assign(locked=[False, False, False, False])
    states = pd.Series(["符合", "需论证", "不符合"], index=["U0", "U1", "U2"])
    for eligible, stays in (("all", []), ("arguable", ["U2", "U3"]), ("clear", ["U1", "U2", "U3"])):
        asked = ProposalSettings(only_eligible=eligible)
        prepared = prepare(frame, NONE, asked, states=states)
        assert list(prepared.staying.index) == stays
        assert set(prepared.records.index) == set(frame.index) - set(stays)
    assert prepared.staying["U2"] == "准入：不符合"
    assert prepared.staying["U3"] == "准入：未判定"


def test_members_of_a_locked_pianqu_stay_and_it_is_said():
    frame = street()
    frame.loc[["U3", "U4"], "pianqu_uid"] = "P"
    held = groups({"P": "金龙片区"}).assign(locked=True)
    (proposal,) = made(frame, LIMITS, held)
    assert not {"U3", "U4"} & set(proposal.names.index)
    assert proposal.staying.to_dict() == dict.fromkeys(["U3", "U4"], "所在片区“金龙片区”已锁定")
    # What lies to the left and to the right of it has no way past it.
    left = set(proposal.names[["U0", "U1", "U2"]])
    assert not left & set(proposal.names[["U5", "U6", "U7", "U8", "U9"]])


def test_locked_members_of_one_pianqu_keep_its_name_and_those_of_two_are_parted():
    frame = street()
    frame.loc[["U0", "U3"], "pianqu_uid"] = "P"
    frame.loc[["U4", "U5"], "pianqu_uid"] = "Q"
    frame.loc[["U0", "U3", "U4"], "locked"] = True
    held = groups({"P": "金龙片区", "Q": "玉皇片区"})
    (proposal,) = made(frame, LIMITS, held)
    assert proposal.names["U0"] == proposal.names["U3"] == "金龙片区"
    assert proposal.names["U4"] == "玉皇片区"
    assert proposal.colors[["金龙片区", "玉皇片区"]].tolist() == [0, 1]
    assert (proposal.table.loc[proposal.table["state"] == "符合", "households"] <= 1_500).all()


def test_a_locked_compound_of_no_pianqu_stays_in_none():
    frame = street()
    frame.loc["U2", "locked"] = True
    (proposal,) = made(frame, LIMITS)
    assert proposal.staying.to_dict() == {"U2": "已锁定为未分组"}
    assert "U2" not in proposal.names.index


def test_locked_members_stay_where_others_of_their_pianqu_do_not_take_part():
    """Else the 片区 would hold more than the proposal tells."""
    frame = street()
    frame.loc[["U0", "U1", "U2"], "pianqu_uid"] = "P"
    frame.loc["U0", "locked"] = True
    asked = ProposalSettings(over="selection", min_households=300, proposals=1)
    held = groups({"P": "金龙片区"})
    (proposal,) = made(frame, asked, held, selection=["U0", "U1", "U3", "U4"])
    assert "还有小区不参加" in proposal.staying["U0"]
    assert "金龙片区" not in set(proposal.names.dropna())


def test_what_is_locked_takes_part_whatever_its_verdict():
    frame = street(4)
    frame.loc["U1", "pianqu_uid"] = "P"
    frame.loc["U1", "locked"] = True
    states = pd.Series(["符合", "不符合", "不符合", "符合"], index=frame.index)
    prepared = prepare(frame, groups({"P": "甲片"}), LIMITS, states=states)
    assert list(prepared.staying.index) == ["U2"]


def test_ranges_are_all_drawn_ones_the_ungrouped_or_the_selected():
    frame = street()
    frame.loc["U9", "geometry"] = None
    frame.loc["U0", "pianqu_uid"] = "P"
    held = groups({"P": "甲片"})

    def taking(over: str) -> set[str]:
        asked = ProposalSettings(over=over)
        return set(prepare(frame, held, asked, selection=["U3", "U9"]).records.index)

    assert taking("all") == set(frame.index) - {"U9"}
    assert taking("ungrouped") == set(frame.index) - {"U0"}
    assert taking("selection") == {"U3", "U9"}


def test_nobody_to_group_is_said_with_the_reasons():
    frame = street(3)
    frame.loc["U0", "geometry"] = None
    states = pd.Series("不符合", index=["U1", "U2"])
    prepared = prepare(frame, NONE, LIMITS, states=states)
    assert "2 个准入：不符合" in prepared.nobody
    with pytest.raises(RecordError, match="换一个范围"):
        made(frame, LIMITS, states=states)
    with pytest.raises(RecordError, match="所选的"):
        made(frame, ProposalSettings(over="selection"))


# --- the planner's own pairs ------------------------------------------------------------------------


def test_pairs_are_kept_together_and_apart():
    frame = street()
    asked = ProposalSettings(
        min_households=300,
        max_households=900,
        proposals=1,
        together=(("U0", "U9"),),
        apart=(("U4", "U5"),),
    )
    (proposal,) = made(frame, asked)
    assert proposal.names["U0"] == proposal.names["U9"] is not None
    assert proposal.names["U4"] != proposal.names["U5"]
    assert int(proposal.table.loc[proposal.names["U0"], "parts"]) >= 1


def test_pairs_that_contradict_are_refused_by_name():
    asked = ProposalSettings(together=(("U0", "U1", "U2"),), apart=(("U0", "U2"),))
    with pytest.raises(RecordError, match="“甲”与“丙”"):
        prepare(street(), NONE, asked)
    frame = street()
    frame.loc["U0", "pianqu_uid"], frame.loc["U5", "pianqu_uid"] = "P", "Q"
    frame.loc[["U0", "U5"], "locked"] = True
    asked = ProposalSettings(together=(("U0", "U5"),))
    with pytest.raises(RecordError, match="解锁"):
        prepare(frame, groups({"P": "甲片", "Q": "乙片"}), asked)


def test_pairs_of_compounds_that_do_not_take_part_are_passed_over_and_said():
    asked = ProposalSettings(over="selection", together=(("U0", "U1"), ("gone", "lost")))
    prepared = prepare(street(), NONE, asked, selection=["U1", "U2"])
    assert prepared.together == ()
    assert prepared.notes == ("1 条“必须同片、必须分开”里有小区不参加，只对参加的起作用。",)
