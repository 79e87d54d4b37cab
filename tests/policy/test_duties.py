from pathlib import Path

import pandas as pd
import pytest

from errors import PolicyError
from policy.catalogue import work_titles
from policy.duties import COLUMNS, GENERAL, UNNAMED, duties, duty_list, duty_table, read_duties
from policy.profiles import profiles
from policy.reader import STANDARDS, read_rules
from policy.works import classes, works

YUNCHENG = read_rules(Path(__file__).parent / "works_texts.yaml")["yuncheng"]
# How many units the source lists; 阳江 names three money bodies and three carriers in one breath.
UNITS = {
    "yangjiang-2021": 30,
    "chuxiong-2020": 15,
    "liuzhou-2022": 18,
    "city-pilot": 17,
    "yuncheng-2024": 10,
}


def answering(work: str, key: str) -> list[str]:
    return [duty.unit for duty in duties(key) if work in duty.works]


@pytest.mark.parametrize("key", UNITS)
def test_every_unit_of_the_plan_is_there(key) -> None:
    assert len({duty.unit for duty in duties(key)}) == UNITS[key]


@pytest.mark.parametrize("key", classes())
def test_each_work_that_a_plan_lists_has_a_unit_or_stands_among_the_gaps_with_its_reason(
    key,
) -> None:
    listed = duty_list(key)
    for work, slot in classes()[key].items():
        if slot is not None:
            assert bool(answering(work, key)) != bool(listed.gaps.get(work)), work
    assert set(listed.gaps) <= set(works())
    assert listed.lead in {duty.unit for duty in listed.duties}


@pytest.mark.parametrize("key", UNITS)
def test_stages_of_duties_are_stages_of_the_programme(key) -> None:
    known = {stage["id"] for stage in read_rules(STANDARDS / "stages.yaml")["stages"]}
    assert {stage for duty in duties(key) for stage in duty.stages} <= known


@pytest.mark.parametrize(
    ("key", "work", "units"),
    [
        ("chuxiong-2020", "power_supply", ["楚雄鹿城供电局"]),
        ("chuxiong-2020", "drainage", ["市供排水有限公司"]),
        ("chuxiong-2020", "waste", ["市城管局"]),
        ("liuzhou-2022", "greening", ["市林业和园林局"]),
        ("liuzhou-2022", "gas_supply", ["市供水、供电、燃气等管线专营单位"]),
        ("yangjiang-2021", "lift", ["市住房城乡建设局"]),
        ("yangjiang-2021", "gas_supply", ["市住房城乡建设局", "各属地管道燃气特许经营企业"]),
        ("yangjiang-2021", "water_supply", ["市水务集团"]),
        ("city-pilot", "illegal_building", ["市城市管理局"]),
        ("yuncheng-2024", "overhead_lines", ["区工信部门"]),
    ],
)
def test_a_work_finds_the_units_that_answer_for_it(key, work, units) -> None:
    assert answering(work, key) == units


def test_sections_count_through_where_the_plan_numbers_its_units() -> None:
    assert len({duty.section for duty in duties("chuxiong-2020")}) == 15
    assert {duty.section for duty in duties("liuzhou-2022")} == {f"六(二){k}" for k in range(1, 19)}


@pytest.mark.parametrize("key", UNITS)
def test_duties_stand_where_the_profile_of_the_plan_says(key) -> None:
    rule = profiles()[key].one("duties")
    assert rule is not None
    mine = {duty.section for duty in duties(key)}
    assert any(section.startswith(rule.section) for section in mine)


def test_the_table_of_the_five_compounds_of_yuncheng() -> None:
    table = duty_table([row["text"] for row in YUNCHENG.values()], "yuncheng-2024")
    assert tuple(table.columns) == COLUMNS
    units = dict(zip(table["责任单位"], table["涉及改造内容"], strict=True))
    assert units["区公安部门"] == "安防、智能门禁"
    assert units["区工信部门"] == "三线落地"
    open_rows = table[table["责任单位"].str.startswith(UNNAMED)]
    assert set(open_rows["责任单位"]) == {"方案未写明（由街道办事处统筹）"}
    assert "党建宣传栏" in set(open_rows["涉及改造内容"])
    assert "消防" in set(open_rows["涉及改造内容"])


