"""The server is told which plan to open and refuses what it can not do before it starts."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

import pytest

from errors import StoreError
from ui import settings
from ui.shell import serving


def test_a_plan_is_opened_among_its_neighbours(tmp_path: Path) -> None:
    plan = tmp_path / "云城.gpkg"
    plan.touch()
    told = serving.server_environment(plan, {"HOME": "h"})
    assert told == {"HOME": "h", settings.PLAN: str(plan), settings.PLANS: str(tmp_path)}


def test_a_folder_is_taken_as_the_folder_of_plans(tmp_path: Path) -> None:
    assert serving.server_environment(tmp_path, {}) == {settings.PLANS: str(tmp_path)}


def test_a_named_folder_of_plans_is_kept(tmp_path: Path) -> None:
    plan = tmp_path / "a.gpkg"
    plan.touch()
    assert serving.server_environment(plan, {settings.PLANS: "x"})[settings.PLANS] == "x"


def test_a_plan_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="没有找到计划文件"):
        serving.server_environment(tmp_path / "none.gpkg", {})


def test_a_used_port_is_refused_and_a_free_one_taken() -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        with pytest.raises(StoreError, match="--port"):
            serving.server_command(host="127.0.0.1", port=port, open_browser=False)
    command = serving.server_command(host="127.0.0.1", port=port, open_browser=False)
    assert command[:4] == [sys.executable, "-m", "streamlit", "run"]
    assert Path(command[4]).name == "app.py"
    assert {"--server.headless=true", "--browser.gatherUsageStats=false"} <= set(command)


@pytest.mark.parametrize("host", ["256.1.1.1", "nowhere.invalid"])
def test_an_address_of_somebody_else_is_refused(host: str) -> None:
    with pytest.raises(StoreError, match="不能在"):
        serving.server_command(host=host, port=0, open_browser=False)


def test_a_port_beyond_the_last_is_refused() -> None:
    with pytest.raises(StoreError, match="70000"):
        serving.server_command(host="127.0.0.1", port=70000, open_browser=False)


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "http://127.0.0.1:8501/"),
        ("0.0.0.0", "http://127.0.0.1:8501/"),
        ("::1", "http://[::1]:8501/"),
    ],
)
def test_the_address_can_be_opened_here(host: str, address: str) -> None:
    assert serving.address_of(host, 8501) == address
