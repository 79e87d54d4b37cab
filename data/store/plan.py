"""A plan: one file, one object in this process, however many sessions look at it."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import sqlalchemy as sa

from data.schema import LAYERS
from data.store import tables
from data.store.changes import Changes, changes_since
from data.store.derived import with_external_areas
from data.store.door import clean_actor, clean_json, clean_text
from data.store.edit import Edit
from data.store.frames import boxes_meet, layer_frame, table_frame
from data.store.guard import register_live, release_live
from data.store.history import edits_until, history_frame
from data.store.opening import checked_path, make_file
from data.store.paths import local_path
from data.store.record_edits import read_records
from data.store.rows import select_layer
from data.store.snapshots import write_snapshot
from data.store.sqlite_engine import SqliteEngine
from data.store.undo import Undone, redo_step, revert, undo_step

__all__ = ["Changes", "Plan", "create_plan", "open_plan"]

Box = tuple[float, float, float, float]

_registry: dict[Path, Plan] = {}
_registry_lock = threading.Lock()


def create_plan(
    path: str | os.PathLike[str],
    *,
    name: str,
    actor: str,
    settings: Mapping[str, Any] | None = None,
) -> Plan:
    """Make a new plan file and open it.

    Parameters
    ----------
    path : path
        New file, on a local disk; an existing one is never replaced.
    name : str
        Name of the plan, kept as the setting ``name``.
    actor : str
        Who makes it.
    settings : mapping, optional
        Further settings, JSON values.

    Raises
    ------
    StoreError
        If the file can not be made there.
    """
    actor = clean_actor(actor)
    plan = open_plan(make_file(path))
    with plan._edit(actor, "新建实施方案", kind="create") as tx:
        for key, value in {"name": name, **(settings or {})}.items():
            tx.set_setting(key, value)
    return plan


def open_plan(path: str | os.PathLike[str]) -> Plan:
    """Open a plan file, or give the object of this process if it is open already.

    Each call is matched by one ``Plan.close``; the file closes with the last.

    Raises
    ------
    StoreError
        With one sentence that says why the file can not be opened.
    """
    with _registry_lock:
        plan = _registry.get(local_path(path))
        if plan is None:
            real = checked_path(path)
            # Live from the first moment on: nobody may open it between check and use.
            register_live(real)
            try:
                plan = Plan(SqliteEngine(real))
            except BaseException:
                release_live(real)
                raise
            _registry[real] = plan
        plan._users += 1
        return plan


class Plan:
    """One open plan file; made by :func:`create_plan` and :func:`open_plan`. Safe between threads."""

    def __init__(self, engine: SqliteEngine) -> None:
        self._engine = engine
        self._users = 0

    def __enter__(self) -> Plan:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    @property
    def path(self) -> Path:
        """Real path of the file. Not to be opened: see :meth:`snapshot`."""
        return self._engine.path

    @property
    def plan_id(self) -> str:
        """The plan's identity, the same in its snapshots."""
        return self._meta("plan_id")

    # -- reading ----------------------------------------------------------------------------------

    def read(
        self, layer: str, *, uids: Iterable[str] | None = None, bbox: Box | None = None
    ) -> gpd.GeoDataFrame:
        """Rows of a layer, in the order of their entry.

        Parameters
        ----------
        layer : str
            Layer's name, as in ``data.schema.LAYERS``.
        uids : iterable of str, optional
            Only these; unknown ones are left out.
        bbox : tuple, optional
            West, south, east, north in degrees: only rows whose box meets it.

        Returns
        -------
        GeoDataFrame
            Index uid, EPSG:4490; the layer's fields, ``version``, ``edited_by``, ``extra``, geometry.
        """
        with self._engine.reading() as connection:
            rows = self._engine.rows(
                connection, select_layer(self._engine, layer, uids=uids, bbox=bbox)
            )
        # Building the frame takes longest and needs no lock.
        frame = with_external_areas(layer, layer_frame(layer, rows))
        return frame if bbox is None else frame[boxes_meet(frame, bbox)]

    def read_table(self, name: str, **equal: Any) -> pd.DataFrame:
        """All rows of a table without geometry (ledger, settings, edit_tx, audit_event, ...).

        With columns and values, only the rows that hold these values.
        """
        table = tables.METADATA.tables.get(name)
        if table is None or name in LAYERS:
            raise KeyError(f"no such table: {name}")
        names = [column.name for column in table.c]
        with self._engine.reading() as connection:
            statement = sa.select(*table.c).order_by(*table.primary_key.columns)
            statement = statement.filter_by(**equal)
            rows = self._engine.rows(connection, statement)
        return table_frame(names, rows)

    def records(
        self, table: str, *, compound_uids: Iterable[str] | None = None, orphans: bool = False
    ) -> pd.DataFrame:
        """Give the records of compounds (votes, stages, progress, funding) in the order of entry.

        Parameters
        ----------
        table : str
            One of ``data.schema.RECORD_TABLES``.
        compound_uids : iterable of str, optional
            Only records of these compounds.
        orphans : bool
            Only records whose compound is gone; without it, only those whose compound is there, so that
            no sum counts what belongs to a deleted compound. Undoing the deletion brings them back.

        Returns
        -------
        DataFrame
            Index uid; the table's fields, ``version``, ``edited_by``, ``extra``.
        """
        with self._engine.reading() as connection:
            return read_records(
                self._engine, connection, table, compound_uids=compound_uids, orphans=orphans
            )

    def count(self, layer: str) -> int:
        """Count the rows of a layer."""
        table = tables.LAYER_TABLES[layer]
        return self._number(sa.select(sa.func.count()).select_from(table))

    def extent(self) -> Box | None:
        """Box of the compounds, or of all layers if no compound has a boundary; None if nothing has.

        West, south, east, north in degrees.
        """
        with self._engine.reading() as connection:
            compounds = self._engine.extent(connection, "compounds")
            if compounds is not None:
                return compounds
            boxes = [self._engine.extent(connection, layer) for layer in LAYERS]
        known = [box for box in boxes if box is not None]
        if not known:
            return None
        west, south, east, north = zip(*known, strict=True)
        return (min(west), min(south), max(east), max(north))

    def settings(self) -> dict[str, Any]:
        """All settings, key to value."""
        table = tables.settings
        with self._engine.reading() as connection:
            rows = connection.execute(sa.select(table.c.uid, table.c.value).order_by(table.c.uid))
            return {key: None if text is None else json.loads(text) for key, text in rows}

    # -- what has changed -------------------------------------------------------------------------

    def revision(self) -> int:
        """Give a number that grows with every change of a layer or setting, by whatever program."""
        return self._number(sa.select(sa.func.max(tables.edit_history.c.seq)))

    def edition(self, revision: int | None = None) -> int:
        """Count the edits that made the plan what it is: the 修订 that planners are told.

        An import is one edit, whatever number of rows it wrote; an undo is one more.

        Parameters
        ----------
        revision : int, optional
            As of this revision; as of now by default.
        """
        return self._number(edits_until(revision))

    def layer_revision(self, layer: str) -> int:
        """Revision at which a layer (or ``settings``) was last changed; 0 if never."""
        history = tables.edit_history
        return self._number(sa.select(sa.func.max(history.c.seq)).where(history.c.tbl == layer))

    def changed_since(self, layer: str, revision: int) -> Changes:
        """Rows of a layer that were changed after a revision; see :class:`Changes`."""
        # One state of the file for all answers.
        with self._engine.reading() as connection:
            return changes_since(self._engine, connection, layer, revision)

    def history(self, *, limit: int = 200, uid: str | None = None) -> pd.DataFrame:
        """Who changed what, newest first.

        Returns
        -------
        DataFrame
            seq, at (UTC), actor, label, op (I, U, D), layer, uid, version, txid; ``before`` and
            ``after`` are dicts of the fields that changed; ``summary`` says it in Chinese.
        """
        with self._engine.reading() as connection:
            return history_frame(self._engine, connection, limit=limit, uid=uid)

    # -- editing ----------------------------------------------------------------------------------

    @contextmanager
    def edit(self, actor: str, label: str) -> Iterator[Edit]:
        """Change the plan: everything inside is kept together, or nothing if an exception leaves it.

        Parameters
        ----------
        actor : str
            Who does it; goes into every changed row and the history.
        label : str
            What is done, in Chinese, as the history and the undo button show it.

        Yields
        ------
        Edit
            Its methods change the plan.

        Raises
        ------
        ConflictError
            If a record that is to be saved has been changed by somebody else since.
        StoreError
            If the file can not be written; what was saved before is still there.
        """
        with self._edit(clean_actor(actor), label) as tx:
            yield tx

    def undo(self, actor: str, *, of: str | None = None) -> Undone | None:
        """Take back the last edit (of one actor only, if `of` is given); None if there is none.

        Raises
        ------
        ConflictError
            If a row of that edit has been changed since; nothing is changed.
        """
        return self._revert(actor, "undo", of)

    def redo(self, actor: str, *, of: str | None = None) -> Undone | None:
        """Make the edit again that was taken back last; None if there is none or an edit came since.

        With `of`, what that actor took back last, whatever others have edited since.
        """
        return self._revert(actor, "redo", of)

    def can_undo(self, *, of: str | None = None) -> str | None:
        """Label of the edit that :meth:`undo` would take back."""
        with self._engine.reading() as connection:
            step = undo_step(connection, of=of)
        return None if step is None else step.label

    def can_redo(self, *, of: str | None = None) -> str | None:
        """Label of the edit that :meth:`redo` would make again."""
        with self._engine.reading() as connection:
            step = redo_step(connection, of=of)
        return None if step is None else step.label

    def audit(self, actor: str, action: str, detail: Any = None) -> None:
        """Note an event that changes no record (export, sign-in, refusal); never changed afterwards."""
        row = {
            "actor": clean_actor(actor),
            "action": clean_text(action) or "",
            "detail": None if detail is None else clean_json(detail),
        }
        with self._engine.writing() as connection:
            connection.execute(sa.insert(tables.audit_event).values(row))

    # -- the file ---------------------------------------------------------------------------------

    def snapshot(self, to: str | os.PathLike[str]) -> Path:
        """Write a copy of the present state: for QGIS, exports and backups.

        Parameters
        ----------
        to : path
            A file (replaced if it exists), or a folder: then the name carries plan and time.

        Raises
        ------
        LivePathError
            If the target is a plan that is open.
        """
        return write_snapshot(self._engine, Path(to))

    def close(self) -> None:
        """Match one :func:`open_plan`; the file is closed and free for other programs with the last."""
        with _registry_lock:
            self._users -= 1
            if self._users > 0 or _registry.get(self.path) is not self:
                return
            self._engine.close()
            del _registry[self.path]
            release_live(self.path)

    # -- inside -----------------------------------------------------------------------------------

    @contextmanager
    def _edit(
        self, actor: str, label: str, *, kind: str = "edit", undoes: int | None = None
    ) -> Iterator[Edit]:
        with self._engine.writing() as connection:
            tx = Edit(
                self._engine,
                connection,
                actor=actor,
                label=clean_text(label) or "修改",
                kind=kind,
                undoes=undoes,
            )
            yield tx
            tx.finish()

    def _revert(self, actor: str, kind: str, of: str | None) -> Undone | None:
        actor = clean_actor(actor)
        find = undo_step if kind == "undo" else redo_step
        with self._engine.writing() as connection:
            step = find(connection, of=of)
            if step is None:
                return None
            tx = Edit(
                self._engine,
                connection,
                actor=actor,
                label=step.label,
                kind=kind,
                undoes=step.txid,
            )
            undone = revert(self._engine, connection, tx, step)
            tx.finish()
            return undone

    def _number(self, statement: sa.Select[Any]) -> int:
        with self._engine.reading() as connection:
            return int(connection.execute(statement).scalar_one() or 0)

    def _meta(self, key: str) -> str:
        statement = sa.select(tables.meta.c.value).where(tables.meta.c.key == key)
        with self._engine.reading() as connection:
            return str(connection.execute(statement).scalar_one())
