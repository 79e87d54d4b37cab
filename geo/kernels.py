"""All machine code of the room brought at once, after an installation or beside the first pages."""

from __future__ import annotations

__all__ = ["warm"]


def warm() -> None:
    """Compile what proposals, layouts and sites search with; what is on disk already is only loaded."""
    from geo import adjacency, bundling, siting, stalls

    for part in (bundling, stalls, siting, adjacency):
        part.warm()
