"""Export: checked files out of a plan. One file in ``formats/`` is one format."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from data.exporting.handover import Exported, export, export_bytes
    from data.exporting.registry import Format, Loss, format_of, formats

__all__ = ["Exported", "Format", "Loss", "export", "export_bytes", "format_of", "formats"]

# Asked for late: the worker process lives in this package too, and starts three times as fast without
# the store.
_HOMES = {"Exported": "handover", "export": "handover", "export_bytes": "handover"}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = importlib.import_module(f"{__name__}.{_HOMES.get(name, 'registry')}")
    return getattr(home, name)
