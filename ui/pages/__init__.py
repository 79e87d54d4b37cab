"""The table of pages: one file a page, each with ``show()``.

A page that is not in the table is not offered. To add one: write ``ui/pages/<file>.py`` with ``show(scene)``
and a line here.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ui.scene import Scene

__all__ = ["PAGES", "PageEntry"]


@dataclass(frozen=True, kw_only=True)
class PageEntry:
    """One page of the top navigation.

    Attributes
    ----------
    title : str
        As the planner reads it.
    address : str
        Last part of the address; empty for the page that opens first.
    module : str
        File under ``ui/pages``; it has ``show(scene)``.
    """

    title: str
    address: str
    module: str

    def show(self, scene: Scene) -> None:
        """Draw the page."""
        # Loaded when it is opened, so that the first page does not wait for all others.
        import_module(f"ui.pages.{self.module}").show(scene)


PAGES: tuple[PageEntry, ...] = (
    PageEntry(title="总图", address="", module="overview"),
    PageEntry(title="片区", address="pianqu", module="pianqu"),
    PageEntry(title="空间", address="space", module="space"),
    PageEntry(title="政策", address="policy", module="policy"),
    PageEntry(title="数据", address="data", module="data"),
    PageEntry(title="出图", address="output", module="output"),
)
