from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from errors import PolicyError
from policy import catalogue
from policy.catalogue import class_of, class_shares, has_work, read_works, work_titles
from policy.reader import read_rules
from policy.works import classes, works

TEXTS = read_rules(Path(__file__).parent / "works_texts.yaml")
YUNCHENG, LITONG = TEXTS["yuncheng"], TEXTS["litong"]


def titles(text: str) -> list[str]:
    return [work_titles()[item.work] for item in read_works(text).items]


def quantities(text: str) -> dict[str, tuple[float, str]]:
    found = read_works(text).items
    return {work_titles()[item.work]: (item.quantity, item.unit) for item in found if item.unit}


@pytest.mark.parametrize("row", YUNCHENG.values(), ids=YUNCHENG)
def test_all_works_of_yuncheng_are_read_in_order(row) -> None:
    assert titles(row["text"]) == row["works"]
    assert read_works(row["text"]).unread == ()


@pytest.mark.parametrize("row", LITONG.values(), ids=LITONG)
def test_sentences_of_litong_are_read_and_places_are_not_taken_for_works(row) -> None:
    assert list(dict.fromkeys(titles(row["text"]))) == row["works"]
    assert read_works(row["text"]).unread == ()


def test_quantities_are_read() -> None:
    assert quantities(YUNCHENG["云浮中学教师宿舍"]["text"]) == {"健身设施": (1, "套")}
    assert quantities("新增停车位 26 个，更换小区大门两个，太阳能路灯十二盏，雨水管网1200.5米") == {
        "新增停车位": (26, "个"),
        "小区大门翻新": (2, "个"),
        "路灯": (12, "盏"),
        "新增雨水管": (1200.5, "米"),
    }
    assert quantities("打通6个消防通道并将路面拓宽为5米") == {"消防通道": (6, "个")}


def test_joined_works_are_taken_apart_and_names_with_joining_words_are_not() -> None:
    assert titles("围栏及大门进行更换") == ["围墙翻新", "小区大门翻新"]
    assert titles("养老和托育") == ["养老设施", "托幼设施"]
    assert titles("信报箱及快递柜；社区和物业用房") == ["智能快件箱", "社区和物业用房"]
    assert titles("路灯,绿化;充电桩 无障碍") == ["路灯", "绿化", "充电桩", "无障碍设施"]


def test_what_is_not_understood_is_shown() -> None:
    assert read_works("地面沥青、安装许愿池").unread == ("安装许愿池",)
    assert read_works("更换路灯并新建凉亭").unread == ("凉亭",)
    assert read_works("综合整治").unread == ("综合整治",)
    assert read_works("小区东侧").unread == ("小区东侧",)
    # As it was written, but for the width of signs.
    assert read_works("Ａ区ＶＲ体验馆").unread == ("A区VR体验馆",)


@pytest.mark.parametrize("text", [None, "", "/", "  ", "、、", float("nan")])
def test_no_text_no_works(text) -> None:
    assert read_works(text) == catalogue.Reading()


def test_the_compounds_own_name_is_no_work() -> None:
    assert read_works("停车花苑：新增路灯", names=["停车花苑"]).works == ("street_lights",)


def test_a_text_of_ten_thousand_characters_is_read_and_nothing_is_lost() -> None:
    text = ("地面沥青、不明内容、新增停车位 26 个。" * 500)[:10_000]
    reading = read_works(text)
    assert set(reading.works) == {"road_asphalt", "parking_new"}
    assert reading.unread.count("不明内容") == text.count("不明内容")
    assert read_works("光" * 10_000).unread == ("光" * 10_000,)


@settings(deadline=None)
@given(st.text(alphabet="路灯消防甲乙丙、，及1２个（）/ \n", max_size=40))
def test_every_sign_is_in_a_work_an_unread_phrase_or_means_nothing(text) -> None:
    reading = read_works(text)
    shown = "".join([item.raw for item in reading.items] + list(reading.unread))
    assert all(sign in shown for sign in text if sign in "路灯消防甲乙丙")


@settings(deadline=None)
@given(st.lists(st.sampled_from(sorted(works())), min_size=1, max_size=8, unique=True))
def test_titles_joined_as_a_ledger_are_read_back(chosen) -> None:
    reading = read_works("、".join(work_titles()[work] for work in chosen))
    assert reading.works == tuple(chosen)
    assert reading.unread == ()


def test_every_word_of_the_catalogue_reads_as_its_own_work() -> None:
    for work in works().values():
        for word in work.words:
            assert read_works(word).works == (work.id,), word


