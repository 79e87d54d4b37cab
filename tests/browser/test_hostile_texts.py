"""Names that are code somewhere, through every page, file and sheet: shown as they are, never run."""

from __future__ import annotations

import re

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

from data import samples
from data.pianqu import make_pianqu
from data.store import open_plan
from tests.browser import steps

pytestmark = pytest.mark.browser

RUN = "window.flag=1"
IMAGE = f"<img src=x onerror={RUN}>"
SCRIPT = f"</script><script>{RUN}</script>"
TEMPLATE = "{{7*7}}"
LITERAL = f"${{{RUN}}}"
FORMULA = '=HYPERLINK("http://example.invalid","x")'
# What Streamlit would turn into an icon, a colour, a formula, a picture from outside.
MARKUP = ":material/home: :red[x] $x^2$ ![x](http://example.invalid/x.png) **x**"
NAMES = [IMAGE, SCRIPT, TEMPLATE, LITERAL, f"{FORMULA} {MARKUP}"]
STREETS = [MARKUP, IMAGE, SCRIPT, TEMPLATE, LITERAL]
TRACES = "() => [window.flag, document.querySelectorAll('img[src=x], img[src*=invalid]').length]"


@pytest.fixture
def hostile_plan(server, request):
    path = server.plans / f"{request.node.name}.gpkg"
    with samples.write_sample(path, "yuncheng-2024", IMAGE) as plan:
        frame = plan.read("compounds")
        with plan.edit(IMAGE, MARKUP) as tx:
            tx.set_setting("name", f"{TEMPLATE}{IMAGE}{MARKUP}")
            tx.set_setting("maker", SCRIPT)
            tx.set_setting("attribution", f"{IMAGE}{TEMPLATE}")
            for (uid, row), name, street in zip(frame.iterrows(), NAMES, STREETS, strict=True):
                values = {
                    "name": name,
                    "subdistrict": street,
                    "remarks": MARKUP,
                    "works_text": IMAGE,
                }
                tx.update("compounds", uid, int(row["version"]), values)
        make_pianqu(plan, f"{IMAGE}{MARKUP}", list(frame.index[:2]), IMAGE)
        make_pianqu(plan, f"{SCRIPT}{TEMPLATE}", list(frame.index[2:4]), IMAGE)
    return path


def quiet(window) -> None:
    """Nothing has run, and nothing of a name has become an element of the page."""
    for frame in window.page.frames:
        assert frame.evaluate(TRACES) == [None, 0], frame.url
    assert window.outside == []


def said(window, part: str) -> str:
    """What a planner reads there, without signs of no width."""
    return window.page.locator(part).inner_text().replace("\u2060", "")


def test_names_that_are_code_are_shown_as_text_on_every_page(window, hostile_plan):
    with open_plan(hostile_plan) as plan:
        frame = plan.read("compounds").set_index("name")
    window.open(hostile_plan, actor=IMAGE)
    assert f"{TEMPLATE}{IMAGE}{MARKUP}" in said(window, ".st-key-strip")
    overview(window, frame)
    edited(window, frame)
    pianqu_page(window)
    policy_page(window)
    data_page(window)


def overview(window, frame):
    for name in NAMES:
        window.click(frame.geometry[name])
        window.until(lambda name=name: name in said(window, ".st-key-panel"), name)
        x, y = window.at(*frame.geometry[name].representative_point().coords[0])
        window.page.mouse.move(x + 3, y + 3)
        window.map.wait_for_function(
            "name => document.body.innerText.includes(name)", arg=name, timeout=10_000
        )
        quiet(window)
    for panel in ("筛选", "所选", "着色"):
        window.panel(panel)
        quiet(window)
    window.map.fill(".pq-search input", "7*7")
    window.map.locator(".pq-hit").first.wait_for()
    assert TEMPLATE in window.map.locator(".pq-hit").first.inner_text()
    steps.colour_by(window, "所属片区")
    assert f"{IMAGE}{MARKUP}" in window.map.locator(".pq-legend").inner_text()
    window.press("展开表格")
    quiet(window)
    window.press("收起表格")


def edited(window, frame):
    """What is said of an edit, and what stands on the buttons that take it back."""
    window.map.fill(".pq-search input", "")
    window.map.click("[data-tool=select]")
    window.click(frame.geometry[NAMES[-1]])
    window.panel("小区")
    window.press("编辑资料")
    window.fill("居民户数（户）", "600")
    window.press("保存")
    window.until(lambda: f"已保存：{NAMES[-1]}" in said(window, "body"))
    window.page.get_by_role("button", name="撤销").first.hover()
    quiet(window)
    window.press("撤销")
    window.wait_for("已撤销")
    quiet(window)


def pianqu_page(window):
    steps.go(window, "片区")
    window.until(lambda: f"{IMAGE}{MARKUP}" in window.map.locator(".pq-legend").inner_text())
    for panel in ("片区", "分配", "自动方案"):
        tabs = window.page.locator(".st-key-panel_tabs button").filter(has_text=re.compile(panel))
        tabs.first.click()
        window.settle()
        quiet(window)


def policy_page(window):
    steps.go(window, "政策")
    window.press("另存为我市方案…")
    window.fill("名称", IMAGE)
    window.press("另存并采用")
    window.until(lambda: f"规则：{IMAGE}" in said(window, ".st-key-strip"))
    for panel in ("核对", "不符合原因", "表单", "规则"):
        window.panel(panel)
        quiet(window)


def data_page(window):
    steps.go(window, "数据")
    for panel in ("待补", "检查", "记录", "设置"):
        window.panel(panel)
        quiet(window)


def test_names_that_are_code_stay_text_in_files_and_sheet(window, hostile_plan, tmp_path):
    window.open(hostile_plan, actor=IMAGE)
    steps.go(window, "出图")
    rows = steps.read_elsewhere(steps.export_layer(window, "小区", "_CGCS2000.geojson", tmp_path))[
        "rows"
    ]
    assert [row["name"] for row in rows] == NAMES
    assert [row["subdistrict"] for row in rows] == STREETS
    window.page.get_by_label("格式").click()
    window.page.get_by_role("option", name="台账（Excel）").click()
    window.settle()
    book = load_workbook(steps.export_layer(window, "小区", ".xlsx", tmp_path))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert set(NAMES) <= {cell.value for cell in cells}
    assert not [cell for cell in cells if cell.data_type == "f" and "HYPERLINK" in cell.value]
    assert not [cell for cell in cells if cell.hyperlink]
    quiet(window)
    text = "".join(
        page.extract_text() for page in PdfReader(steps.sheet_pdf(window, tmp_path)).pages
    )
    assert TEMPLATE in text
    assert "onerror" in text
    quiet(window)
