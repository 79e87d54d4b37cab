"""All machine code of the room brought at once, after an installation or beside the first pages."""

from __future__ import annotations

__all__ = ["warm"]


def warm() -> None:
    """Compile what proposals, layouts, open ground and sites are found with; what is on disk already is only loaded."""
    from geo import adjacency, bundling, ground, siting, stalls

    for part in (bundling, stalls, siting, adjacency, ground):
        part.warm()
