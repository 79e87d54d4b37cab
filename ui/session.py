"""The one file of session keys.

Everything that a page keeps between two runs is named here, so that no two pages use one key for two
things. What must outlive the session (F5, a lost connection) is not kept here but in the workspace
(:mod:`ui.workspace`), of which the session only holds the loaded copy.

Keys of widgets are made by :func:`widget`: one prefix a panel, so that a page can forget its widgets when
their record changes.
"""

from __future__ import annotations

from typing import Any, TypeVar

import streamlit as st

__all__ = [
    "BACKUP",
    "BOUNDARY_IMPORT",
    "BUSY",
    "COMPARE_MOUNTED",
    "CONFIRM",
    "CONFLICT",
    "DRAFT",
    "EDITING",
    "FIT",
    "FIT_TOLD",
    "IMPORT_DONE",
    "IMPORT_JOB",
    "LAST_CLICK",
    "LAST_EVENT",
    "LEDGER_IMPORT",
    "MESSAGES",
    "MOUNTED",
    "PROPOSALS",
    "READY_FILE",
    "READY_SHEET",
    "RULE_FORM",
    "SAVED",
    "SCENE",
    "SEARCH",
    "SHEET_ORDER",
    "SITE_ASKED",
    "SITE_GAPS",
    "SITE_PROPOSAL",
    "SPACE_ASKED",
    "SPACE_DRAWN",
    "SPACE_GROUND",
    "SPACE_LAYOUTS",
    "SPACE_PINNED",
    "TABLE_EPOCH",
    "TOKEN",
    "TOOL",
    "UPLOAD_EPOCH",
    "VOTE_FORM",
    "WORKSPACE",
    "forget",
    "get",
    "put",
    "take",
    "widget",
]

T = TypeVar("T")

# --- frame -----------------------------------------------------------------------------------------
WORKSPACE = "workspace"  # ui.workspace.Workspace of this session
SCENE = "scene"  # ui.scene.Scene of the run, for callbacks: what the planner saw when clicking
SAVED = "saved"  # text of the workspace as it was last kept
TOKEN = "token"  # noqa: S105  # right of this session to the plan's routes (ui.tokens), no password
MESSAGES = "messages"  # list of (kind, text) that the next run shows
BUSY = "busy"  # long work under way, for the strip

# --- 总图 ------------------------------------------------------------------------------------------
LAST_EVENT = "last_event"  # sequence number of the last map event that was handled
MOUNTED = "mounted"  # what the map was mounted with (ui.map_view)
LAST_CLICK = "last_click"  # where the map was clicked last, to cycle through a crowded spot
TOOL = "tool"  # what the map's pointer does, and to whom: ui.map_tool.Tool
FIT = "fit"  # (sequence, bounds) of the last request to move the map
FIT_TOLD = "fit_told"  # last such sequence that the map has been told (ui.map_view)
DRAFT = "draft"  # geometry drawn, cut or joined that waits for the planner's word
CONFLICT = "conflict"  # ui.panels.conflict.Conflict of a stale save
EDITING = "editing"  # record of the compound whose form is open, as it was when it was opened
TABLE_EPOCH = "table_epoch"  # rises when something else than the table selects
CONFIRM = "confirm"  # what a dialog asks about

# --- 片区, 数据, 出图: the keys of these pages follow here, one block a page -------------------------
PROPOSALS = "proposals"  # data.proposing.Proposals that wait to be taken over, the best first
SEARCH = "search"  # ui.search.Search under way; the kind of search follows, as in search:propose
COMPARE_MOUNTED = "compare_mounted"  # what the maps side by side were mounted with (ui.compare_map)
READY_FILE = "ready_file"  # ui.handover.ReadyFile that waits to be fetched
READY_SHEET = "ready_sheet"  # ui.handover.ReadySheet that is shown
SHEET_ORDER = "sheet_order"  # ui.handover.SheetOrder as the panel has it now

# --- 空间 ------------------------------------------------------------------------------------------
SPACE_GROUND = (
    "space_ground"  # what open ground was worked out last, and for what (ui.space_ground)
)
SPACE_ASKED = "space_asked"  # for what the one under way is
SPACE_LAYOUTS = "space_layouts"  # layouts of this session by compound (ui.space_layouts)
SPACE_PINNED = "space_pinned"  # layouts that others are compared with: 方案甲
SPACE_DRAWN = "space_drawn"  # the overlay that was made last, and of what (ui.space_overlay)
SITE_GAPS = "site_gaps"  # who is served by what, and for what it was worked out (ui.space_sites)
SITE_ASKED = "site_asked"  # for what the one under way is
SITE_PROPOSAL = (
    "site_proposal"  # (serial, data.site_proposal.SiteProposal that waits to be saved or None)
)

# --- 数据 ------------------------------------------------------------------------------------------
LEDGER_IMPORT = "ledger_import"  # ui.import_ledger.LedgerImport on its way in
BOUNDARY_IMPORT = "boundary_import"  # ui.import_boundaries.BoundaryImport on its way in
IMPORT_JOB = "import_job"  # ui.import_job.Job under way
IMPORT_DONE = "import_done"  # (tab, lines) that say what the last import did
UPLOAD_EPOCH = "upload_epoch"  # rises with every file, so that the field is empty again
BACKUP = "backup"  # (revision, file name, bytes) of a snapshot that waits to be fetched

# --- 政策 ------------------------------------------------------------------------------------------
RULE_FORM = "rule_form"  # ui.panels.policy_rule_form.RuleForm that is open
VOTE_FORM = "vote_form"  # (compound, uid or None, version) of the vote whose form is filled


def get(key: str, default: T | None = None) -> Any:
    """Value under `key`, or `default`."""
    return st.session_state.get(key, default)


def put(key: str, value: Any) -> None:
    """Keep `value` under `key` until the session ends."""
    st.session_state[key] = value


def take(key: str, default: Any = None) -> Any:
    """Value under `key`, which is forgotten by this."""
    return st.session_state.pop(key, default)


def widget(panel: str, *parts: object) -> str:
    """Key of a widget: the panel's prefix and whatever tells its widgets apart."""
    return ":".join(["w", panel, *map(str, parts)])


def forget(panel: str) -> None:
    """Drop the state of all widgets of `panel`, so that they start from their record again."""
    prefix = widget(panel, "")
    for key in [k for k in st.session_state if str(k).startswith(prefix)]:
        del st.session_state[key]
