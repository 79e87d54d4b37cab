"""History by triggers in plain SQL: whoever writes, and by whatever program, the old image is kept.

While this tool writes, the one row of ``edit_now`` names its transaction and author. Another program
(QGIS, GDAL) never sees that row filled, because SQLite has one writer at a time and the row is cleared
before commit: its edits are recorded as ``external``, with a version of their own, so that a stale save
is noticed and the edit can be undone.
"""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from data.store.tables import VERSIONED

__all__ = ["EXTERNAL_ACTOR", "EXTERNAL_LABEL", "history_triggers", "table_triggers"]

EXTERNAL_ACTOR = "external"
EXTERNAL_LABEL = "外部程序修改"

# External edits that follow each other within this time make one entry of the history.
_EXTERNAL_GAP_S = 10

_OURS = "(SELECT txid FROM edit_now) IS NOT NULL"
_THEIRS = "(SELECT txid FROM edit_now) IS NULL"
_HISTORY = "INSERT INTO edit_history(tbl,fid,uid,op,version,geom,geom_changed,attrs,actor,txid)"

_NOTE_EXTERNAL = (
    "INSERT INTO edit_tx(actor,label,kind) "
    f"SELECT '{EXTERNAL_ACTOR}','{EXTERNAL_LABEL}','external' WHERE NOT EXISTS ("
    "SELECT 1 FROM edit_history h JOIN edit_tx t ON t.txid = h.txid "
    "WHERE h.seq = (SELECT max(seq) FROM edit_history) AND t.kind = 'external' "
    "AND t.txid = (SELECT max(txid) FROM edit_tx) "
    f"AND julianday(h.at) > julianday('now') - {_EXTERNAL_GAP_S} / 86400.0);"
)
_EXTERNAL_BY = f"'{EXTERNAL_ACTOR}',(SELECT max(txid) FROM edit_tx)"
_OUR_BY = "(SELECT actor FROM edit_now),(SELECT txid FROM edit_now)"


def history_triggers() -> Iterator[str]:
    """Trigger definitions for all versioned tables and for the append-only ones."""
    for table in VERSIONED.values():
        yield from table_triggers(table)
    for name in ("edit_history", "edit_tx", "audit_event"):
        for event in ("UPDATE", "DELETE"):
            yield (
                f'CREATE TRIGGER "{name}_no_{event.lower()}" BEFORE {event} ON "{name}" '
                f"BEGIN SELECT RAISE(ABORT, '{name}: 只能追加'); END"
            )


def table_triggers(table: sa.Table) -> Iterator[str]:
    """Trigger definitions for one versioned table."""
    yield from _guards(table)
    yield from _recorders(table)


def _guards(table: sa.Table) -> Iterator[str]:
    name = table.name
    yield (
        f'CREATE TRIGGER "{name}_uid_fixed" BEFORE UPDATE OF uid ON "{name}" '
        "WHEN coalesce(OLD.uid,'')<>'' AND NEW.uid IS NOT OLD.uid BEGIN SELECT RAISE(ABORT, 'uid: 标识码不能修改'); END"
    )
    yield (
        f'CREATE TRIGGER "{name}_version_step" BEFORE UPDATE ON "{name}" '
        f"WHEN {_OURS} AND NEW.version IS NOT OLD.version + 1 "
        "BEGIN SELECT RAISE(ABORT, 'version: 版本号必须加一'); END"
    )


