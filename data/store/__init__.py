"""The plan file: one SQLite file in GeoPackage layout, written through Python's own SQLite only."""

from __future__ import annotations

from data.store.edit import Edit
from data.store.guard import is_live, refuse_live
from data.store.plan import Changes, Plan, create_plan, open_plan
from data.store.undo import Undone

__all__ = [
    "Changes",
    "Edit",
    "Plan",
    "Undone",
    "create_plan",
    "is_live",
    "open_plan",
    "refuse_live",
]
