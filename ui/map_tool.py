"""Which tool the map holds, and for which compound; set from the page, shown by the map."""

from __future__ import annotations

from dataclasses import dataclass

from ui import edits, session

__all__ = ["Tool", "current", "draw_boundary", "draw_new", "edit_boundary", "rest", "split", "use"]


@dataclass(frozen=True)
class Tool:
    """A tool of the map.

    Attributes
    ----------
    mode : str
        ``select``, ``rectangle``, ``polygon``, ``lasso``, ``draw``, ``edit``, ``split`` or ``measure``.
    uid : str or None
        Compound that is drawn, edited or split; None for a new one.
    serial : int
        Rises with every order, so that the map takes up the same tool again.
    """

    mode: str = "select"
    uid: str | None = None
    serial: int = 0


def current() -> Tool:
    """Return the tool in use."""
    tool: Tool = session.get(session.TOOL, Tool())
    return tool


def use(mode: str, uid: str | None = None) -> None:
    """Give the map a tool."""
    session.put(session.TOOL, Tool(mode, uid, current().serial + 1))
    if uid is not None:
        edits.open_card(uid)


def rest() -> None:
    """Put the tool away: the pointer selects."""
    use("select")


def draw_boundary(uid: str) -> None:
    """Draw the boundary of a compound that has none."""
    use("draw", uid)


def draw_new() -> None:
    """Draw a compound that the ledger does not have."""
    use("draw")


def edit_boundary(uid: str) -> None:
    """Move the corners of a boundary."""
    use("edit", uid)


def split(uid: str) -> None:
    """Draw a line that cuts a compound."""
    use("split", uid)
