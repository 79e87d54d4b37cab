"""Facilities as the standards size them, what existing ones are called, and the noon shadow."""

import math
from pathlib import Path

import pytest

from errors import PolicyError
from policy.facility_rules import facility_rules, noon_spacing

# Floor, site, radius of the local rule that mirrors GB 50180 appendix B.
TABLE = {
    "社区服务站": ((600, 1000), (500, 800), 300),
    "文化活动站": ((250, 1200), None, 500),
    "幼儿园": ((2192, 2664), (3654, 4440), 300),
    "小型多功能运动场地": (None, (770, 1310), 300),
    "室外综合健身场地": (None, (150, 750), 300),
    "社区卫生服务站": ((120, 270), None, 300),
    "老年人日间照料中心": ((350, 750), None, 300),
    "托儿所": ((200, math.inf), None, 300),
    "中型多功能运动场地": (None, (1310, 2460), 500),
    "菜市场": ((750, 2500), None, 500),
    "小学": (None, None, 500),
    "初中": (None, None, 1000),
    "物业管理用房": ((50, 300), None, None),
    "快递服务": ((30, 80), None, None),
    "生活垃圾收集点": ((5, 10), None, 70),
    "公共厕所": ((30, 80), (60, 120), None),
    "公共活动场地": (None, (150, math.inf), 300),
    "嵌入式服务综合体": ((600, math.inf), None, 500),
}


def test_the_table_is_that_of_the_documents() -> None:
    kinds = {kind.title: kind for kind in facility_rules().kinds.values()}
    for title, values in TABLE.items():
        kind = kinds[title]
        assert (kind.floor_m2, kind.site_m2, kind.radius_m) == values, title


def test_demand_is_per_hundred_households_and_gives_a_capacity() -> None:
    kinds = facility_rules().kinds
    assert {one.id: one.demand.value for one in kinds.values() if one.demand} == {
        "service_station": 30,
        "elderly_care": 15,
        "nursery": 20.2,
    }
    assert kinds["elderly_care"].households_served(350) == pytest.approx(2333.3, abs=0.1)
    assert kinds["kindergarten"].households_served(2192) is None


def test_ground_is_the_site_or_the_floor_on_storeys() -> None:
    kinds = facility_rules().kinds
    asked = {"storeys": 2.0, "least_m2": 200.0}
    assert kinds["service_station"].ground_m2(**asked) == 500
    assert kinds["elderly_care"].ground_m2(**asked) == 175
    assert kinds["primary_school"].ground_m2(**asked) == 200


@pytest.mark.parametrize(
    ("kind", "name", "found"),
    [
        ("amenity=kindergarten", None, "kindergarten"),
        ("kindergarten", None, "kindergarten"),
        ("shop=supermarket", "华联", "convenience_shop"),
        ("leisure=pitch", None, "small_court"),
        ("amenity=toilets", None, "public_toilet"),
        ("社区卫生服务站", None, "health_station"),
        ("菜市场", None, "market"),
        ("生鲜超市", None, "market"),
        ("老年人日间照料中心", None, "elderly_care"),
        ("amenity=school", "花家地实验小学", "primary_school"),
        ("amenity=school", "第九十四中学", "middle_school"),
        ("amenity=school", "望京实验学校", None),
        ("amenity=school", None, None),
        ("学校", "中心小学", "primary_school"),
        ("amenity=social_facility", "望京颐养中心", "elderly_care"),
        (None, "阳光托育园", "nursery"),
        # What is called after a facility is none.
        ("highway=bus_stop", "菜市场", None),
        ("amenity=restaurant", "幼儿园餐厅", None),
        ("amenity=hospital", "社区卫生", None),
        (None, None, None),
        (float("nan"), float("nan"), None),
    ],
)
def test_existing_facilities_are_told_by_kind_then_by_name(kind, name, found) -> None:
    assert facility_rules().called(kind, name) == found


def test_a_kind_is_found_by_title_or_id_and_an_unknown_one_lists_all() -> None:
    rules = facility_rules()
    assert rules.kind(" 托儿所 ") is rules.kind("nursery")
    assert rules.kind("养老服务").id == "elderly_care"
    assert rules.kind("快递").id == "parcel_service"
    for unclear in ("场地", "", "school"):
        with pytest.raises(PolicyError, match="可用的有"):
            rules.kind(unclear)
    with pytest.raises(PolicyError, match=r"没有“电影院”.*社区服务站（service_station）.*综合超市"):
        rules.kind("电影院")


def test_every_kind_has_words_and_its_own_title_names_it() -> None:
    rules = facility_rules()
    for kind in rules.kinds.values():
        assert rules.called(kind.title) == kind.id, kind.title


def test_the_noon_shadow_grows_to_the_north_and_ends_where_the_sun_stays_down() -> None:
    assert noon_spacing(23) < noon_spacing(40) < noon_spacing(60)
    assert noon_spacing(40) > noon_spacing(40, great_cold=True)
    assert noon_spacing(67) == math.inf


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("floor_m2: [600, 1000]", "floor_m2: [1000, 600]", "不超过最大"),
        ("floor_m2: [600, 1000]", "floor_m2: 600", "最小, 最大"),
        ("radius_m: 300", "radius_m: 远", "0 或更大"),
        ("people: [5000, 12000]", "people: null", "最少, 最多"),
        (
            "id: culture_station, title: 文化活动站",
            "id: culture_station, title: 幼儿园",
            "写了两次",
        ),
        ("  canteen: [食堂", "  canteen: [超市", "写了两次"),
        ("words: [闲置", "word: [闲置", "缺少 words"),
    ],
)
def test_a_malformed_file_is_refused_with_the_place(tmp_path: Path, before, after, says) -> None:
    text = Path("policy/standards/facilities.yaml").read_text(encoding="utf-8")
    assert before in text
    path = tmp_path / "facilities.yaml"
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(PolicyError, match=says):
        facility_rules(path)
