"""The words of the plan: layers, fields, their Chinese names, units and short names for hand-over.

One table of fields serves the plan file, the import mapping, the card, the table, the exports and the
field dictionary, so that a name is decided once. Short names of ten ASCII characters follow the
national database standards where these have one (BSM, XZQMC, ...); XQMC, PQBH, HS, LDS and the rest are
proposals of this tool (domain report, 3.3).
"""

from __future__ import annotations

from data.schema_kinds import Field, Kind, Layer, RecordTable

__all__ = [
    "BOUNDARY_STATES",
    "COMPOUND_FIELDS",
    "COMPOUND_KINDS",
    "CONTRIBUTION_FIELDS",
    "FIELDS",
    "GRANT_FIELDS",
    "LAYERS",
    "LOCKED",
    "RECORD_TABLES",
    "TABLES",
    "Field",
    "Kind",
    "Layer",
    "RecordTable",
]

# 出资 sources of plans.md and domain.md 0(6): the ledger of 云城区 uses the first two of the grants.
GRANT_FIELDS = (
    "grant_central_yuan",
    "grant_provincial_yuan",
    "grant_city_yuan",
    "grant_district_yuan",
)
CONTRIBUTION_FIELDS = (
    "contribution_residents_yuan",
    "contribution_utilities_yuan",
    "contribution_former_owner_yuan",
    "contribution_private_yuan",
    "contribution_bond_yuan",
)

# 柳州 五(一): a 片区 may take in 旧城区, 棚户区, 城中村 and 危旧房 beside old compounds.
COMPOUND_KINDS = ("老旧小区", "旧城区", "棚户区", "城中村", "危旧房")

# 示意 marks a boundary that nobody has surveyed; it is said wherever the boundary is shown or exported.
BOUNDARY_STATES = ("示意", "导入", "手绘")

LOCKED = Field(name="locked", title="锁定", kind="flag", short="SD", editable=False)

COMPOUND_FIELDS: tuple[Field, ...] = (
    Field(name="uid", title="标识码", kind="text", short="BSM", editable=False),
    Field(name="name", title="小区名称", kind="text", short="XQMC"),
    Field(name="subdistrict", title="街道", kind="text", short="JDMC"),
    Field(name="community", title="社区", kind="text", short="SQMC"),
    Field(name="kind", title="类型", kind="text", short="LX"),
    Field(name="built_on", title="建成日期", kind="date", short="JCRQ"),
    # A bare year means 31 December of it and is shown as the year.
    Field(name="built_on_is_year", title="仅知年份", kind="flag", short="JZNF", editable=False),
    Field(name="households", title="居民户数", kind="integer", short="HS", unit="户"),
    Field(name="building_count", title="楼栋数", kind="integer", short="LDS", unit="栋"),
    Field(name="floor_area_m2", title="住宅建筑面积", kind="area", short="ZZMJ", unit="㎡"),
    Field(name="works_text", title="计划改造内容", kind="text", short="GZNR"),
    Field(name="investment_yuan", title="预计投资额", kind="yuan", short="YJTZ", unit="元"),
    Field(
        name="grant_central_yuan", title="中央财政补助资金", kind="yuan", short="ZYBZ", unit="元"
    ),
    Field(name="grant_provincial_yuan", title="省级专项资金", kind="yuan", short="SJBZ", unit="元"),
    Field(name="grant_city_yuan", title="市级补助资金", kind="yuan", short="SHIBZ", unit="元"),
    Field(name="grant_district_yuan", title="区县补助资金", kind="yuan", short="QXBZ", unit="元"),
    Field(
        name="contribution_residents_yuan", title="居民出资", kind="yuan", short="JMCZ", unit="元"
    ),
    Field(
        name="contribution_utilities_yuan",
        title="专营单位出资",
        kind="yuan",
        short="ZYDWCZ",
        unit="元",
    ),
    Field(
        name="contribution_former_owner_yuan",
        title="原产权单位出资",
        kind="yuan",
        short="YCQCZ",
        unit="元",
    ),
    Field(name="contribution_private_yuan", title="社会资本", kind="yuan", short="SHZB", unit="元"),
    Field(name="contribution_bond_yuan", title="专项债", kind="yuan", short="ZXZ", unit="元"),
    Field(name="stalls_existing", title="现状停车位", kind="integer", short="XZTCW", unit="个"),
    Field(name="stalls_new", title="新增停车位", kind="integer", short="XZCW", unit="个"),
    Field(name="review_number", title="审核编号", kind="text", short="SHBH"),
    Field(name="remarks", title="备注", kind="text", short="BZ"),
    Field(name="pianqu_uid", title="片区编号", kind="text", short="PQBH", editable=False),
    # 锁定: keeps its 片区, or stays in none; of a 片区: neither gains nor loses members.
    LOCKED,
    Field(name="boundary_state", title="边界来源", kind="text", short="BJLY", editable=False),
    Field(
        name="area_geodesic_m2",
        title="椭球面积",
        kind="area",
        short="TQMJ",
        unit="㎡",
        editable=False,
    ),
)

