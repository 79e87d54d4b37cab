"""利通区 (吴忠市): seven compounds as a published plan states them, one of its totals being wrong.

Source: 《老旧小区改造实施方案》 of 利通区, fifth text of a published collection. The source gives budgets,
some new stalls and what is to be done; households, years, and the number of houses of each compound are
not given and stay unknown. Its stated total of 1626.8 万元 leaves out the 302 万元 of 金塔小区: it is kept
as stated, so that the ledger check has something to find. Everything drawn is a sketch.
"""

from __future__ import annotations

from typing import Any

from shapely import LineString, MultiPolygon, Polygon, box

from data.samples.drawing import Drawing, Slabs, lay_slabs
from data.samples.plan import SamplePlan

__all__ = ["LITONG_LEDGER", "LITONG_TOTALS", "litong_parking"]

_PARTS = (
    {
        "part": "A区、A2区",
        "investment_yuan": 2_100_000,
        "stalls_new": None,
        "works_text": "打通消防通道并拓宽至5米、小广场四周铺面包砖、停车位规划、自行车库顶铺水泥方砖、"
        "安装健身器材、改造路灯、楼顶防水",
    },
    {
        "part": "B区",
        "investment_yuan": 2_120_000,
        "stalls_new": 218,
        "works_text": "南门两侧道路拓宽、改造路灯、打通6个消防通道并拓宽至5米、沿车辆通道硬化绿化带规划"
        "停车位、自行车库顶部铺面包砖、安装健身器材、围栏改造、更换大门2个、门球场改停车场、楼顶防水",
    },
    {
        "part": "C区",
        "investment_yuan": 2_210_000,
        "stalls_new": 218,
        "works_text": "东西两边道路拓宽4.5米改停车位、门球场改停车场、打通4个消防通道、更换围栏及大门、"
        "自行车库顶部硬化、安装健身器材、路灯亮化、新增车位、楼顶防水",
    },
)

# Each row: name, budget in yuan, new stalls, works, remarks.
_ROWS: tuple[tuple[str, int, int | None, str, str | None], ...] = (
    (
        "金花园小区",
        6_430_000,
        436,
        "；".join(f"{part['part']}：{part['works_text']}" for part in _PARTS),
        "新增车位为B区218个与C区218个之和，A区未载明",
    ),
    (
        "明珠苑小区",
        120_000,
        26,
        "停车位重新布局、3-4号楼与8-9号楼之间规划停车位、停车位泊位器、门禁读卡系统",
        None,
    ),
    (
        "盛世花园小区",
        120_000,
        35,
        "南大门东西两侧及东南配电室周围硬化、10号楼前7号楼后硬化停车位",
        None,
    ),
    (
        "绿地园小区",
        1_550_000,
        82,
        "小广场塌陷维修、防水处理、广场铺方砖、路面硬化、17-18号楼及农行1-2号楼停车位铺面包砖、"
        "道路拓宽为消防通道、楼顶防水",
        None,
    ),
    (
        "金星花园小区",
        4_040_000,
        None,
        "自行车库顶部铺水泥方砖、安装健身器材、2号楼及34-35号楼前硬化停车位、路面改造、"
        "25-27号楼及31-33号楼入口铺面包砖改停车位、楼顶防水",
        "含1、2、3区",
    ),
    (
        "金塔小区",
        3_020_000,
        None,
        "绿化带硬化铺面包砖改停车位、破损路面维修硬化、场地硬化改停车场、路灯亮化、自行车库顶铺面包砖、"
        "安装健身器材、楼顶防水",
        "含银塔小区、谦益花园、工行家属院",
    ),
    (
        "裕西小区",
        4_008_000,
        None,
        "绿化带硬化改停车位、破损路面维修、自行车库顶铺面包砖、安装健身器材、路灯亮化、维修下水管网、"
        "楼顶漏雨维修、楼顶防水",
        None,
    ),
)
LITONG_LEDGER: tuple[dict[str, Any], ...] = tuple(
    {
        "uid": f"LT-{i + 1:02d}",
        "name": name,
        "investment_yuan": budget,
        "stalls_new": stalls,
        "works_text": works,
        "remarks": remarks,
    }
    for i, (name, budget, stalls, works, remarks) in enumerate(_ROWS)
)

