"""What has changed in a layer since a revision, so that a reader need not read it all again."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import sqlalchemy as sa

from data.store import tables
from data.store.derived import with_external_areas
from data.store.frames import layer_frame
from data.store.rows import select_layer
from data.store.sqlite_engine import SqliteEngine

__all__ = ["Changes", "changes_since"]


@dataclass(frozen=True, kw_only=True)
class Changes:
    """What happened to a layer since a revision.

    Attributes
    ----------
    frame : GeoDataFrame
        Rows that were added or changed, as they are now.
    deleted : list of str
        Uids that are gone.
    revision : int
        Ask for changes since this one next time.
    """

    frame: gpd.GeoDataFrame
    deleted: list[str]
    revision: int


def changes_since(
    engine: SqliteEngine, connection: sa.Connection, layer: str, revision: int
) -> Changes:
    """Rows of a layer that were changed after a revision; see ``Plan.changed_since``."""
    history = tables.edit_history
    table = tables.LAYER_TABLES[layer]
    changed = sa.select(history.c.uid).where(history.c.tbl == layer, history.c.seq > revision)
    uids = {row[0] for row in engine.rows(connection, changed.distinct())}
    statement = select_layer(engine, layer).where(table.c.uid.in_(changed))
    rows = engine.rows(connection, statement) if uids else []
    last = connection.execute(sa.select(sa.func.max(history.c.seq))).scalar_one()
    frame = with_external_areas(layer, layer_frame(layer, rows))
    return Changes(
        frame=frame, deleted=sorted(uids.difference(frame.index)), revision=int(last or 0)
    )
