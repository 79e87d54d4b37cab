"""撤销 and 重做 in the strip: a planner's own edits, with others at work on the same plan."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from data.store import Plan, open_plan
from ui import settings

START = Path(__file__).parents[2] / "ui" / "entry" / "start.py"


@pytest.fixture
def page(plan_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """甲's page, with the plan open."""
    monkeypatch.setenv(settings.PLANS, str(tmp_path))
    monkeypatch.setenv(settings.STATE, str(tmp_path / "state"))
    monkeypatch.setenv(settings.PLAN, str(plan_path))
    monkeypatch.setenv(settings.ACTOR, "甲")
    return AppTest.from_file(str(START), default_timeout=60)


def change(plan: Plan, actor: str, name: str, households: int) -> None:
    frame = plan.read("compounds").reset_index().set_index("name")
    uid, version = frame.loc[name, ["uid", "version"]]
    with plan.edit(actor, f"改户数：{name}") as tx:
        tx.update("compounds", uid, int(version), {"households": households})


def households(plan: Plan) -> dict[str, int]:
    return plan.read("compounds").set_index("name")["households"].to_dict()


def test_what_another_planner_did_last_is_not_taken_back(page: AppTest, plan_path: Path) -> None:
    with open_plan(plan_path) as plan:
        change(plan, "甲", "邮电新村", 98)
        change(plan, "乙", "玉皇路小区", 600)
        page.run()
        undo = page.button(key="strip:undo")
        assert undo.help == "撤销：改户数：邮电新村（Ctrl+Z）"
        undo.click().run()
        assert not page.exception
        found = households(plan)
        assert (found["邮电新村"], found["玉皇路小区"]) == (97, 600)
        # Nothing of one's own is left, though the plan has 乙's edit.
        assert page.button(key="strip:undo").disabled
        # 乙 goes on; what 甲 took back can still be made again.
        change(plan, "乙", "玉皇路小区", 601)
        page.run()
        page.button(key="strip:redo").click().run()
        found = households(plan)
        assert (found["邮电新村"], found["玉皇路小区"]) == (98, 601)


def test_where_another_has_changed_the_same_since_it_is_said_and_nothing_happens(
    page: AppTest, plan_path: Path
) -> None:
    with open_plan(plan_path) as plan:
        change(plan, "甲", "邮电新村", 98)
        change(plan, "乙", "邮电新村", 99)
        page.run()
        page.button(key="strip:undo").click().run()
        assert not page.exception
        said = " ".join(error.value for error in page.error)
        assert "小区“邮电新村”在您要撤销的那一步之后已被乙于" in said
        assert "没有撤销，计划没有改变" in said
        assert households(plan)["邮电新村"] == 99