# "以上7个小区整治改造242栋楼，建设改造面积98.6万平方米，投资预算为1626.8万元": as stated, not as summed.
LITONG_TOTALS: dict[str, float] = {
    "building_count": 242,
    "floor_area_m2": 986_000,
    "investment_yuan": 16_268_000,
}

# Sketched sites: south-west corners of the parts, houses in each, rows. The 242 houses of the source
# are shared out by eye (it numbers houses up to 9, 10, 18, 35, 11 and 22 in six of the compounds);
# 98.6 万㎡ / 242 / 6 storeys is a slab of 12 × 57 m.
_STOREYS = 6
_PLACES: tuple[tuple[tuple[tuple[float, float], int, int], ...], ...] = (
    (((-600.0, 40.0), 26, 7), ((-320.0, 40.0), 26, 7), ((-40.0, 40.0), 26, 7)),
    (((240.0, 40.0), 12, 4),),
    (((240.0, 180.0), 14, 4),),
    (((-600.0, -260.0), 24, 6),),
    (((-300.0, -260.0), 16, 6), ((-80.0, -260.0), 15, 6), ((130.0, -260.0), 15, 6)),
    (((-600.0, -560.0), 36, 7),),
    (((-180.0, -560.0), 32, 7),),
)


def litong_parking() -> SamplePlan:
    """Sample plan of 利通区: seven rows and the source's own totals, everything drawn is 示意.

    Returns
    -------
    SamplePlan
        Households, years and floor area of each compound are unknown; stated totals in
        ``settings["ledger_totals"]``.
    """
    board = Drawing(lon=106.200, lat=37.980, prefix="LT", turned_deg=-4.0)
    slab_m2 = LITONG_TOTALS["floor_area_m2"] / LITONG_TOTALS["building_count"]
    for row, places in zip(LITONG_LEDGER, _PLACES, strict=True):
        blocks = [
            lay_slabs(corner, count=n, floor_area_m2=n * slab_m2, rows=rows, storeys=_STOREYS)
            for corner, n, rows in places
        ]
        _draw_compound(board, row, blocks)
    _draw_surroundings(board)
    return SamplePlan(
        name="吴忠市利通区老旧小区改造实施方案",
        settings={
            "year": None,
            "rules": "litong-parking",
            "maker": "利通区老旧小区改造领导小组办公室",
            "ledger_title": "利通区老旧小区改造项目台账",
            "ledger_totals": dict(LITONG_TOTALS),
            "boundary_note": "边界、建筑、道路均为示意，不是测绘成果；各小区户数、栋数、面积原文未载明",
        },
        layers=board.frames(),
        ledger_rows=LITONG_LEDGER,
        totals=dict(LITONG_TOTALS),
    )


def _draw_compound(board: Drawing, row: dict[str, Any], blocks: list[Slabs]) -> None:
    extra = {"parts": [dict(part) for part in _PARTS]} if row["uid"] == "LT-01" else {}
    site = MultiPolygon([block.site for block in blocks])
    board.add("compounds", site, kind="老旧小区", boundary_state="示意", extra=extra, **row)
    for block in blocks:
        for house in block.houses:
            board.add("buildings", house, kind="住宅（示意）", storeys=block.storeys)


def _draw_surroundings(board: Drawing) -> None:
    roads = (
        ("主干路一（示意）", "主干路", 24.0, [(-760, 16), (640, 16)]),
        ("主干路二（示意）", "主干路", 24.0, [(-760, -288), (640, -288)]),
        ("次干路一（示意）", "次干路", 16.0, [(-315, -288), (-315, 16)]),
        ("次干路二（示意）", "次干路", 16.0, [(370, -620), (370, 16)]),
        ("支路一（示意）", "支路", 9.0, [(-650, -620), (-650, 330)]),
        ("支路二（示意）", "支路", 9.0, [(-650, 310), (600, 310)]),
    )
    for name, kind, width, line in roads:
        board.add("roads", LineString(line), name=name, kind=kind, width_m=width)
    canal = [(-760, -640), (-300, -652), (180, -640), (640, -660)]
    bank = [(x, y - 30) for x, y in reversed(canal)]
    board.add("water", Polygon([*canal, *bank]), name="渠道（示意）", kind="渠道")
    board.add("green", box(410, -250, 600, -20), name="公园（示意）", kind="公园绿地")
    board.add("green", box(410, -600, 600, -320), name="街头绿地（示意）", kind="公园绿地")
