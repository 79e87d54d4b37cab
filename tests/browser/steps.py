"""Steps of a planner's day that several tests take: bring files in, look, bundle, fetch what is handed over."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.browser.conftest import Window

# Run in another process: nothing of ours has a hand in how GDAL understands the file.
READ = """
import json, sys, pyogrio
path = sys.argv[1]
info = pyogrio.read_info(path)
frame = pyogrio.read_dataframe(path)
shapes = frame.geometry
print(json.dumps({
    "crs": info["crs"],
    "valid": bool(shapes.is_valid.all()),
    "bounds": shapes.total_bounds.tolist(),
    "areas": shapes.to_crs(frame.estimate_utm_crs()).area.tolist(),
    "rows": json.loads(frame.drop(columns="geometry").to_json(orient="records", force_ascii=False)),
}, ensure_ascii=False))
"""


def latin(text: str) -> set[str]:
    """Words of Latin letters in a text."""
    return set(re.findall(r"[A-Za-z]{3,}", text))


def new_plan(window: Window, name: str) -> None:
    """Begin an empty plan from the choice of plans."""
    window.open(None)
    window.fill("计划名称", name)
    window.press("新建")
    window.wait_for("还没有小区")
    window.settle()


def go(window: Window, page: str) -> None:
    """Turn to a page by the navigation."""
    window.page.get_by_role("link", name=page, exact=True).click()
    window.page.locator('[data-testid="stTopNavLink"][aria-current="page"]').filter(
        has_text=page
    ).wait_for()
    window.settle()


def give(window: Window, file: Path, *, until: str) -> None:
    """Hand over a file and wait for what the page says of it."""
    window.page.locator(".st-key-panel input[type=file]").set_input_files(file)
    window.wait_for(until)
    window.settle()


def import_ledger(window: Window, file: Path, *, rows: int) -> None:
    """Bring a ledger in: file, columns confirmed, preview, import."""
    window.panel("台账")
    give(window, file, until="字段无误，下一步")
    window.press("字段无误，下一步")
    window.wait_for("读到的问题")
    window.press(f"导入 {rows:,} 行")
    window.wait_for(f"小区：新增 {rows:,}")
    window.settle()


def read_boundaries(window: Window, file: Path) -> None:
    """Bring boundaries as far as the preview."""
    window.panel("边界")
    give(window, file, until="读取所选图层")
    window.press("读取所选图层")
    window.wait_for("返回改图层")
    window.settle()


def colour_by(window: Window, title: str) -> None:
    """Choose what the compounds are coloured by."""
    window.panel("着色")
    window.page.get_by_label("按什么着色").click()
    window.page.get_by_role("option", name=title, exact=True).click()
    window.page.wait_for_function(
        "title => document.querySelector('.st-key-map iframe').contentDocument"
        ".querySelector('.pq-legend').innerText.includes(title)",
        arg=title,
    )
    window.settle()


def lasso(window: Window, shape: Any, *, grow: float = 0.0002) -> None:
    """Drag the lasso round the box of a shape."""
    window.map.click("[data-tool=select]")  # a second click on the tool in hand would lay it down
    west, south, east, north = shape.bounds
    w, s, e, n = west - grow, south - grow, east + grow, north + grow
    window.drag("lasso", [(w, s), (e, s), (e, n), (w, n)])


def make_pianqu(window: Window, name: str) -> None:
    """Make the selection a 片区."""
    window.panel("所选")
    window.press("组成片区…")
    window.fill("片区名称", name)
    window.press("组成片区", last=True)
    window.wait_for(f"已组成片区“{name}”")
    window.settle()


def choose(window: Window, title: str) -> None:
    """Choose one of several buttons that stand side by side in the panel."""
    buttons = window.page.locator('.st-key-panel [data-testid="stButtonGroup"] button')
    buttons.filter(has_text=re.compile(f"^{re.escape(title)}")).first.click()
    window.settle()


def fetch(window: Window, button: str | re.Pattern[str], folder: Path) -> Path:
    """Download what a button gives."""
    with window.page.expect_download(timeout=60_000) as download:
        window.page.get_by_role("button", name=button).click()
    target = folder / download.value.suggested_filename
    download.value.save_as(target)
    return target


def export_layer(window: Window, layer: str, ending: str, folder: Path) -> Path:
    """Have a layer written on the page 出图, wait for its check, fetch the file."""
    choose(window, layer)
    window.press("生成文件")
    window.wait_for(ending)
    window.settle()
    assert "已读回核对，与计划一致" in window.text()
    return fetch(window, "只下载文件", folder)


def sheet_pdf(window: Window, folder: Path) -> Path:
    """Fetch the sheet of the current colouring."""
    choose(window, "打印图纸")
    wanted = window.page.get_by_role("button", name="下载 PDF（A3）")
    wanted.wait_for(timeout=60_000)
    window.settle()
    return fetch(window, "下载 PDF（A3）", folder)


def read_elsewhere(path: Path) -> dict[str, Any]:
    """Read a file with GDAL in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", READ, str(path)], capture_output=True, text=True, check=True
    )
    read: dict[str, Any] = json.loads(done.stdout)
    return read
