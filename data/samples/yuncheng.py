"""云城区 2024: the five compounds of the district's ledger, with sketched boundaries.

Source: 《2024年云城区城镇老旧小区改造工作实施方案》, annex 项目台账和中央、省补助资金分配情况表. The rows
and the totals are the source's; it has no map and no year of building, so boundaries, houses and
streets are a sketch, and the year is unknown.
"""

from __future__ import annotations

from typing import Any

from shapely import LineString, Polygon, box

from data.samples.drawing import Drawing, lay_slabs
from data.samples.plan import SamplePlan

__all__ = ["YUNCHENG_LEDGER", "YUNCHENG_TITLE", "YUNCHENG_TOTALS", "yuncheng_2024"]

YUNCHENG_TITLE = "2024年云城区城镇老旧小区改造计划项目台账和中央、省补助资金分配情况表"
_SUBDISTRICT = "云城街道"

# In the order of _COLUMNS; money in yuan, 0 stands as "/" in the source.
_ROWS = (
    (
        "旧中专宿舍",
        "天马社区",
        24,
        3,
        3_000,
        "地面沥青、新增雨水管、外墙修缮、车房门窗更换、围墙翻新、车位划线、三线落地、"
        "小区大门翻新、路灯、安防、消防、党建宣传栏",
        400_000,
        400_000,
        0,
    ),
    (
        "邮电新村",
        "金龙社区",
        97,
        8,
        11_000,
        "地面沥青、新增雨水管、围墙翻新、地面修补、车位划线、三线落地、路灯、安防、消防、党建宣传栏",
        1_100_000,
        300_000,
        700_000,
    ),
    (
        "云浮中学教师宿舍",
        "金龙社区",
        316,
        20,
        21_000,
        "地面沥青、新增雨水管、外墙修缮、车房门窗更换、围墙翻新、车位划线、三线落地、路灯、安防、"
        "消防、党建宣传栏、健身设施一套",
        1_100_000,
        0,
        1_000_000,
    ),
    (
        "云城财政所宿舍",
        "马坪社区",
        43,
        3,
        3_500,
        "地面沥青、外墙修补、污水管清理、车位划线、三线落地、路灯、消防、智能门禁系统一套",
        250_000,
        250_000,
        0,
    ),
    (
        "玉皇路小区",
        "马坪社区",
        581,
        31,
        46_000,
        "地面沥青、新增雨水管、污水管清理、外墙修缮、车房门更换、围墙翻新、划线、三线落地、路灯、"
        "安防、消防、党建宣传栏",
        2_300_000,
        2_000_000,
        0,
    ),
)
_COLUMNS = (
    "name",
    "community",
    "households",
    "building_count",
    "floor_area_m2",
    "works_text",
    "investment_yuan",
    "grant_central_yuan",
    "grant_provincial_yuan",
)
YUNCHENG_LEDGER: tuple[dict[str, Any], ...] = tuple(
    {"uid": f"YC2024-{i + 1:02d}", "subdistrict": _SUBDISTRICT}
    | dict(zip(_COLUMNS, row, strict=True))
    for i, row in enumerate(_ROWS)
)

# The row 合计 of the ledger; §二 of the text says the same.
YUNCHENG_TOTALS: dict[str, float] = {
    "households": 1061,
    "building_count": 65,
    "floor_area_m2": 84_500,
    "investment_yuan": 5_150_000,
    "grant_central_yuan": 2_950_000,
    "grant_provincial_yuan": 1_700_000,
    "grant_yuan": 4_650_000,
}

# South-west corner (m east, m north), rows of slabs, storeys: chosen so that 旧中专宿舍, 邮电新村 and
# 云浮中学 lie within 30 m of each other, as do 财政所 and 玉皇路, and a main road parts the two groups
# with only 28 m between 邮电新村 and 财政所.
_PLACES = (
    ((-176.0, 38.0), 3, 4),
    ((-120.0, 14.0), 4, 5),
    ((-40.0, 20.0), 5, 5),
    ((-92.0, -92.0), 3, 5),
    ((-40.0, -200.0), 6, 6),
)