_NAMED = (
    Field(name="uid", title="标识码", kind="text", short="BSM", editable=False),
    Field(name="name", title="名称", kind="text", short="MC"),
    Field(name="kind", title="类型", kind="text", short="LX"),
)


_OF_COMPOUND = Field(name="compound_uid", title="小区标识码", kind="text", short="XQBSM")
# Stalls and aisles belong to a compound, and to the saved layout that they came with.
_OF_LAYOUT = (
    _OF_COMPOUND,
    Field(name="layout_uid", title="车位方案标识码", kind="text", short="CWFABSM", editable=False),
)

_LAYERS = (
    Layer(name="compounds", title="小区", geometry_type="MULTIPOLYGON", fields=COMPOUND_FIELDS),
    Layer(
        name="pianqu",
        title="片区",
        geometry_type="MULTIPOLYGON",
        fields=(
            Field(name="uid", title="片区编号", kind="text", short="PQBH", editable=False),
            Field(name="name", title="片区名称", kind="text", short="PQMC"),
            # Index into the qualitative palette; given once and kept for life.
            Field(name="color", title="颜色", kind="integer", short="YS", editable=False),
            LOCKED,
            Field(name="remarks", title="备注", kind="text", short="BZ"),
        ),
    ),
    Layer(
        name="buildings",
        title="建筑",
        geometry_type="MULTIPOLYGON",
        fields=(
            *_NAMED,
            Field(name="storeys", title="层数", kind="integer", short="CS", unit="层"),
        ),
    ),
    Layer(
        name="roads",
        title="道路",
        # Centre lines (width from width_m, else by class) or carriageway polygons: both are usual.
        geometry_type="GEOMETRY",
        fields=(*_NAMED, Field(name="width_m", title="宽度", kind="real", short="KD", unit="m")),
    ),
    Layer(name="green", title="绿地", geometry_type="MULTIPOLYGON", fields=_NAMED),
    Layer(name="water", title="水系", geometry_type="GEOMETRY", fields=_NAMED),
    Layer(name="barriers", title="阻隔", geometry_type="GEOMETRY", fields=_NAMED),
    Layer(name="parking", title="停车场地", geometry_type="MULTIPOLYGON", fields=_NAMED),
    Layer(name="facilities", title="服务设施", geometry_type="GEOMETRY", fields=_NAMED),
    Layer(
        name="sites",
        title="选址",
        geometry_type="GEOMETRY",
        fields=(
            *_NAMED,
            _OF_COMPOUND,
            Field(name="pianqu_uid", title="片区编号", kind="text", short="PQBH"),
            Field(name="site_m2", title="用地面积", kind="area", short="YDMJ", unit="㎡"),
            Field(name="floor_m2", title="建筑面积", kind="area", short="JZMJ", unit="㎡"),
            Field(name="households", title="服务户数", kind="integer", short="FWHS", unit="户"),
            Field(name="settings", title="设置", kind="text", short="SZ", editable=False),
        ),
    ),
    # The first side of a stall's outline is its mouth: the side over which cars drive in from the aisle.
    Layer(
        name="stalls",
        title="停车位",
        geometry_type="MULTIPOLYGON",
        fields=(
            *_NAMED,
            Field(name="use", title="用途", kind="text", short="YT"),
            *_OF_LAYOUT,
            Field(name="angle_deg", title="方位角", kind="real", short="FWJ", unit="°"),
            Field(name="by_hand", title="手工增加", kind="flag", short="SGZJ", editable=False),
        ),
    ),
    Layer(
        name="aisles",
        title="停车通道",
        geometry_type="MULTIPOLYGON",
        fields=(
            *_NAMED,
            *_OF_LAYOUT,
            Field(name="dead_end_m", title="尽端长度", kind="real", short="JDCD", unit="m"),
        ),
    ),
)


_RECORD_UID = Field(name="uid", title="标识码", kind="text", short="BSM", editable=False)
_REMARKS = Field(name="remarks", title="备注", kind="text", short="BZ")

_LAYOUT_FIGURES: tuple[tuple[str, str, Kind, str, str], ...] = (
    ("saved_at", "保存时间", "text", "BCSJ", ""),
    ("saved_by", "保存人", "text", "BCR", ""),
    ("edition", "修订", "integer", "XD", ""),
    # JSON: state of the plan that the layout was made of; what it was asked for.
    ("origin", "来源", "text", "LY", ""),
    ("settings", "设置", "text", "SZ", ""),
    ("capacity", "可容车位", "integer", "KRCW", "个"),
    ("stalls", "新增车位", "integer", "XZCW", "个"),
    ("accessible", "无障碍车位", "integer", "WZACW", "个"),
    ("charging", "充电车位", "integer", "CDCW", "个"),
    ("mechanical", "立体增加车位", "integer", "LTCW", "个"),
    ("existing", "现状车位", "integer", "XZTCW", "个"),
    ("shortage", "缺口", "integer", "QK", "个"),
    ("open_m2", "空地面积", "area", "KDMJ", "㎡"),
    ("used_m2", "占用空地", "area", "ZYKD", "㎡"),
    ("aisle_m2", "通道面积", "area", "TDMJ", "㎡"),
    ("m2_per_stall", "每位面积", "real", "MWMJ", "㎡"),
    ("green_lost_m2", "占用绿地", "area", "ZYLD", "㎡"),
    ("unpaved_share", "保留不铺装", "share", "BPZBL", ""),
    ("fire_clear_m", "消防净宽", "real", "XFJK", "m"),
)

