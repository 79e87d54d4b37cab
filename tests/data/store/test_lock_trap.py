"""The trap of reliability report 1.2: one read of the live file by another library, then a crash.

37 acknowledged commits, one GDAL read before them, ``kill -9``: all 37 must be there in the mode that we
ship. The same demonstration in WAL mode loses them all, which shows that the test can fail.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from data.store import Plan, create_plan
from tests.data.store.conftest import ROOT, square
from tests.data.store.oracle import assert_whole, value_of

COMMITS = 37

# Through the store: the wrapper refuses the read, the work goes on.
GUARDED = """
import os, signal, sys
import pyogrio
from data.store import open_plan, refuse_live
from errors import LivePathError
plan = open_plan(sys.argv[1])
try:
    pyogrio.read_dataframe(refuse_live(sys.argv[1]), layer="compounds")
except LivePathError as refusal:
    print("refused:", refusal, flush=True)
for count in range(37):
    with plan.edit("张三", f"第{count}次") as tx:
        tx.update("compounds", "a", count + 1, {"households": 1000 + count})
    print("ack", count, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""

# The raw trap: nobody asks the wrapper.
RAW = """
import os, signal, sys
from pathlib import Path
import pyogrio
from data.store.sqlite_engine import connect
path, mode = Path(sys.argv[1]), sys.argv[2]
connection = connect(path)
assert connection.execute(f"PRAGMA journal_mode={mode}").fetchone()[0] == mode
connection.execute("PRAGMA trusted_schema=ON")

def commit(households):
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("UPDATE compounds SET households=? WHERE uid='a'", (households,))
    connection.execute("COMMIT")

commit(999)
pyogrio.read_dataframe(path, layer="compounds")
for count in range(37):
    commit(1000 + count)
    print("ack", count, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with create_plan(tmp_path / "陷阱.gpkg", name="陷阱", actor="张三") as plan:
        with plan.edit("张三", "录入") as tx:
            tx.insert("compounds", [{"uid": "a", "households": 1, "geometry": square(0)}])
        return plan.path


def run_until_killed(code: str, *arguments: object) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    return done.stdout.splitlines()


def commits_present(path: Path) -> int:
    return value_of(path, "SELECT count(*) FROM edit_history WHERE uid='a' AND op='U'")


def test_37_acknowledged_commits_are_there_after_a_crash(path: Path) -> None:
    lines = run_until_killed(GUARDED, path)
    assert lines[0].startswith("refused: “陷阱.gpkg”是正在使用的实施方案文件")
    assert len(lines) == 1 + COMMITS
    assert commits_present(path) == COMMITS
    assert value_of(path, "SELECT households FROM compounds WHERE uid='a'") == 1000 + COMMITS - 1
    assert_whole(path)


def test_the_shipped_mode_bears_even_the_raw_read(path: Path) -> None:
    lines = run_until_killed(RAW, path, "truncate")
    assert len(lines) == COMMITS
    assert commits_present(path) == 1 + COMMITS
    assert_whole(path)


@pytest.mark.skipif(
    os.name == "nt", reason="locks belong to handles there: the trap does not exist"
)
def test_wal_loses_what_it_acknowledged(path: Path) -> None:
    lines = run_until_killed(RAW, path, "wal")
    assert len(lines) == COMMITS
    # Acknowledged, and gone without a word: why the store does not use this mode.
    assert commits_present(path) < 1 + COMMITS


def test_the_store_opens_a_plan_in_no_other_mode(path: Path, plan: Plan) -> None:
    import sqlite3
    from contextlib import closing

    from data.store import open_plan

    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=wal")
    with open_plan(path) as again:
        again.audit("张三", "看")
    # The mode is written in the header: 1 is a rollback journal, 2 is WAL.
    assert path.read_bytes()[18:20] == b"\x01\x01"
