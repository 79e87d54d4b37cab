import time
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


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("新建停车位1,200平方米", (1200, "平方米")),
        ("屋面防水1.5万㎡", (15_000, "m2")),
        ("规划停车位200余个", (200, "个")),
        ("路灯（约20盏）", (20, "盏")),
        ("雨水管DN300约500米", (500, "米")),
        ("补种乔木3.5万株", (35_000, "株")),
    ],
)
def test_quantities_are_read_as_ledgers_write_them(text, found) -> None:
    reading = read_works(text)
    assert [(item.quantity, item.unit) for item in reading.items] == [found]
    assert reading.unread == ()


def test_a_work_named_twice_with_quantities_keeps_both() -> None:
    items = read_works("路灯10盏和庭院灯20盏").items
    assert [(item.work, item.quantity) for item in items] == [
        ("street_lights", 10),
        ("street_lights", 20),
    ]
    assert titles("楼道粉刷及楼梯扶手更换") == ["楼道修缮"]


def test_a_filler_does_not_cut_a_longer_word_short() -> None:
    assert titles("更换单元门禁系统、新增雨水管网、新增停车位划线") == [
        "智能门禁",
        "新增雨水管",
        "车位划线",
    ]
    assert read_works("更换单元门禁系统、新增雨水管网、给排水管网改造").unread == ()


def test_headings_and_list_numbers_are_no_works_and_not_unread() -> None:
    reading = read_works("一、基础类：1.道路硬化；2.雨污分流。二、完善类：（一）加装电梯3部")
    assert reading.works == ("hard_paving", "rain_sewage_split", "lift")
    assert reading.unread == ()


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
    # A number behind it makes no place of it; a name of a place may have one.
    assert read_works("凉亭2、路灯").unread == ("凉亭2",)
    assert read_works("明珠苑一、二期路灯").unread == ()
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


LONG = 10_000


@pytest.mark.parametrize(
    "piece",
    [
        "光",
        "1",
        "十",
        "1-",
        "a1",
        "路灯",
        "小区",
        "光小区",
        "宽度为1米",
        "1米",
        "预算投资",
        "1.1",
        "\x00路灯",
        "、及小区",
    ],
    ids=repr,
)
def test_no_text_of_ten_thousand_characters_takes_long_or_loses_a_sign(piece) -> None:
    text = (piece * LONG)[:LONG]
    read_works("路灯")
    begun = time.process_time()
    reading = read_works(text)
    assert time.process_time() - begun < 1
    shown = set("".join([item.raw for item in reading.items] + list(reading.unread)))
    assert set(piece) - set("、及.") <= shown


def test_a_number_of_ten_thousand_digits_is_unread_and_no_error() -> None:
    reading = read_works("1" * LONG + "个路灯")
    assert [item.quantity for item in reading.items] == [None]
    assert reading.unread == ("1" * LONG + "个",)
    assert read_works("9" * LONG).unread == ("9" * LONG,)


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


NATIONAL = {
    "基础": "供水、排水、供电、弱电、道路、供气、消防、安防、生活垃圾分类、移动通信、光纤入户、架空线规整（入地）、"
    "屋面、外墙、楼梯等公共部位维修",
    "完善": "拆除违法建设、绿化、照明等环境、无障碍设施、停车库（场）、电动自行车及汽车充电设施、智能快件箱、"
    "智能信包箱、文化休闲设施、体育健身设施、物业用房、建筑节能改造、加装电梯",
    "提升": "社区综合服务设施、卫生服务站等公共卫生设施、幼儿园等教育设施、托育、养老、助餐、家政保洁、便民市场、"
    "便利店、邮政快递末端综合服务站、智慧化改造",
}
# As the source's list names them; a few entries hold one "、" themselves, so whole texts are compared.
LISTS = {
    "yuncheng-2024": {
        "基础": "道路、排水、供水、供电、弱电、供气、安防、消防、环卫、管线规整",
        "完善": "社区和物业用房、建筑物修缮、建筑节能改造、加装电梯、照明、绿化、停车、充电桩、智能快件箱、"
        "智能信包箱、文化、体育健身、适老设施、无障碍设施、拆违拆临",
        "提升": "养老、托幼、医疗、家政、商业设施、智慧社区",
    },
    "yangjiang-2021": {
        **NATIONAL,
        "提升": NATIONAL["提升"] + "、周界防护等智能设施",
    },
    "liuzhou-2022": {
        **NATIONAL,
        "完善": NATIONAL["完善"] + "、适老设施",
        "提升": NATIONAL["提升"] + "、周界防护等智能感知设施、党群服务中心",
    },
    "chuxiong-2020": {
        "安全工程": "消防安全、结构安全、安防安全、建筑防雷",
        "功能提升": "房屋修缮、屋面修缮、楼道整修、完善单元防盗门、节能改造、给水管网、排水管网、中水回用、海绵城市、"
        "电力设施、照明设施、光纤入户、燃气管线、通风设施、电梯加装、老旧电梯修理",
        "环境整治": "道路设施、停车位、立面整治、公共设施、适老设施、信报箱及快递柜、公共文化设施、小区风貌、小区绿化、"
        "整治私搭乱建、整治架空管线、完善环卫设施、公厕提升",
    },
    "city-pilot": {
        "环境及配套": "供水、供电、供气、弱电管线、排水、通行、停车、消防、安防、环卫、路灯、无障碍设施、"
        "文体活动、绿化美化",
        "建筑物本体": "屋面防水、楼道修缮、楼道照明、单元门禁、立面整治、加装电梯",
        "公共服务": "物业用房、无人超市、快递驿站",
    },
}


@pytest.mark.parametrize("rules", LISTS)
def test_the_list_of_each_plan_is_there_in_full_and_nothing_else(rules) -> None:
    found = [entry for entry in classes()[rules].values() if entry and not entry.judged]
    for name, items in LISTS[rules].items():
        words = {item for entry in found if entry.name == name for item in entry.item.split("、")}
        assert words == set(items.split("、")), name
    assert {entry.name for entry in found} == set(LISTS[rules])


def test_what_the_closed_list_of_chuxiong_does_not_name_is_said_to_be_ours() -> None:
    ours = {work for work, entry in classes()["chuxiong-2020"].items() if entry and entry.judged}
    assert {"wall", "entrance_gate", "barrier_free", "garage_doors"} <= ours
    assert not ours & {"security", "perimeter_alarm", "fire_lane", "roof", "public_toilet"}


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