def test_facade_repair_has_a_class_that_differs_from_plan_to_plan() -> None:
    assert class_of("facade", "yuncheng-2024") == "完善"
    assert class_of("facade", "yangjiang-2021") == class_of("facade", "liuzhou-2022") == "基础"
    assert class_of("facade", "chuxiong-2020") == "环境整治"
    assert class_of("notice_board") is None
    assert catalogue.class_names() == ("基础", "完善", "提升")


def test_each_plan_classes_each_work_once_with_its_section() -> None:
    for rules, by_work in classes().items():
        assert set(by_work) == set(works())
        assert all(entry.document == rules and entry.section for entry in by_work.values() if entry)
    assert catalogue.work_class("overhead_lines").section == "三"
    assert catalogue.work_class("wall").judged


def test_the_lists_of_yuncheng_section_3_are_all_there() -> None:
    listed = {
        "基础": "道路、排水、供水、供电、弱电、供气、安防、消防、环卫、管线规整",
        "完善": "社区和物业用房、建筑物修缮、建筑节能改造、加装电梯、照明、绿化、停车、充电桩、智能快件箱、"
        "智能信包箱、文化、体育健身、适老设施、无障碍设施、拆违拆临",
        "提升": "养老、托幼、医疗、家政、商业设施、智慧社区",
    }
    found = [entry for entry in classes()["yuncheng-2024"].values() if entry and not entry.judged]
    for name, items in listed.items():
        assert {entry.item for entry in found if entry.name == name} == set(items.split("、"))


def test_unknown_works_and_plans_are_refused() -> None:
    with pytest.raises(PolicyError, match="清单里没有"):
        class_of("许愿池")
    with pytest.raises(PolicyError, match="yuncheng-2024"):
        class_of("facade", "nowhere")
    with pytest.raises(PolicyError, match="清单里没有"):
        has_work(pd.Series(["路灯"]), "许愿池")


def test_shares_of_a_row_of_yuncheng_add_up() -> None:
    # 财政所宿舍: 沥青, 污水管, 三线, 消防, 门禁 | 外墙, 划线, 路灯.
    assert class_shares(YUNCHENG["云城财政所宿舍"]["text"]) == {
        "基础": 5 / 8,
        "完善": 3 / 8,
        "提升": 0,
        "未列入": 0,
    }
    assert class_shares("许愿池") == {}


def test_shares_and_has_work_of_a_frame_keep_the_index_and_know_the_unknown() -> None:
    texts = pd.Series({"a": "路灯、消防", "b": None, "c": "许愿池", "d": "路灯、消防"})
    shares = catalogue.class_share_frame(texts)
    assert list(shares.index) == list("abcd")
    assert list(shares.columns) == ["基础", "完善", "提升", "未列入"]
    assert shares.loc["a"].tolist() == shares.loc["d"].tolist() == [0.5, 0.5, 0, 0]
    assert shares.loc[["b", "c"]].isna().all(axis=None)
    assert has_work(texts, "street_lights").tolist() == [True, pd.NA, False, True]


def test_a_malformed_catalogue_is_refused(tmp_path) -> None:
    path = tmp_path / "works.yaml"
    row = "{{id: {}, title: {}, words: [{}], source: yuncheng-2024 三}}"
    for rows, message in [
        ([row.format("a", "甲", "x"), row.format("b", "乙", "x")], "words 里重复：x"),
        ([row.format("a", "甲", "x"), row.format("a", "乙", "y")], "id 里重复：a"),
        ([row.format("a", "甲", "x").replace("source", "sourze")], r"works\[0\] 缺少 source"),
        ([row.format("a", "甲", "x").replace("}", ", unit: 个}")], "不认识的键 unit"),
    ]:
        path.write_text(f"checked_on: 2026-11-20\nworks: [{', '.join(rows)}]", encoding="utf-8")
        with pytest.raises(PolicyError, match=message):
            works(path)


def test_a_class_list_that_forgets_or_repeats_a_work_is_refused(tmp_path) -> None:
    path = tmp_path / "classes.yaml"
    head = (
        "yuncheng-2024: {section: 三, checked_on: 2026-11-20, judged: {}, unlisted: [], classes: "
    )
    for body, message in [
        ("{基础: {道路: [road_asphalt]}}}", "没有给出"),
        ("{基础: {道路: [road_asphalt, road_asphalt]}}}", "重复：road_asphalt"),
        ("{基础: {道路: [tunnel]}}}", "清单里没有的改造内容：tunnel"),
        ("{基础: [road_asphalt]}}", "写成“类别"),
    ]:
        path.write_text(head + body, encoding="utf-8")
        classes.cache_clear()
        with pytest.raises(PolicyError, match=message):
            classes(path)
