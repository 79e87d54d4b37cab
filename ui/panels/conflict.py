"""A stale save: both versions side by side, and the planner decides field by field."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from data.schema import FIELDS
from errors import ConflictError
from policy.wording import UNKNOWN
from ui import edits, map_tool, messages, session
from ui.words import field_text, safe

__all__ = ["show_pending"]

# Set by the tool itself: nothing to choose.
MANAGED = {"uid", "version", "edited_by", "extra", "built_on_is_year", "area_geodesic_m2"}
MINE, THEIRS = "用我的", "用对方的"
SHAPE = "geometry"


def show_pending() -> None:
    """Open the dialog if a save was refused."""
    error: ConflictError | None = session.get(session.CONFLICT)
    if error is not None:
        _dialog(error)


def _reread() -> None:
    """Leave the other version as it is and read it."""
    session.take(session.CONFLICT)
    session.take(session.EDITING)
    session.take(session.DRAFT)
    session.forget("record")
    session.forget("conflict")
    map_tool.rest()


@st.dialog("保存被拒绝：资料已被他人修改", width="large", on_dismiss=_reread)
def _dialog(error: ConflictError) -> None:
    theirs = error.theirs
    if not theirs:
        st.markdown("这条记录已被他人删除，你的修改没有保存。可在“撤销”中恢复后再改。")
        if st.button("重新读取", type="primary"):
            _reread()
            st.rerun()
        return
    who = theirs.get("edited_by") or UNKNOWN
    st.markdown(
        f"“{safe(theirs.get('name') or '')}”在你打开之后被 **{safe(who)}** 修改过。"
        "没有任何内容被覆盖。请逐项选择，或重新读取对方的版本。"
    )
    fields = _different(error.mine, theirs)
    for column, head in zip(
        st.columns([3, 4, 4, 3]), ("", "我的版本", "对方的版本（现在的）", "保存哪个"), strict=True
    ):
        column.caption(head)
    choices = {name: _choice(name, error.mine, theirs) for name in fields}
    _others(error)
    left, right = st.columns(2)
    if left.button("按所选保存", type="primary", width="stretch", key="conflict_save"):
        values = {n: error.mine[n] for n, chosen in choices.items() if chosen == MINE}
        if "built_on" in values and "built_on_is_year" in error.mine:
            values["built_on_is_year"] = error.mine["built_on_is_year"]
        if SHAPE in values and "boundary_state" in error.mine:
            values["boundary_state"] = error.mine["boundary_state"]
        _save(error, values)
    if right.button("重新读取，放弃我的修改", width="stretch", key="conflict_reread"):
        _reread()
        st.rerun()


def _others(error: ConflictError) -> None:
    """Say what else the other planner has changed, which is kept in any case."""
    before: pd.Series | None = session.get(session.EDITING)
    if before is None or str(before.name) != error.uid:
        return
    changed = [
        f"{FIELDS[name].title} {safe(field_text(name, {'built_on_is_year': None, **error.theirs}))}"
        for name in FIELDS
        if name not in MANAGED and name in error.theirs and name not in error.mine
        if not _same(before[name], error.theirs[name])
    ]
    if changed:
        st.info(f"对方还修改了（保留对方的）：{'；'.join(changed)}")


def _save(error: ConflictError, values: dict[str, Any]) -> None:
    _reread()
    if values:
        version = int(error.theirs["version"])
        name = str(error.theirs.get("name") or error.uid)
        # Again under a version: if it has changed once more, the dialog comes back.
        messages.guarded(edits.save_record)(error.uid, version, values, name=name)
    st.rerun()


def _different(mine: dict[str, Any], theirs: dict[str, Any]) -> list[str]:
    names = [n for n in mine if n not in MANAGED and (n in FIELDS or n == SHAPE)]
    return [name for name in names if not _same(mine[name], theirs.get(name))]


def _same(one: Any, other: Any) -> bool:
    if hasattr(one, "equals_exact") and hasattr(other, "equals_exact"):
        return bool(one.equals_exact(other, 0))
    empty = [v is None or (pd.api.types.is_scalar(v) and bool(pd.isna(v))) for v in (one, other)]
    return all(empty) if any(empty) else bool(one == other)


def _choice(name: str, mine: dict[str, Any], theirs: dict[str, Any]) -> str:
    title, my, their, choice = st.columns([3, 4, 4, 3], vertical_alignment="center")
    title.markdown(f"**{'边界' if name == SHAPE else FIELDS[name].title}**")
    my.markdown(safe(_written(name, mine)))
    their.markdown(safe(_written(name, theirs)))
    chosen = choice.radio(
        FIELDS[name].title if name in FIELDS else "边界",
        [MINE, THEIRS],
        horizontal=True,
        label_visibility="collapsed",
        key=session.widget("conflict", name),
    )
    return chosen or THEIRS


def _written(name: str, record: dict[str, Any]) -> str:
    if name == SHAPE:
        return "改过的边界" if record.get(SHAPE) is not None else "没有边界"
    return field_text(name, {"built_on_is_year": None, **record})
