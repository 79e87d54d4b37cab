"""相邻与阻隔 in the browser: the list of what cuts most, a switch, and 撤销."""

from __future__ import annotations

import re

import pytest

from data.barriers import BARRIER_SETTING
from tests.browser.conftest import read_copy

pytestmark = pytest.mark.browser

TAB = {"pianqu": {"tab": "自动方案", "settings": {"gap_m": 60.0}}}


def test_a_kind_is_switched_off_the_pairs_follow_and_undo_brings_it_back(
    window, plan_file, tmp_path
):
    window.open(plan_file, page="pianqu", pages=TAB)
    panel = window.page.locator(".st-key-panel")
    panel.locator("summary").filter(has_text="相邻与阻隔").click()
    window.wait_for("被隔开 4 对")
    assert "主干路（示意）" in panel.inner_text()
    panel.get_by_role("button", name="主干道", exact=True).click()
    window.wait_for("被隔开 0 对")
    window.settle()
    # What rules main roads alone is no longer asked for; the group stays open under the planner's hand.
    assert not panel.get_by_text("主干道至少宽（米）").is_visible()
    assert panel.get_by_role("button", name="铁路", exact=True).is_visible()
    with read_copy(plan_file, tmp_path) as plan:
        assert plan.settings()[BARRIER_SETTING]["kinds"] == ["river", "railway", "other"]
    window.press("撤销")
    window.wait_for("被隔开 4 对")
    assert re.search("相邻 3 对", panel.inner_text())
