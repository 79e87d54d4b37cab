"""车位方案: layouts of stalls on compounds, made beside the plan, looked at, and saved in one step.

A layout carries its settings and the state of the plan that it was made of; once the plan has moved on it can no
longer be saved.
"""

from __future__ import annotations

from data.layout_edits import Added, add_stall, edit_stalls, remove_stalls
from data.layout_making import LAYOUT_LAYERS, make_layouts
from data.layout_reading import open_layout
from data.layout_records import (
    BASIS_LAYERS,
    USES,
    LayoutFigures,
    Origin,
    Site,
    StallLayout,
    basis_of,
    is_stale,
    layout_frame,
    origin_of,
)
from data.layout_saving import SavedLayout, delete_layouts, save_layouts, saved_layouts

__all__ = [
    "BASIS_LAYERS",
    "LAYOUT_LAYERS",
    "USES",
    "Added",
    "LayoutFigures",
    "Origin",
    "SavedLayout",
    "Site",
    "StallLayout",
    "add_stall",
    "basis_of",
    "delete_layouts",
    "edit_stalls",
    "is_stale",
    "layout_frame",
    "make_layouts",
    "open_layout",
    "origin_of",
    "remove_stalls",
    "save_layouts",
    "saved_layouts",
]
