"""Names of a made-up city: subdistricts, communities, compounds. None of them is a real place's list."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["community_names", "compound_names", "subdistrict_names"]

_FIRST = "东西南北中新永长安和平文昌建华兴福康泰德仁义明光金银玉翠绿清江河湖山云海石龙凤鹤松竹梅桂"
_SECOND = "城门桥湾塘岗坪园街口里庄台亭井场港洲岭坡泉林溪湖河塔寺关坊巷营堂沙田"
_COMMUNITY = (
    "朝阳", "前进", "红旗", "胜利", "团结", "友谊", "解放", "人民", "建设", "幸福", "光明", "向阳",
    "春晖", "育才", "工农", "新风", "东湖", "西苑", "南园", "北苑", "桥头", "河滨", "站前", "市府",
)  # fmt: skip
_ROOTS = (
    "翠园", "丽景", "华侨", "怡景", "锦绣", "阳光", "金桂", "紫荆", "百花", "荔苑", "榕树", "木棉",
    "滨江", "江畔", "湖滨", "东湖", "西湖", "南苑", "北苑", "中山", "文华", "学府", "书香", "育新",
    "教师", "园丁", "安居", "康乐", "福星", "富民", "兴华", "振兴", "腾飞", "工人", "劳动", "先锋",
    "银河", "金星", "明珠", "宝石", "白云", "碧水", "青松", "翠竹", "红梅", "玉兰", "丹桂", "海棠",
)  # fmt: skip
_ENDINGS = ("小区", "新村", "花园", "苑", "大院", "园", "公寓", "里", "邨")
_UNITS = (
    "邮电局", "财政局", "税务局", "粮食局", "供销社", "农业局", "水利局", "交通局", "公路局", "供电局",
    "自来水厂", "化肥厂", "水泥厂", "机械厂", "纺织厂", "印刷厂", "食品厂", "罐头厂", "农机厂", "糖厂",
    "第一中学", "第二中学", "实验小学", "师范学校", "人民医院", "中医院", "运输公司", "建筑公司",
    "百货公司", "外贸公司", "农业银行", "工商银行", "法院", "检察院", "公安局", "教育局",
)  # fmt: skip
_HOMES = ("宿舍", "家属院", "生活区", "职工宿舍")
_ROADS = (
    "建设路", "解放路", "人民路", "中山路", "文化路", "新华路", "和平路", "胜利路", "环城路", "东门路",
    "西门路", "南门路", "北门路", "学院路", "工业路", "车站路", "河堤路", "公园路", "民主路", "育才路",
)  # fmt: skip


def subdistrict_names(count: int) -> NDArray[np.object_]:
    """Distinct names of `count` 街道; beyond the stock they are numbered."""
    stock = [a + b for b, a in itertools.product(_SECOND, _FIRST) if a != b]
    stock = list(dict.fromkeys(stock))
    # A stride that shares no factor with the stock walks through all of it without rhyming neighbours.
    picked = [stock[(i * 37) % len(stock)] for i in range(min(count, len(stock)))]
    picked += [f"第{i + 1}" for i in range(len(picked), count)]
    return np.array([f"{name}街道" for name in picked], dtype=object)


def community_names(subdistrict: NDArray[np.int64], rank: NDArray[np.int64]) -> NDArray[np.object_]:
    """Names of 社区, distinct within a 街道.

    Parameters
    ----------
    subdistrict : array of int
        Number of the 街道 of each row.
    rank : array of int
        Number of the 社区 within its 街道, below the 24 names of the stock.
    """
    stock = np.array([f"{name}社区" for name in _COMMUNITY], dtype=object)
    names: NDArray[np.object_] = stock[(subdistrict * 5 + rank) % len(stock)]
    return names


def compound_names(subdistrict: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.object_]:
    """Names of compounds as ledgers have them, distinct within a 街道.

    Parameters
    ----------
    subdistrict : array of int
        Number of the 街道 of each row.
    rng : Generator
        Source of the luck.

    Returns
    -------
    array of str
        小区 and 新村, staff homes of a unit, or a number in a road; a name that comes again in the same
        街道 gets 二区, 三区 and so on.
    """
    n = len(subdistrict)
    estates = np.array([a + b for a, b in itertools.product(_ROOTS, _ENDINGS)], dtype=object)
    homes = np.array([a + b for a, b in itertools.product(_UNITS, _HOMES)], dtype=object)
    numbers = np.array([f"{i}号院" for i in range(1, 400)], dtype=object)
    roads = np.array(_ROADS, dtype=object)
    kind = rng.random(n)
    in_road = roads[rng.integers(len(roads), size=n)] + numbers[rng.integers(399, size=n)]
    names = np.where(
        kind < 0.45,
        estates[rng.integers(len(estates), size=n)],
        np.where(kind < 0.75, homes[rng.integers(len(homes), size=n)], in_road),
    )
    again = pd.Series(names).groupby([names, subdistrict]).cumcount().to_numpy()
    ordinals = np.array(["", *(f"{_ordinal(i + 1)}区" for i in range(1, again.max(initial=0) + 1))])
    told_apart: NDArray[np.object_] = names + ordinals[again].astype(object)
    return told_apart


def _ordinal(number: int) -> str:
    """Chinese numeral of 1-99, digits beyond."""
    digits = "零一二三四五六七八九"
    if number > 99:
        return str(number)
    tens, ones = divmod(number, 10)
    if not tens:
        return digits[ones]
    return ("" if tens == 1 else digits[tens]) + "十" + (digits[ones] if ones else "")
