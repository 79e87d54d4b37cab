"""The wheel is the whole product: it runs without the checkout and brings its assets and their notices."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from layers.assets import VENDOR_FILES

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def office(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Python of a new environment: the wheel, and this one's libraries without its editable checkout."""
    folder = tmp_path_factory.mktemp("office")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    ask = [str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    packages = Path(subprocess.run(ask, check=True, capture_output=True, text=True).stdout.strip())
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(packages)
    # A line of a .pth is put on the path as it is; the .pth files that lie there are not read again.
    packages.joinpath("libraries.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    return python


def shell(office: Path, *arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    door = "import sys; from cli import main; sys.exit(main())"
    return subprocess.run(
        [str(office), "-c", door, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def test_wheel_carries_what_the_map_and_the_sheets_need(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for item in VENDOR_FILES:
        path = f"layers/assets/vendor/{item.target}"
        assert any(name == path or name.startswith(f"{path}/") for name in names), path
    packed = {name for name in names if not name.endswith(".dist-info/RECORD")}
    for room in ("geo", "policy", "data", "layers", "ui"):
        files = (p for p in (ROOT / room).rglob("*") if p.is_file())
        files = (p for p in files if "__pycache__" not in p.parts)
        assert {path.relative_to(ROOT).as_posix() for path in files} <= packed
    assert {"app.py", "cli.py", "errors.py"} <= packed
    assert not any(name.startswith(("tests/", "bench/", "docs/")) for name in packed)


def test_each_package_of_the_notice_comes_with_its_licence(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    names = archive.namelist()
    assert {"LICENSE", "NOTICE"} <= {Path(n).name for n in names if "/licenses/" in n}
    texts = {
        Path(name).stem: archive.read(name).decode("utf-8")
        for name in names
        if name.startswith("layers/assets/vendor/licences/")
    }
    assert "SIL OPEN FONT LICENSE" in next(text for name, text in texts.items() if "noto" in name)
    assert "BEER-WARE" in texts["leaflet.vectorgrid"]
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8")
    assert all(text.strip() for text in texts.values())
    unnamed = [name for name in texts if not re.search(_short(name), notice, re.IGNORECASE)]
    assert unnamed == []


def _short(licence: str) -> str:
    """How the notice names the package of a licence file."""
    for part, name in (("turf", "@turf"), ("geoman", "Geoman"), ("noto", "Noto Sans SC")):
        if part in licence:
            return name
    return re.escape(licence)


def test_installed_wheel_runs_away_from_the_checkout(office: Path, tmp_path: Path) -> None:
    shown = shell(office, "--help", folder=tmp_path)
    assert (shown.returncode, shown.stdout[:3]) == (0, "用法："), shown.stderr
    made = shell(office, "new", "a.gpkg", "--sample", "yuncheng-2024", "--json", folder=tmp_path)
    assert made.returncode == 0, made.stderr
    assert json.loads(made.stdout)["compounds"] == 5
    drawn = shell(office, "sheet", "a.gpkg", "--kind", "总图", "--out", "a.pdf", folder=tmp_path)
    assert drawn.returncode == 0, drawn.stderr
    assert (tmp_path / "a.pdf").read_bytes().startswith(b"%PDF")
