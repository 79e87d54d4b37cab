"""What is asked of sites: the kind of facility over the tab, the rest as a group of fields."""

from __future__ import annotations

import streamlit as st

from data.site_settings import AIMS, SOURCES, SiteSettings
from policy.facility_rules import facility_rules
from ui import messages, session, space_sites
from ui.panels.space_fields import Fields, Number
from ui.scene import Scene

__all__ = ["kind", "show"]

PANEL = "space_sites_form"
MOST_M, MOST_COUNT, MOST_HOUSEHOLDS, MOST_M2, MOST_SEED = (
    20_000.0,
    500,
    1_000_000,
    100_000.0,
    999_999,
)
# An empty field asks for what is usual for the kind.
OF_KIND = "按这类设施"
_COUNT = Number("count", "选址个数", 1, MOST_COUNT, 1, whole=True, why="至多新建几处")
_CAPACITY = Number(
    "capacity_households",
    "每处至多服务（户）",
    1,
    MOST_HOUSEHOLDS,
    100,
    whole=True,
    empty="不限",
    why="清空为不限",
)
_SEED = Number("seed", "随机种子", 0, MOST_SEED, 1, whole=True)
WAYS = {False: "直线", True: "沿道路"}


def kind(scene: Scene) -> None:
    """Choose the kind of facility, its radius and how ways are measured."""
    held = space_sites.asked(scene.view)
    titles = {one.id: one.title for one in facility_rules().kinds.values()}
    Fields(PANEL, held, space_sites.change).choice(
        "facility", "设施", titles, label_visibility="collapsed"
    )
    left, right = st.columns(2)
    key = session.widget(PANEL, "radius_m", held.facility)
    standard = held.kind.radius_m
    with left:
        st.number_input(
            "服务半径（米）",
            min_value=50.0,
            max_value=MOST_M,
            value=held.reach_m,
            step=50.0,
            format="%g",
            key=key,
            on_change=lambda: _radius(st.session_state[key], standard),
            help="标准的服务半径作起始值；生活圈常用 300、500、1000 米。"
            + (f"{held.kind.title}：{standard:g} 米 {held.kind.cited}" if standard else ""),
        )
    with right:
        way = session.widget(PANEL, "network")
        st.session_state[way] = held.network
        st.segmented_control(
            "距离",
            list(WAYS),
            key=way,
            required=True,
            format_func=lambda one: WAYS[one],
            on_change=lambda: space_sites.change({"network": bool(st.session_state[way])}),
        )


def _radius(value: float | None, standard: float | None) -> None:
    """Keep a radius; the one of the standard, or none, is no own value."""
    if value is None and standard is None:
        return
    space_sites.change({"radius_m": None if value in {None, standard} else float(value or 0)})


def show(scene: Scene) -> None:
    """Draw what is asked, and the button that starts the search."""
    held = space_sites.asked(scene.view)
    fields = Fields(PANEL, held, space_sites.change, held.facility)
    fields.choice("aim", "目标", AIMS)
    if held.aim != "all":
        fields.columns([_COUNT], [_CAPACITY] if held.aim == "median" else [])
    fields.several("sources", "场地来源", SOURCES)
    st.button(
        "开始选址",
        type="primary",
        width="stretch",
        key=session.widget(PANEL, "start"),
        on_click=messages.guarded(space_sites.start),
        help="在后台计算，可随时停止；不改动计划",
    )
    with st.expander("场地、日照和其他"):
        _ground(fields, held)


def _ground(fields: Fields, held: SiteSettings) -> None:
    kind = held.kind
    area = f"清空按这类设施：{kind.title} {held.ground_m2:g} ㎡"
    width = f"清空按这类设施：{held.width_m:.3g} 米"
    height = f"用来算正午日影；清空按这类设施：{kind.height_m:g} 米"
    fields.columns(
        [
            Number("min_area_m2", "占地（㎡）", 1, MOST_M2, 10, empty=OF_KIND, why=area),
            Number("height_m", "建筑高度（米）", 0, 200, 0.5, empty=OF_KIND, why=height),
        ],
        [Number("min_width_m", "最窄处（米）", 1, 1000, 1, empty=OF_KIND, why=width), _SEED],
    )
    fields.flag("existing", "现有设施和已存选址照样服务")
    fields.flag("clear_only", "不用需征求意见的场地", help="占绿地、挡北侧住宅正午日照的不用")
    fields.flag("great_cold", "日影按大寒日", help="不勾按冬至日；只是初筛，不代替日照分析")
    fields.flag("bare_ground", "没有建筑资料的小区也找空地", help="确实没有建筑时才勾")