def _recorders(table: sa.Table) -> Iterator[str]:
    name = table.name
    attrs = _old_image(table)
    spatial = "geom" in table.c
    old_geom = "CASE WHEN OLD.geom IS NOT NEW.geom THEN OLD.geom END" if spatial else "NULL"
    changed = "OLD.geom IS NOT NEW.geom" if spatial else "0"
    lost_geom = "OLD.geom,1" if spatial else "NULL,0"
    given_uid = f'(SELECT uid FROM "{name}" WHERE fid=NEW.fid)'
    next_version = (
        "1 + coalesce((SELECT max(version) FROM edit_history "
        f"WHERE tbl='{name}' AND uid={given_uid}),0)"
    )
    # uid, version and edited_by are left out, so that the corrections below do not fire a trigger again.
    names = [c.name for c in table.c if c.name not in {"fid", "uid", "version", "edited_by"}]
    watched = ",".join(f'"{column}"' for column in names)
    # GDAL writes every column of a feature that it saves; one that differs makes it an edit.
    differs = " OR ".join(f'OLD."{column}" IS NOT NEW."{column}"' for column in names)

    yield (
        f'CREATE TRIGGER "{name}_hist_i" AFTER INSERT ON "{name}" WHEN {_OURS} BEGIN '
        f"{_HISTORY} VALUES('{name}',NEW.fid,NEW.uid,'I',NEW.version,NULL,0,NULL,{_OUR_BY}); END"
    )
    yield (
        f'CREATE TRIGGER "{name}_hist_u" AFTER UPDATE ON "{name}" WHEN {_OURS} BEGIN '
        f"{_HISTORY} VALUES('{name}',OLD.fid,OLD.uid,'U',NEW.version,{old_geom},{changed},"
        f"{attrs},{_OUR_BY}); END"
    )
    yield (
        f'CREATE TRIGGER "{name}_hist_d" AFTER DELETE ON "{name}" WHEN {_OURS} BEGIN '
        f"{_HISTORY} VALUES('{name}',OLD.fid,OLD.uid,'D',OLD.version+1,{lost_geom},"
        f"{attrs},{_OUR_BY}); END"
    )
    yield (
        f'CREATE TRIGGER "{name}_ext_i" AFTER INSERT ON "{name}" WHEN {_THEIRS} BEGIN '
        f"{_NOTE_EXTERNAL} "
        f'UPDATE "{name}" SET uid=lower(hex(randomblob(8))) '
        "WHERE fid=NEW.fid AND coalesce(NEW.uid,'')=''; "
        f"UPDATE \"{name}\" SET version={next_version}, edited_by='{EXTERNAL_ACTOR}' "
        "WHERE fid=NEW.fid; "
        f"{_HISTORY} VALUES('{name}',NEW.fid,{given_uid},'I',{next_version},NULL,0,NULL,"
        f"{_EXTERNAL_BY}); END"
    )
    yield (
        f'CREATE TRIGGER "{name}_ext_u" AFTER UPDATE OF {watched} ON "{name}" '
        f"WHEN {_THEIRS} AND ({differs}) BEGIN "
        f"{_NOTE_EXTERNAL} "
        f"{_HISTORY} VALUES('{name}',OLD.fid,OLD.uid,'U',OLD.version+1,{old_geom},{changed},"
        f"{attrs},{_EXTERNAL_BY}); "
        f"UPDATE \"{name}\" SET version=OLD.version+1, edited_by='{EXTERNAL_ACTOR}' "
        "WHERE fid=NEW.fid; END"
    )
    yield (
        f'CREATE TRIGGER "{name}_ext_d" AFTER DELETE ON "{name}" WHEN {_THEIRS} BEGIN '
        f"{_NOTE_EXTERNAL} "
        f"{_HISTORY} VALUES('{name}',OLD.fid,OLD.uid,'D',OLD.version+1,{lost_geom},"
        f"{attrs},{_EXTERNAL_BY}); END"
    )


def _old_image(table: sa.Table) -> str:
    """Write the SQL for the old row as JSON, all columns but key, geometry and version."""
    skipped = {"fid", "geom", "uid", "version"}
    pairs = ",".join(
        f"'{column.name}',{_json_value(column)}" for column in table.c if column.name not in skipped
    )
    return f"json_object({pairs})"


def _json_value(column: sa.Column[object]) -> str:
    """Keep a value exactly: json_object() alone would cut a real to 15 digits and refuses a blob."""
    old = f'OLD."{column.name}"'
    if isinstance(column.type, sa.Text):
        return old
    return (
        f"CASE typeof({old}) "
        f"WHEN 'real' THEN CASE WHEN abs({old}) < 1e308 THEN json(printf('%!.20e',{old})) END "
        f"WHEN 'blob' THEN hex({old}) ELSE {old} END"
    )
