import pytest

from errors import PolicyError
from policy.catalogue import class_of
from policy.work_items import item_of, item_table, item_tables, items
from policy.works import works

YANGJIANG = "yangjiang-2021"
# 附件1, as the table has it.
GROUPS = {
    "小区环境及配套设施": "供水 供电 供气 弱电 排水 通行设施 停车设施 消防设施 "
    "安防系统 环卫设施 照明设施 文体活动设施 绿化美化",
    "建筑物本体": "屋面防水 楼道修缮 楼道照明 单元门禁 加装电梯 立面整治 楼内给水、排水管道",
    "公共服务设施": "服务设施 功能用房 互联网社区",
    "社区治理体系": "自治管理 协商机制",
}


def test_yangjiang_has_its_25_items_in_4_groups_in_order() -> None:
    found = items(YANGJIANG)
    assert [item.number for item in found] == list(range(1, 26))
    listed = [(group, title) for group, titles in GROUPS.items() for title in titles.split()]
    assert [(item.group, item.title) for item in found] == listed
    assert all(item.standard and item.section == "附件1" for item in found)


def test_only_the_items_of_governance_have_no_works() -> None:
    assert [item.number for item in items(YANGJIANG) if not item.works] == [24, 25]


@pytest.mark.parametrize(
    ("work", "number"),
    [
        ("water_supply", 1),
        ("overhead_lines", 4),
        ("rain_sewage_split", 5),
        ("barrier_free", 6),
        ("ev_charging", 7),
        ("fire_lane", 8),
        ("wall", 13),
        ("roof", 14),
        ("gate_access", 17),
        ("lift", 18),
        ("facade", 19),
        ("property_rooms", 22),
    ],
)
def test_a_work_is_found_under_its_item(work, number) -> None:
    found = item_of(work, YANGJIANG)
    assert found.number == number
    assert f"附件1第{number}项" in found.clause


def test_each_work_belongs_to_one_item_or_the_reason_is_given() -> None:
    table = item_table(YANGJIANG)
    placed = [work for item in table.items for work in item.works]
    assert len(placed) == len(set(placed))
    assert {*placed, *table.without} == set(works())
    assert item_of("notice_board", YANGJIANG) is None
    assert "没有" in table.without["notice_board"]


def test_a_work_with_an_item_has_a_class_too() -> None:
    for item in items(YANGJIANG):
        assert [work for work in item.works if class_of(work, YANGJIANG) is None] == []


def test_a_plan_without_numbered_items_has_none_and_unknown_ones_are_refused() -> None:
    assert items("yuncheng-2024") == ()
    assert item_of("facade", "yuncheng-2024") is None
    with pytest.raises(PolicyError, match="没有登记文件"):
        items("nowhere")
    with pytest.raises(PolicyError, match="清单里没有"):
        item_of("许愿池", YANGJIANG)


HEAD = "yangjiang-2021: {section: 附件1, checked_on: 2026-11-21, judged: {}, without: {}, groups: "


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        ("[{title: 甲, items: [{number: 2, title: 乙, standard: 丙, works: [roof]}]}]", "从 1 起"),
        ("[{title: 甲, items: [{number: 1, title: 乙, standard: 丙, works: [roof]}]}]", "没有写到"),
        (
            "[{title: 甲, items: [{number: 1, title: 乙, standard: 丙, works: [x]}]}]",
            "清单里没有：x",
        ),
        (
            "[{title: 甲, items: [{number: 1, title: 乙, standard: 丙, works: [roof, roof]}]}]",
            "重复：roof",
        ),
        ("[{title: 甲, items: [{number: 1, title: 乙, standard: 丙}]}]", "缺少 works"),
        (
            "[{title: 甲, governance: true, items: [{number: 1, title: 乙, standard: 丙, works: []}]}]",
            "不认识的键 works",
        ),
        ("[{title: 甲, items: [{number: 一, title: 乙, standard: 丙, works: [roof]}]}]", "整数"),
        ("[]", "应是列表"),
    ],
)
def test_a_malformed_table_is_refused_with_what_is_wrong(tmp_path, groups, message) -> None:
    path = tmp_path / "items.yaml"
    path.write_text(HEAD + groups + "}", encoding="utf-8")
    with pytest.raises(PolicyError, match=message):
        item_tables(path)
