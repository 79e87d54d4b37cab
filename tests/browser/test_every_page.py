"""Every page on an office screen: Chinese, nothing cut off, the map the greater part of the window."""

from __future__ import annotations

import pytest

from data.pianqu import make_pianqu
from data.store import open_plan
from tests.browser import steps
from tests.browser.conftest import SCREEN

pytestmark = pytest.mark.browser

PANELS = {
    "总图": ("着色", "筛选", "小区", "所选", "待画"),
    "片区": ("片区", "分配", "自动方案"),
    "空间": ("空地", "车位", "需求", "设施"),
    "政策": ("规则", "核对", "不符合原因", "表单"),
    "数据": ("台账", "边界", "待补", "检查", "记录", "设置"),
    "出图": ("导出文件", "打印图纸"),
}
# Names of formats and systems, and what stands in ids and addresses of files.
KNOWN = {"Excel", "CSV", "QGIS", "gpkg", "shp", "shx", "dbf", "prj", "zip", "UTF", "GBK", "RFC"}
KNOWN |= {
    "PDF",
    "PNG",
    "dpi",
    "ArcGIS",
    "SuperMap",
    "cpg",
    "docx",
    "geojson",
    "tif",
    "mbtiles",
    "img",
}
MAP_SHARE = 0.60
# Words wider than their button, field or label: cut, or run over what stands beside.
CUT = """() => {
  const parts = 'button, label, h4, h5, table.record td, [data-testid="stMarkdownContainer"] p, .pq-row';
  return [...document.querySelectorAll(parts)]
    .filter((part) => part.checkVisibility() && part.clientWidth > 0)
    .filter((part) => part.scrollWidth > part.clientWidth + 1)
    .map((part) => `${part.tagName} ${part.innerText.slice(0, 60)}`);
}"""


@pytest.fixture
def bundled_plan(plan_file):
    with open_plan(plan_file) as plan:
        uids = list(plan.read("compounds").index)
        make_pianqu(plan, "金龙片区", uids[:3], "测试员")
    return plan_file


@pytest.mark.parametrize("page", PANELS)
def test_a_page_is_chinese_and_nothing_on_it_is_cut(window, bundled_plan, compounds, page):
    window.open(bundled_plan)
    window.click(compounds.geometry["玉皇路小区"])
    window.until(lambda: "已选 1 个小区" in window.text(), "the selection")
    steps.go(window, page)
    files = set(bundled_plan.stem.split("_")) | set(bundled_plan.parts)
    words = KNOWN | {word for part in files for word in steps.latin(part)} | {"YC"}
    for panel in PANELS[page]:
        steps.choose(window, panel)
        assert window.english() - words == set(), panel
        for frame in window.page.frames:
            assert frame.evaluate(CUT) == [], panel
        assert window.page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    place = window.page.locator(".st-key-map").bounding_box()
    assert place["width"] * place["height"] >= MAP_SHARE * SCREEN["width"] * SCREEN["height"]


def test_a_word_that_is_cut_is_found(window):
    window.page.set_content(
        "<button style='width:40px; overflow:hidden; white-space:nowrap'>生成交付文件和元数据</button>"
    )
    assert window.page.evaluate(CUT) == ["BUTTON 生成交付文件和元数据"]
