"""The house keeps its own rules: rooms, sizes, names, and nothing of the outside world in the files."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("geo", "policy", "data", "layers", "ui")
FOLDERS = {*ROOMS, "tests", "bench", "docs"}
FILES = {
    ".gitignore",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "LICENSE",
    "Makefile",
    "NOTICE",
    "README.md",
    "app.py",
    "cli.py",
    "errors.py",
    "package-lock.json",
    "package.json",
    "pyproject.toml",
    "requirements.lock",
}
# Made by the tools or by the planner, all of it named in .gitignore.
MADE = {"node_modules", "vendor", "vendor.new", "dist", "build", "plans", "out", "__pycache__"}

# Set together from halves, so that this file passes its own test.
PUBLIC_HOSTS = [
    "".join(halves)
    for halves in (
        ("pypi", ".org"),
        ("pythonhosted", ".org"),
        ("npmjs", ".org"),
        ("npmjs", ".com"),
        ("npmmirror", ".com"),
        ("jsdelivr", ".net"),
        ("unpkg", ".com"),
        ("cdnjs.", "cloudflare"),
        ("bootcdn", ".net"),
        ("bootstrapcdn", ".com"),
        ("code.jquery", ".com"),
        ("fonts.google", "apis"),
        ("fonts.g", "static"),
    )
]
MACHINE_PATH = re.compile(
    rf"(?<![\w.~<>-])(/work|/root|/tmp|{re.escape(str(Path.home()))})/|[A-Z]:\\Users\\(?!<)"
)
MOST_LINES = 400


def our_files() -> Iterator[Path]:
    """Files of the project: what git keeps, or without git what lies here and no tool has made."""
    listing = None
    if (ROOT / ".git").exists() and shutil.which("git"):
        listing = subprocess.run(
            ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False, encoding="utf-8"
        )
    if listing is not None and listing.returncode == 0:
        names = (name for name in listing.stdout.split("\0") if name)
        yield from (ROOT / name for name in names if (ROOT / name).is_file())
        return
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [n for n in folders if n not in MADE and (not n.startswith(".") or n == ".ci")]
        yield from (Path(folder, name) for name in names if not name.endswith((".pyc", ".log")))


def texts() -> Iterator[tuple[str, str]]:
    for path in our_files():
        try:
            yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue


def imported(path: Path) -> set[str]:
    """Top names of what a file imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found


def test_import_contracts_hold() -> None:
    command = [Path(sys.executable).with_name("lint-imports"), "--no-logo"]
    result = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert result.returncode == 0, result.stdout


def test_nothing_imports_the_doors_and_errors_imports_nothing_of_ours() -> None:
    for room in ROOMS:
        for path in (ROOT / room).rglob("*.py"):
            assert not imported(path) & {"app", "cli"}, path
    assert not imported(ROOT / "errors.py") & {*ROOMS, "app", "cli"}


def test_the_shell_does_not_know_streamlit() -> None:
    assert not imported(ROOT / "cli.py") & {"streamlit", "streamlit_folium", "app"}


def test_no_file_is_longer_than_can_be_read_in_one_sitting() -> None:
    lengths = {
        path.relative_to(ROOT).as_posix(): path.read_bytes().count(b"\n")
        for path in our_files()
        if path.suffix in {".py", ".js", ".css", ".yaml"}
    }
    assert {name: n for name, n in lengths.items() if n > MOST_LINES} == {}


def test_top_level_is_as_the_plan_of_the_house_says() -> None:
    parts = [path.relative_to(ROOT).parts for path in our_files()]
    assert {part[0] for part in parts if len(part) > 1} == FOLDERS | {".ci"}
    assert {part[0] for part in parts if len(part) == 1} == FILES


def test_folder_map_of_the_readme_is_true() -> None:
    block = re.search(r"```text\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.S)
    assert block, "README.md has no folder map"
    named = re.findall(r"^(?:\s*)([\w./-]+)\s{2,}\S", block[1], re.M)
    assert {name.rstrip("/") for name in named} >= FOLDERS | {"app.py", "cli.py", "errors.py"}
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_no_file_names_a_registry_or_a_public_network_of_scripts() -> None:
    found = [(name, host) for name, text in texts() for host in PUBLIC_HOSTS if host in text]
    assert found == []


def test_no_file_names_a_path_of_somebody_s_machine() -> None:
    found = [(name, hit[0]) for name, text in texts() if (hit := MACHINE_PATH.search(text))]
    assert found == []


@pytest.mark.parametrize("room", ROOMS)
def test_each_room_has_tests(room: str) -> None:
    assert list((ROOT / "tests" / room).glob("test_*.py"))


def test_each_test_file_holds_a_test_and_lies_in_a_package() -> None:
    for path in (ROOT / "tests").rglob("test_*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = [n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.ClassDef)]
        assert any(name.startswith("test_") for name in names), path
        # Without it two files of one name in two folders would be taken for one.
        assert path.with_name("__init__.py").exists(), path


def test_versions_agree_and_the_lock_has_a_hash_for_each_pin() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    package = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
    assert package["version"] == project["version"]
    pins = re.split(r"\n(?=[a-z])", (ROOT / "requirements.lock").read_text(encoding="utf-8"))
    assert [pin.split()[0] for pin in pins if "--hash=sha256:" not in pin] == []
    names = {pin.split("==")[0].lower() for pin in pins}
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    assert {re.split(r"[<>=~! ]", line)[0].lower() for line in wanted} - names == set()


def test_ci_runs_the_tests_and_nothing_else() -> None:
    run = ROOT / ".ci" / "run"
    commands = [line for line in run.read_text().splitlines() if not line.startswith(("#", "set "))]
    assert commands == ['cd "$(dirname "$0")/.."', "exec make test"]
    assert os.name == "nt" or os.access(run, os.X_OK)
