"""The tree of errors that a planner may see.

Each message is a Chinese sentence that says what is wrong, where (file, sheet, row, field) and what to
do about it. Pages and the shell catch :class:`PlanningError` in one place and show the message as it
is; anything else is a bug and stays a traceback in the log.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

__all__ = [
    "ConflictError",
    "CrsError",
    "ExportError",
    "GeometryError",
    "LivePathError",
    "LockedError",
    "PlanningError",
    "PolicyError",
    "RecordError",
    "StoreError",
    "UploadError",
]


class PlanningError(ValueError):
    """Base: the message is shown to the user as it is."""


class CrsError(PlanningError):
    """A coordinate system is missing, unknown, or in the wrong unit."""


class GeometryError(PlanningError):
    """A geometry can not be used, cut or joined as asked."""


class RecordError(PlanningError):
    """One or more values of a table are wrong; all problems are told at once.

    Parameters
    ----------
    where : str
        File, sheet or layer, as the planner knows it.
    problems : sequence of str
        One Chinese sentence for each problem.
    """

    def __init__(self, where: str, problems: Sequence[str]) -> None:
        self.where = where
        self.problems = tuple(problems)
        super().__init__(f"{where}：" + "\n".join(self.problems))


class LockedError(RecordError):
    """An edit would move a locked compound, or change the members of a locked 片区; nothing was written."""


class UploadError(PlanningError):
    """A file can not be read: not what its name says, damaged, too large or not allowed."""


class PolicyError(PlanningError):
    """A rule file is malformed, or a rule is asked for a date that it does not cover."""


class StoreError(PlanningError):
    """The plan file can not be opened or written."""


class LivePathError(StoreError):
    """A reader other than the store was about to open a plan file that is being served."""


class ConflictError(StoreError):
    """A save is stale: somebody else has changed the record since it was read.

    Parameters
    ----------
    message : str
        What to show.
    layer, uid : str
        The record.
    mine, theirs : mapping
        The values that were to be saved and the record as it is now (``theirs`` is empty if deleted).
    """

    def __init__(
        self,
        message: str,
        *,
        layer: str,
        uid: str,
        mine: Mapping[str, Any],
        theirs: Mapping[str, Any],
    ) -> None:
        self.layer = layer
        self.uid = uid
        self.mine = dict(mine)
        self.theirs = dict(theirs)
        super().__init__(message)


class ExportError(PlanningError):
    """A file did not come out as it was meant to; nothing was handed over."""