_RECORD_TABLES = (
    RecordTable(
        name="votes",
        title="表决记录",
        called=("round", "topic"),
        fields=(
            _RECORD_UID,
            _OF_COMPOUND,
            Field(name="round", title="轮次", kind="integer", short="LC"),
            Field(name="topic", title="表决事项", kind="text", short="BJSX"),
            Field(name="held_on", title="表决日期", kind="date", short="BJRQ"),
            Field(name="owners_total", title="业主总人数", kind="integer", short="YZRS", unit="人"),
            Field(name="owners_voted", title="参与人数", kind="integer", short="CYRS", unit="人"),
            Field(name="owners_agreed", title="同意人数", kind="integer", short="TYRS", unit="人"),
            Field(
                name="area_total_m2", title="专有部分总面积", kind="area", short="ZYMJ", unit="㎡"
            ),
            Field(name="area_voted_m2", title="参与面积", kind="area", short="CYMJ", unit="㎡"),
            Field(name="area_agreed_m2", title="同意面积", kind="area", short="TYMJ", unit="㎡"),
            Field(name="notice_from", title="公示开始日期", kind="date", short="GSKS"),
            Field(name="notice_to", title="公示结束日期", kind="date", short="GSJS"),
            _REMARKS,
        ),
    ),
    RecordTable(
        name="stages",
        title="阶段记录",
        called=("stage",),
        fields=(
            _RECORD_UID,
            _OF_COMPOUND,
            Field(name="stage", title="阶段", kind="text", short="JD"),
            Field(name="planned_on", title="计划日期", kind="date", short="JHRQ"),
            Field(name="reached_on", title="完成日期", kind="date", short="WCRQ"),
            _REMARKS,
        ),
    ),
    RecordTable(
        name="progress",
        title="进度记录",
        called=("month",),
        fields=(
            _RECORD_UID,
            _OF_COMPOUND,
            Field(name="month", title="月份", kind="month", short="YF"),
            Field(name="progress", title="形象进度", kind="share", short="XXJD"),
            Field(name="paid_yuan", title="已拨付资金", kind="yuan", short="YBZJ", unit="元"),
            _REMARKS,
        ),
    ),
    RecordTable(
        name="funding",
        title="资金记录",
        called=("source", "year"),
        fields=(
            _RECORD_UID,
            _OF_COMPOUND,
            Field(name="source", title="资金来源", kind="text", short="ZJLY"),
            Field(name="year", title="年度", kind="year", short="ND"),
            Field(name="amount_yuan", title="金额", kind="yuan", short="JE", unit="元"),
            _REMARKS,
        ),
    ),
    # Saved groupings; the members of each 片区 stand in scheme_pianqu (data.store.tables).
    RecordTable(
        name="schemes",
        title="方案",
        called=("name",),
        fields=(
            _RECORD_UID,
            Field(name="name", title="方案名称", kind="text", short="FAMC"),
            Field(name="saved_at", title="保存时间", kind="text", short="BCSJ", editable=False),
            Field(name="saved_by", title="保存人", kind="text", short="BCR", editable=False),
            Field(name="edition", title="修订", kind="integer", short="XD", editable=False),
            Field(name="origin", title="来源", kind="text", short="LY", editable=False),
            Field(name="settings", title="设置", kind="text", short="SZ", editable=False),
            Field(name="pianqu", title="片区数", kind="integer", short="PQS", editable=False),
            Field(name="compounds", title="小区数", kind="integer", short="XQS", editable=False),
            Field(name="ungrouped", title="未分组", kind="integer", short="WFZ", editable=False),
            _REMARKS,
        ),
    ),
    # Saved stalls of a compound in figures; the stalls and aisles stand in the layers of these names.
    RecordTable(
        name="layouts",
        title="车位方案",
        called=("name",),
        fields=(
            _RECORD_UID,
            _OF_COMPOUND,
            Field(name="name", title="方案名称", kind="text", short="FAMC"),
            *(
                Field(name=name, title=title, kind=kind, short=short, unit=unit, editable=False)
                for name, title, kind, short, unit in _LAYOUT_FIGURES
            ),
            _REMARKS,
        ),
    ),
)

LAYERS: dict[str, Layer] = {layer.name: layer for layer in _LAYERS}
RECORD_TABLES: dict[str, RecordTable] = {table.name: table for table in _RECORD_TABLES}
TABLES: dict[str, Layer | RecordTable] = {**LAYERS, **RECORD_TABLES}
FIELDS: dict[str, Field] = {field.name: field for field in COMPOUND_FIELDS}
