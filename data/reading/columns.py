"""Which field a column means: the heads that ledgers and boundary files use for one and the same thing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from data.reading.units import normal, split_head
from data.schema import COMPOUND_FIELDS, FIELDS

__all__ = [
    "CERTAIN",
    "GRANT_TOTAL",
    "MAPPABLE",
    "PIANQU",
    "SERIAL",
    "SUBDISTRICT_COMMUNITY",
    "field_of",
    "propose",
]

# Columns that a ledger has and a compound has not.
SERIAL = "serial"
SUBDISTRICT_COMMUNITY = "subdistrict_community"
# As the ledger check calls it.
GRANT_TOTAL = "grant_yuan"
PIANQU = "pianqu_name"

# At or above this a proposal may be taken without asking (the shell does).
CERTAIN = 0.9
_CONTAINED = 0.6
# Shorter words stand inside too many heads that mean something else.
_SHORTEST_CONTAINED = 3

# What the planner may choose for a column, with its title.
MAPPABLE: dict[str, str] = {
    SERIAL: "序号（不导入）",
    SUBDISTRICT_COMMUNITY: "街道及社区（拆成两栏）",
    **{
        field.name: field.title
        for field in COMPOUND_FIELDS
        if field.editable or field.name == "uid"
    },
    GRANT_TOTAL: "补助合计（只用来核对）",
    PIANQU: "片区（不导入）",
}

_ALIASES: dict[str, str] = {
    SERIAL: "序号 序 编号 no no.",
    "uid": "小区编号 小区编码 小区代码 小区标识码",
    "name": "小区名 小区 名称 老旧小区名称 老旧小区 项目名称 项目小区名称 改造小区名称 改造小区 "
    "小区(项目)名称 小区(楼院)名称 院落名称 楼院名称 mc",
    "subdistrict": "所在街道 所属街道 街道名称 镇街 镇(街) 镇(街道) 街道(镇) 街镇 街道办 街道办事处 "
    "所属镇街 所在镇街 乡镇街道 街道乡镇 乡镇(街道) 街道(乡镇)",
    "community": "所在社区 所属社区 社区名称 社区居委会 居委会 社区(村) 村(社区) 村居",
    SUBDISTRICT_COMMUNITY: "所在街道及社区 街道及社区 街道社区 所属街道社区 所在街道社区 所属街道及社区 "
    "街道、社区 街道/社区 所在街道、社区 镇街社区 所在镇街及社区",
    "kind": "小区类型 类别",
    "built_on": "建成年代 建成年份 建成时间 建成年 竣工时间 竣工年份 竣工日期 竣工年代 建设年代 建设年份 "
    "建造年代 建造年份 建造时间 建筑年代 始建年代",
    "households": "户数 总户数 居民户 住户数 涉及户数 惠及户数 惠及居民户数 涉及居民户数 居民总户数 "
    "改造户数 小区户数 住宅户数 惠及居民",
    "building_count": "栋数 幢数 楼幢数 总栋数 总幢数 楼栋 楼数 楼房栋数 楼栋总数 住宅楼 住宅楼栋数 "
    "住宅栋数 改造楼栋数 涉及楼栋数 改造栋数 房屋栋数",
    "floor_area_m2": "建筑面积 总建筑面积 住宅面积 房屋面积 房屋建筑面积 改造面积 改造建筑面积 "
    "涉及建筑面积 小区建筑面积 小区面积 住宅总建筑面积 面积",
    "works_text": "改造内容 主要改造内容 拟改造内容 改造内容清单 改造项目 改造内容及规模 建设内容 "
    "主要建设内容",
    "investment_yuan": "投资 总投资 投资额 预计投资 预计总投资 计划投资 计划总投资 总投资额 概算投资 "
    "估算投资 投资估算 投资概算 估算总投资 概算总投资 预算投资 改造资金 项目总投资 预计总投资额 计划投资额",
    "grant_central_yuan": "中央 中央补助 中央补助资金 中央资金 中央财政 中央财政补助 中央财政资金 "
    "中央预算内资金 中央预算内投资 中央专项资金 中央级",
    "grant_provincial_yuan": "省 省级 省级资金 省补助 省级补助 省级补助资金 省财政 省级财政 省级财政补助 "
    "省财政补助资金 省专项资金 省资金 自治区补助 自治区补助资金 自治区资金",
    "grant_city_yuan": "市 市级 市级资金 市补助 市级补助 市财政 市级财政 市级财政补助 市财政补助资金 市级配套",
    "grant_district_yuan": "区 县 区级 县级 区级资金 县级资金 区补助 区级补助 县级补助 区财政 县财政 "
    "区级财政 县级财政 区县级 县区级 区县资金 县区资金 区县补助 区级配套 县级配套 区(县)级资金",
    GRANT_TOTAL: "合计补助 补助合计 补助资金合计 财政补助合计 财政补助资金合计 合计补助资金 补助总额 补助小计",
    "contribution_residents_yuan": "居民 居民自筹 居民自筹资金 居民筹资 居民出资额 居民出资资金 业主出资 "
    "业主自筹 群众自筹 自筹资金",
    "contribution_utilities_yuan": "专营单位 专营单位投资 管线单位 管线单位出资 管线产权单位 管线产权单位出资 "
    "专业经营单位出资",
    "contribution_former_owner_yuan": "原产权单位 产权单位 产权单位出资",
    "contribution_private_yuan": "社会资金 社会投资 社会资本出资 社会力量出资 市场化资金",
    "contribution_bond_yuan": "专项债券 专项债资金 政府专项债 政府专项债券 地方政府专项债 地方政府专项债券 债券资金",
    "stalls_existing": "现有停车位 现有车位 现状车位 原有车位 原有停车位 停车位 车位数 停车位数",
    "stalls_new": "新增车位 新增停车位数 拟增停车位 拟新增停车位 规划新增停车位",
    "review_number": "审查编号",
    "remarks": "说明 其他说明",
    PIANQU: "片区 片区名称 所属片区 片区编号 pqbh pianqu",
}


def _table() -> dict[str, str]:
    table: dict[str, str] = {}
    for field in COMPOUND_FIELDS:
        if field.name == "pianqu_uid":
            table |= dict.fromkeys((field.name, normal(field.title), field.short.lower()), PIANQU)
            continue
        names = (field.name, normal(field.title), field.short.lower())
        table |= dict.fromkeys(names, field.name)
    for name, words in _ALIASES.items():
        table |= dict.fromkeys((normal(word) for word in words.split()), name)
    return table


_BY_TITLE = _table()
# The geometry column of the record says these; a file can not.
_COMPUTED = {field.name for field in COMPOUND_FIELDS if not field.editable} - {"uid"}


def field_of(head: str, *, parents: Iterable[str] = ()) -> tuple[str | None, float]:
    """Find the field that a head means.

    Parameters
    ----------
    head : str
        Lowest level of the head, or all of it.
    parents : iterable of str
        Heads above it in a stacked head, from the top.

    Returns
    -------
    field : str or None
        Name of a field, or one of :data:`SERIAL` and its like.
    confidence : float
        1 for a known head, 0.6 if it only contains one, 0 if none.

    Examples
    --------
    >>> field_of("居民户数（户）")
    ('households', 1.0)
    >>> field_of("中央", parents=["补助资金（万元）"])
    ('grant_central_yuan', 1.0)
    """
    title = split_head(head)[0]
    above = [split_head(parent)[0] for parent in parents]
    for words in ("".join([*above, title]), title):
        found = _BY_TITLE.get(words)
        if found is not None:
            return (None, 0.0) if found in _COMPUTED else (found, 1.0)
    if above and title in {"小计", "合计"} and any("补助" in parent for parent in above):
        return GRANT_TOTAL, 1.0
    inside = [known for known in _BY_TITLE if len(known) >= _SHORTEST_CONTAINED and known in title]
    inside = [known for known in inside if not known.isascii()]
    fields = {_BY_TITLE[max(inside, key=len)]} if inside else set()
    return (fields.pop(), _CONTAINED) if fields - _COMPUTED else (None, 0.0)


def propose(found: list[tuple[str | None, float]]) -> list[tuple[str | None, float]]:
    """Let each field be proposed once: the surest column has it, of equals the first."""
    best: dict[str, int] = {}
    for index, (field, confidence) in enumerate(found):
        if field is not None and (field not in best or confidence > found[best[field]][1]):
            best[field] = index
    return [
        (field, confidence) if field is not None and best[field] == index else (None, 0.0)
        for index, (field, confidence) in enumerate(found)
    ]


def stored_kind(field: str) -> Any:
    """Kind of a field or of a ledger's own column."""
    if field == GRANT_TOTAL:
        return "yuan"
    return FIELDS[field].kind if field in FIELDS else "text"