def yuncheng_2024() -> SamplePlan:
    """Sample plan of 云城区: five ledger rows as published, everything drawn is 示意.

    Returns
    -------
    SamplePlan
        Rules ``yuncheng-2024``; years of building are unknown, 0 is the ledger's "/".
    """
    board = Drawing(lon=112.040, lat=22.930, prefix="YC2024", turned_deg=6.0)
    for row, (corner, rows, storeys) in zip(YUNCHENG_LEDGER, _PLACES, strict=True):
        slabs = lay_slabs(
            corner,
            count=row["building_count"],
            floor_area_m2=row["floor_area_m2"],
            rows=rows,
            storeys=storeys,
        )
        board.add("compounds", slabs.site, kind="老旧小区", boundary_state="示意", **row)
        for i, house in enumerate(slabs.houses):
            name = f"{row['name']}{i + 1}栋"
            board.add("buildings", house, name=name, kind="住宅（示意）", storeys=storeys)
    _draw_surroundings(board)
    return SamplePlan(
        name="2024年云城区城镇老旧小区改造实施方案",
        settings={
            "year": 2024,
            "rules": "yuncheng-2024",
            "maker": "云城区住房和城乡建设局",
            "ledger_title": YUNCHENG_TITLE,
            "ledger_totals": dict(YUNCHENG_TOTALS),
            "boundary_note": "边界、建筑、道路均为示意，不是测绘成果",
        },
        layers=board.frames(),
        ledger_rows=YUNCHENG_LEDGER,
        totals=dict(YUNCHENG_TOTALS),
    )


def _draw_surroundings(board: Drawing) -> None:
    roads = (
        ("主干路（示意）", "主干路", 20.0, [(-420, 0), (420, 0)]),
        ("次干路（示意）", "次干路", 16.0, [(165, -320), (165, 320)]),
        ("北支路（示意）", "支路", 9.0, [(-230, 172), (165, 172)]),
        ("南支路（示意）", "支路", 9.0, [(-230, -226), (165, -226)]),
        ("西支路（示意）", "支路", 9.0, [(-200, -226), (-200, 172)]),
        ("中支路（示意）", "支路", 7.0, [(-49, -226), (-49, 172)]),
        ("新村巷（示意）", "小区路", 4.0, [(-131, 10), (-131, 172)]),
        ("玉皇路内部路（示意）", "小区路", 5.0, [(48, -226), (48, -26)]),
        # In from the street at the gate, between two rows of slabs.
        ("中专内部路（示意）", "小区路", 4.0, [(-131, 62), (-172, 62)]),
        ("邮电内部路（示意）", "小区路", 4.0, [(-131, 66.5), (-60, 66.5)]),
        ("中学宿舍内部路（示意）", "小区路", 5.0, [(-49, 72.5), (62, 72.5)]),
        ("财政所内部路（示意）", "小区路", 4.0, [(-49, -66.5), (-88, -66.5)]),
    )
    for name, kind, width, line in roads:
        board.add("roads", LineString(line), name=name, kind=kind, width_m=width)
    bank = [(236, -320), (228, -160), (246, 0), (232, 160), (240, 320)]
    far = [(x + 46, y) for x, y in reversed(bank)]
    board.add("water", Polygon([*bank, *far]), name="河道（示意）", kind="河流")
    strip = [(x - 24, y) for x, y in reversed(bank)]
    board.add("green", Polygon([*bank, *strip]), name="滨河绿带（示意）", kind="公园绿地")
    board.add("green", box(-186, -214, -104, -112), name="街心公园（示意）", kind="公园绿地")
    board.add("green", box(75, 20, 148, 74), name="广场绿地（示意）", kind="广场")
    for x in range(-190, 110, 48):
        board.add("buildings", box(x, 184, x + 36, 200), name=None, kind="其他（示意）", storeys=4)
    for y in (86, 122):
        board.add("buildings", box(84, y, 144, y + 18), name=None, kind="学校（示意）", storeys=5)
