"""停止 on 数据: the process that reads the file ends with the click."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from tests.browser.conftest import Server, Window

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc"),
]


def readers(server: Server) -> list[int]:
    """Worker processes of the server that read an upload."""
    found = []
    for folder in Path("/proc").iterdir():
        # Processes come and go while we look.
        with contextlib.suppress(OSError, ValueError):
            words = (folder / "cmdline").read_bytes().split(b"\0")
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == server.process.pid and any(word.endswith(b"worker.py") for word in words):
                found.append(int(folder.name))
    return found


def test_the_reading_process_ends_with_the_click(
    window: Window, plan_file: Path, tmp_path: Path
) -> None:
    file = tmp_path / "大台账.csv"
    rows = (f"{i},小区{i},{i % 900 + 1}" for i in range(99_000))
    file.write_text("\n".join(["序号,小区名称,居民户数（户）", *rows]), "utf-8")
    window.open(plan_file, page="data")
    window.wait_for("台账文件")
    window.page.locator(".st-key-panel input[type=file]").set_input_files(file)
    end = time.monotonic() + 60
    while not (found := readers(window.server)) and time.monotonic() < end:
        window.page.wait_for_timeout(20)
    (reader,) = found
    # Held up, as by a file that takes minutes.
    os.kill(reader, signal.SIGSTOP)
    window.page.get_by_role("button", name="停止", exact=True).click()
    window.until(lambda: not readers(window.server), "the end of the reading process")
    window.settle()
    # The next file is read as if nothing had been.
    assert "正在读取" not in window.text()
    small = tmp_path / "小台账.csv"
    small.write_text("小区名称,居民户数（户）\n甲小区,10\n", "utf-8")
    window.page.locator(".st-key-panel input[type=file]").set_input_files(small)
    window.wait_for("已认出 2 栏")
    window.settle()