@pytest.mark.parametrize("key", UNITS)
def test_every_work_of_the_texts_is_in_the_table_and_no_other(key) -> None:
    table = duty_table(["、".join(work_titles().values())], key)
    first = table[table["涉及改造内容"] != GENERAL]
    named = [title for cell in first["涉及改造内容"] for title in cell.split("、")]
    assert set(named) == set(work_titles().values())
    one = duty_table(["路灯"], key)
    assert set(one["涉及改造内容"]) == {"路灯", GENERAL}


def test_units_with_a_general_duty_come_last_and_without_texts_they_alone_are_left() -> None:
    table = duty_table(["安防"], "chuxiong-2020")
    general = (table["涉及改造内容"] == GENERAL).tolist()
    assert general == sorted(general)
    assert table["责任单位"].iloc[0] == "市公安局"
    assert "市审计局" in set(table["责任单位"])
    assert "市供排水有限公司" not in set(table["责任单位"])
    empty = duty_table([None, "", float("nan")], "chuxiong-2020")
    assert set(empty["涉及改造内容"]) == {GENERAL}


def test_what_was_not_read_is_in_the_table_once() -> None:
    table = duty_table(["许愿池、路灯", "许愿池"], "liuzhou-2022")
    row = table[table["涉及改造内容"] == "许愿池"]
    assert len(row) == 1
    assert "没有读懂" in row["职责"].iloc[0]


def test_a_frame_is_taken_with_its_names_and_is_not_changed() -> None:
    frame = pd.DataFrame({"works_text": ["停车花苑：路灯", pd.NA], "name": ["停车花苑", None]})
    before = frame.copy()
    assert set(duty_table(frame, "chuxiong-2020")["涉及改造内容"]) == {"路灯", GENERAL}
    pd.testing.assert_frame_equal(frame, before)
    assert set(duty_table(frame[["name"]], "chuxiong-2020")["涉及改造内容"]) == {GENERAL}


def test_a_plan_without_duties_says_so_for_every_work_and_an_unknown_one_is_refused() -> None:
    table = duty_table(["路灯、消防"], "litong-parking")
    assert table.to_numpy().tolist() == [[UNNAMED, "方案没有列出部门分工", "消防、路灯", ""]]
    with pytest.raises(PolicyError, match="没有登记文件"):
        duty_table([], "nowhere")


def test_our_own_reasoning_is_said_beside_the_clause() -> None:
    found = next(duty for duty in duties("yuncheng-2024") if duty.unit == "区公安部门")
    assert found.clause == "〔云城区2024年实施方案 六(二)〕（按部门与事项的次序对应）"


HEAD = "document: chuxiong-2020\nchecked_on: 2026-11-21\nlead: {unit: 甲, section: 七}\n"
ALL = ", ".join(work for work, slot in classes()["chuxiong-2020"].items() if slot)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("gaps: {}\nduties: [{unit: 甲, section: 七, what: 乙, works: [roof]}]", "没有单位负责"),
        (f"gaps: {{理由: [{ALL}]}}\nduties: [{{unit: 甲, section: 七, what: 乙, works: [roof]}}]", "删去"),
        (f"gaps: {{理由: [{ALL}]}}\nduties: [{{unit: 甲, section: 七, what: 乙, works: [x]}}]", "没有的改造内容：x"),
        (f"gaps: {{理由: [{ALL}, y]}}\nduties: [{{unit: 甲, section: 七, what: 乙}}]", "没有的改造内容：y"),
        (f"gaps: {{理由: [{ALL}]}}\nduties: [{{unit: 甲, what: 乙}}]", "缺少 section"),
        (f"gaps: {{理由: [{ALL}]}}\nduties: [{{unit: 甲, section: 七, what: 乙, who: 丙}}]", "不认识的键 who"),
        ("gaps: {}\nduties: []", "应是列表"),
    ],
)  # fmt: skip
def test_a_malformed_list_is_refused_with_what_is_wrong(tmp_path, body, message) -> None:
    path = tmp_path / "duties_x.yaml"
    path.write_text(HEAD + body, encoding="utf-8")
    with pytest.raises(PolicyError, match=message):
        read_duties(path)
