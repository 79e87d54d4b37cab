"""The plan file against a model: any sequence of edits, undos, crashes and other programs.

``python -m pytest -m slow tests/data/store/test_stateful.py`` runs the long form.
"""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from data.store import create_plan, open_plan
from errors import ConflictError
from tests.data.store.conftest import square
from tests.data.store.oracle import assert_whole

# The cache holds ten pages, so that half a transaction is in the file when the process dies.
DIE_AMID_TRANSACTION = """
import os, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
for name in ("ST_IsEmpty", "ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY"):
    connection.create_function(name, 1, lambda blob: 0, deterministic=True)
connection.execute("PRAGMA cache_size=10")
connection.execute("PRAGMA synchronous=FULL")
connection.execute("BEGIN IMMEDIATE")
connection.execute("UPDATE compounds SET households = -1, works_text = 'torn'")
for number in range(60):
    connection.execute("INSERT INTO audit_event(actor, action) VALUES ('x', ?)", ("y" * 4000,))
os._exit(9)
"""

households = st.one_of(st.none(), st.integers(0, 10**12))
columns = st.integers(-3, 40)
picks = st.integers(0, 10**6)


class PlanFile(RuleBasedStateMachine):
    """Model: uid → (version, households, column of the square or None); states before each edit."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="pianqu-"))
        self.plan = create_plan(self.folder / "模型.gpkg", name="模型", actor="甲")
        self.rows: dict[str, tuple[Any, Any]] = {}
        self.versions: dict[str, int] = {}
        self.undone: list[dict[str, tuple[Any, Any]]] = []
        self.before: list[dict[str, tuple[Any, Any]]] = []
        self.made = 0

    def teardown(self) -> None:
        self.plan.close()
        shutil.rmtree(self.folder)

    @rule(
        values=st.lists(
            st.tuples(households, st.one_of(st.none(), columns)), min_size=1, max_size=4
        )
    )
    def add(self, values: list[tuple[Any, Any]]) -> None:
        state = dict(self.rows)
        records = []
        for number, column in values:
            uid = f"u{self.made}"
            self.made += 1
            geometry = None if column is None else square(column)
            records.append({"uid": uid, "households": number, "geometry": geometry})
            state[uid] = (number, column)
        with self.plan.edit("甲", "加") as tx:
            tx.insert("compounds", records)
        self._moved_to(state)

    @precondition(lambda self: self.rows)
    @rule(pick=picks, number=households, column=st.one_of(st.none(), columns), both=st.booleans())
    def change(self, pick: int, number: Any, column: Any, both: bool) -> None:
        uid = self._picked(pick)
        held = self.rows[uid]
        values = {"households": number}
        if both:
            values["geometry"] = None if column is None else square(column)
        state = (number, column if both else held[1])
        with self.plan.edit("乙", "改") as tx:
            tx.update("compounds", uid, self.versions[uid], values)
        if state != held:
            self._moved_to({**self.rows, uid: state})

    @precondition(lambda self: self.rows)
    @rule(pick=picks, behind=st.integers(1, 3))
    def change_from_an_old_page(self, pick: int, behind: int) -> None:
        uid = self._picked(pick)
        with pytest.raises(ConflictError), self.plan.edit("丙", "旧") as tx:
            tx.insert("compounds", [{"uid": "torn"}])
            tx.update("compounds", uid, self.versions[uid] - behind, {"households": 1})

    @precondition(lambda self: self.rows)
    @rule(pick=picks, count=st.integers(1, 3))
    def delete(self, pick: int, count: int) -> None:
        uids = sorted(self.rows)[pick % len(self.rows) :][:count]
        with self.plan.edit("甲", "删") as tx:
            tx.delete_many("compounds", [(uid, self.versions[uid]) for uid in uids])
        self._moved_to({uid: row for uid, row in self.rows.items() if uid not in uids})

    @rule()
    def undo(self) -> None:
        undone = self.plan.undo("丁")
        assert (undone is not None) == bool(self.before)
        if undone is not None:
            self.undone.append(self.rows)
            self._now(self.before.pop())

    @rule()
    def redo(self) -> None:
        redone = self.plan.redo("丁")
        assert (redone is not None) == bool(self.undone)
        if redone is not None:
            self.before.append(self.rows)
            self._now(self.undone.pop())

    @precondition(lambda self: self.rows)
    @rule(pick=picks, number=st.integers(0, 99))
    def another_program_changes(self, pick: int, number: int) -> None:
        uid = self._picked(pick)
        with closing(sqlite3.connect(self.plan.path, isolation_level=None)) as other:
            for name in ("ST_IsEmpty", "ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY"):
                other.create_function(name, 1, lambda _blob: 0, deterministic=True)
            # As many saves as it likes make one entry, if nothing comes between: here something does.
            with self.plan.edit("甲", "隔开") as tx:
                tx.insert("compounds", [{"uid": f"s{self.made}"}])
            self._moved_to({**self.rows, f"s{self.made}": (None, None)})
            self.made += 1
            other.execute("UPDATE compounds SET households=? WHERE uid=?", (number, uid))
        state = (number, self.rows[uid][1])
        if state != self.rows[uid]:
            self._moved_to({**self.rows, uid: state})

    @rule()
    def reopen(self) -> None:
        self.plan.close()
        self.plan = open_plan(self.plan.path)

    @rule()
    def another_process_dies_amid_a_transaction(self) -> None:
        command = [sys.executable, "-I", "-S", "-c", DIE_AMID_TRANSACTION, self.plan.path]
        assert subprocess.run(command, check=False, timeout=60).returncode == 9

    @invariant()
    def table_is_model(self) -> None:
        frame = self.plan.read("compounds")
        assert set(frame.index) == set(self.rows)
        assert self.plan.count("compounds") == len(self.rows)
        for uid, number, version, geometry in zip(
            frame.index, frame["households"], frame["version"], frame.geometry, strict=True
        ):
            wanted, column = self.rows[uid]
            assert (None if number is frame["households"].dtype.na_value else number) == wanted
            assert version == self.versions[uid]
            assert (geometry is None) == (column is None)
            assert geometry is None or geometry.equals(square(column))
        assert (self.plan.can_undo() is not None) == bool(self.before)
        assert (self.plan.can_redo() is not None) == bool(self.undone)

    @invariant()
    def books_are_right(self) -> None:
        # A plain connection beside ours; it is closed before anything else happens.
        assert_whole(self.plan.path)

    def _picked(self, pick: int) -> str:
        return sorted(self.rows)[pick % len(self.rows)]

    def _moved_to(self, state: dict[str, tuple[Any, Any]]) -> None:
        self.before.append(self.rows)
        self.undone.clear()
        self._now(state)

    def _now(self, state: dict[str, tuple[Any, Any]]) -> None:
        for uid in {*self.rows, *state}:
            if self.rows.get(uid) != state.get(uid):
                self.versions[uid] = self.versions.get(uid, 0) + 1
        self.rows = state


PlanFile.TestCase.settings = settings(max_examples=9, stateful_step_count=25, deadline=None)
TestPlanFile = PlanFile.TestCase


@pytest.mark.slow
@pytest.mark.timeout(7200)
def test_the_long_form() -> None:
    from hypothesis.stateful import run_state_machine_as_test

    form = settings(max_examples=1000, stateful_step_count=50, deadline=None, derandomize=False)
    run_state_machine_as_test(PlanFile, settings=form)
