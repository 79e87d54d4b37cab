"""The kinds of rules that a profile may hold, and the values that each kind has.

A kind says which room judges the rule, under which heading the page 政策 shows it, and which values it must or
may carry, with their units. A rule of a kind that is only shown (``statement``) is never judged.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["GROUPS", "KINDS", "RuleKind", "value_title"]

# Headings of the page 政策, in its order.
GROUPS = ("准入", "表决", "内容", "资金", "程序", "片区", "职责", "其他")


@dataclass(frozen=True, kw_only=True)
class RuleKind:
    """One kind of rule.

    Attributes
    ----------
    id : str
    group : str
        Heading under which it is shown; a rule may choose another.
    required, optional : mapping
        Name of each value to its unit.
    choices : mapping
        Values that may only be one of these texts.
    judged : bool
        Whether a compound gets a verdict on it.
    """

    id: str
    group: str
    required: Mapping[str, str] = field(default_factory=dict)
    optional: Mapping[str, str] = field(default_factory=dict)
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    judged: bool = False

    @property
    def units(self) -> dict[str, str]:
        """Unit of every value, required or not."""
        return {**self.required, **self.optional}


_COUNTED_BY = ("户数", "小区数", "建筑面积")
_SIZES = {"households": "户", "buildings": "个", "floor_area": "㎡", "investment": "元"}

_LIST = (
    # 准入 ------------------------------------------------------------------------------------------
    # Built by `limit` (or before it). Later ones up to `late_limit` are let in: freely, or within
    # `late_share` of the year's task, counted by `late_counted_by`.
    RuleKind(
        id="build_date",
        group="准入",
        required={"limit": "日期", "limit_included": "是否"},
        optional={"late_limit": "日期", "late_share": "比例", "late_counted_by": "文字"},
        choices={"late_counted_by": _COUNTED_BY},
        judged=True,
    ),
    # A fact of the compound (policy/facts.py) that has to be so or not so; `years` is for "近 x 年".
    RuleKind(
        id="condition",
        group="准入",
        required={"fact": "小区情况", "wanted": "是否"},
        optional={"years": "年"},
        judged=True,
    ),
    # Compounds of which these facts are true come first; `built_before` a year.
    RuleKind(
        id="priority",
        group="准入",
        required={"facts": "小区情况表"},
        optional={"built_before": "年"},
    ),
    # 表决 ------------------------------------------------------------------------------------------
    # One round. Shares of all owners (quorum) and of `approve_of`; `strictly` means more than.
    RuleKind(
        id="consent",
        group="表决",
        required={"round": "轮", "voters": "文字", "approve_of": "文字", "strictly": "是否"},
        optional={
            "quorum_owners": "比例",
            "quorum_area": "比例",
            "approve_owners": "比例",
            "approve_area": "比例",
        },
        choices={"voters": ("业主", "居民"), "approve_of": ("参与者", "全体")},
        judged=True,
    ),
    RuleKind(
        id="notice",
        group="表决",
        required={"what": "文字", "workdays": "工作日"},
        optional={"round": "轮"},
        judged=True,
    ),
    # 内容 ------------------------------------------------------------------------------------------
    # The classes themselves are data in standards/work_classes.yaml; closed: nothing else is allowed.
    RuleKind(
        id="works_list",
        group="内容",
        required={"closed": "是否"},
        optional={"groups": "列表"},
        judged=True,
    ),
    RuleKind(id="works_items", group="内容", required={"items": "个", "groups": "列表"}),
    # Works that the plan itself gives with their figures; `total` as it states it.
    RuleKind(
        id="planned_works",
        group="内容",
        optional={
            "items": "列表",
            "amounts": "金额表",
            "areas": "面积表",
            "counts": "数量表",
            "width": "米",
            "total": "元",
        },
    ),
    # 资金 ------------------------------------------------------------------------------------------
    RuleKind(id="sources", group="资金", required={"sources": "资金来源"}),
    RuleKind(id="beneficiary_pays", group="资金", judged=True),
    RuleKind(
        id="min_share",
        group="资金",
        required={"payers": "资金来源", "share": "比例"},
        judged=True,
    ),
    RuleKind(
        id="min_contribution",
        group="资金",
        required={"per_household": "元", "per_low_income_household": "元"},
        judged=True,
    ),
    RuleKind(id="earmark", group="资金"),
    RuleKind(id="payment", group="资金", optional={"schedule": "拨付"}),
    RuleKind(id="reward", group="资金"),
    # 程序 ------------------------------------------------------------------------------------------
    RuleKind(id="stages", group="程序", required={"stages": "列表"}),
    RuleKind(id="schedule", group="程序", required={"year": "年", "steps": "日程"}),
    RuleKind(id="tiers", group="程序", required={"tiers": "列表"}),
    RuleKind(id="deadline", group="程序", required={"by": "月日", "what": "文字"}),
    RuleKind(
        id="monthly_report", group="程序", required={"by_day": "日"}, optional={"items": "列表"}
    ),
    RuleKind(id="targets", group="程序", required={"targets": "年度任务"}),
    # The year's task, and what the survey found; `grants` as the ledger states them.
    RuleKind(
        id="task",
        group="程序",
        required={"compounds": "个"},
        optional={**_SIZES, "grants": "金额表"},
    ),
    RuleKind(id="survey", group="程序", optional={"compounds": "个", **_SIZES}),
    RuleKind(id="pilots", group="程序", required={"least": "个"}, optional={"compounds": "列表"}),
    # `items` are papers among the facts; `only_if` or `unless` the fact that sets this list in force.
    RuleKind(
        id="checklist",
        group="程序",
        required={"items": "小区情况表"},
        optional={"only_if": "小区情况", "unless": "小区情况"},
        judged=True,
    ),
    RuleKind(id="unique_number", group="程序", judged=True),
    # Short-cuts by their titles in standards/approvals.yaml, which says when they hold and what they spare.
    RuleKind(id="approvals", group="程序", required={"shortcuts": "列表"}),
    RuleKind(id="review", group="程序", optional={"bodies": "列表", "phases": "列表"}),
    # `steers_money`: the result counts when the next money is shared out.
    RuleKind(
        id="evaluation",
        group="程序",
        required={"steers_money": "是否"},
        optional={"assessor": "文字", "items": "列表"},
    ),
    RuleKind(id="aftercare", group="程序", optional={"models": "列表"}),
    # 片区 ------------------------------------------------------------------------------------------
    RuleKind(
        id="bundling",
        group="片区",
        required={"non_adjacent": "是否"},
        optional={"kinds": "列表", "modes": "列表"},
    ),
    RuleKind(
        id="parcels",
        group="片区",
        required={"certificates": "面积表", "overlap": "㎡", "net": "㎡"},
    ),
    RuleKind(
        id="land_use",
        group="片区",
        required={"uses": "列表"},
        optional={
            "areas": "面积表",
            "floor_area": "㎡",
            "stated_far": "数",
            "investment": "元",
            "yearly_output": "元",
        },
    ),
    RuleKind(id="facility_site", group="片区", required={"site_area": "㎡"}),
    RuleKind(
        id="service_area",
        group="片区",
        optional={"villages": "个", "households": "户", "population": "人", "pupils": "人"},
    ),
    # 职责 and what is only shown -------------------------------------------------------------------
    RuleKind(id="duties", group="职责"),
    RuleKind(id="statement", group="其他", optional={"items": "列表", "year": "年"}),
)
KINDS: dict[str, RuleKind] = {kind.id: kind for kind in _LIST}

# Name of a figure as the page shows it; where two kinds mean different things by it, kind and name.
_TITLES: dict[str | tuple[str, str], str] = {
    "limit": "建成期限",
    "limit_included": "含期限当日",
    "late_limit": "放宽期限",
    "late_share": "放宽部分上限",
    "late_counted_by": "上限按什么计",
    "fact": "小区情况",
    "wanted": "应为",
    "years": "年数",
    "facts": "优先条件",
    "built_before": "早于哪年建成",
    "round": "轮次",
    "voters": "由谁表决",
    "approve_of": "同意比例的基数",
    "strictly": "须超过（等于不算）",
    "quorum_owners": "参与人数",
    "quorum_area": "参与面积",
    "approve_owners": "同意人数",
    "approve_area": "同意面积",
    "what": "事项",
    "workdays": "公示时间",
    "closed": "清单以外不允许",
    "groups": "分类",
    "items": "内容",
    ("works_items", "items"): "项数",
    "amounts": "金额",
    "areas": "面积",
    "counts": "数量",
    "width": "宽度",
    "total": "原文合计",
    "sources": "来源",
    "payers": "计入的出资方",
    "share": "最低比例",
    "per_household": "一般户每户",
    "per_low_income_household": "低保户每户",
    "schedule": "拨付安排",
    "stages": "步骤",
    "year": "年份",
    "steps": "时间",
    "tiers": "批次",
    "by": "截止日",
    "by_day": "每月报送日",
    "targets": "任务",
    "compounds": "小区数",
    ("pilots", "compounds"): "试点小区",
    "households": "户数",
    "buildings": "楼栋数",
    "floor_area": "建筑面积",
    "investment": "投资",
    "grants": "补助合计",
    "least": "不少于",
    "only_if": "只适用于",
    "unless": "不适用于",
    "shortcuts": "简化情形",
    "bodies": "参加单位",
    "phases": "环节",
    "steers_money": "影响资金分配",
    "assessor": "评价人",
    "models": "管理模式",
    "non_adjacent": "可以不相邻",
    "kinds": "可捆绑的项目",
    "modes": "方式",
    "certificates": "土地证面积",
    "overlap": "发证重叠面积",
    "net": "改造总面积",
    "uses": "用途",
    "stated_far": "原文容积率",
    "yearly_output": "年产值",
    "site_area": "用地面积",
    "villages": "行政村",
    "population": "人口",
    "pupils": "学生",
}


def value_title(kind: str, name: str) -> str:
    """Name of a figure as the page shows it.

    Examples
    --------
    >>> value_title("min_share", "share"), value_title("pilots", "compounds")
    ('最低比例', '试点小区')
    """
    return _TITLES.get((kind, name)) or _TITLES[name]
