"""How many stalls a proposal may have where not everything is known."""

from __future__ import annotations

from data.layout_needs import needs_of
from data.stall_settings import StallSettings
from tests.data.test_stall_demand import ONE, town


def needs(*rows, settings: StallSettings = ONE):
    frame = town(*rows)
    return needs_of({"compounds": frame}, list(frame.index), settings, saved=None, zone=None)


def test_without_known_stalls_the_whole_need_is_the_cap_and_is_said_to_be():
    alone = needs((120, None, None, 0))["c0"]
    assert (alone.most, alone.own) == (120, None)
    assert "全部需要 120 个封顶" in alone.notes[0]


def test_without_known_households_nothing_caps_and_that_is_said():
    alone = needs((None, None, None, 0))["c0"]
    assert alone.most is None
    assert "没有按缺口封顶" in alone.notes[0]


def test_a_pianqu_of_which_no_stalls_are_known_is_capped_by_the_need_of_its_members():
    found = needs((120, None, "p", 0), (30, None, "p", 60), (None, None, "p", 120))
    assert {one.most for one in found.values()} == {150}
    assert {one.group for one in found.values()} == {"p"}


def test_what_is_known_caps_by_what_is_lacking():
    assert needs((120, 50, None, 0))["c0"].most == 70
    assert needs((120, 150, None, 0))["c0"].most == 0
