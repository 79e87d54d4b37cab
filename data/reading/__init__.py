"""Files that come in: ledgers and boundaries, read by a throw-away process and told in Chinese.

The public names are fetched when they are asked for: the worker process sets its limits before anything
heavy is imported, and it lives in this package.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from data.reading.boundaries import Boundaries, read_boundaries, read_layers
    from data.reading.inspection import Inspection, LayerHead, inspect_upload
    from data.reading.ledger import (
        LedgerColumn,
        LedgerRow,
        LedgerSheet,
        read_ledger,
    )
    from data.reading.ledger_values import ledger_frame, ledger_totals

__all__ = [
    "Boundaries",
    "Inspection",
    "LayerHead",
    "LedgerColumn",
    "LedgerRow",
    "LedgerSheet",
    "inspect_upload",
    "ledger_frame",
    "ledger_totals",
    "read_boundaries",
    "read_layers",
    "read_ledger",
]

_HOMES = {
    "Boundaries": "boundaries",
    "read_boundaries": "boundaries",
    "read_layers": "boundaries",
    "Inspection": "inspection",
    "LayerHead": "inspection",
    "inspect_upload": "inspection",
    "LedgerColumn": "ledger",
    "LedgerRow": "ledger",
    "LedgerSheet": "ledger",
    "read_ledger": "ledger",
    "ledger_frame": "ledger_values",
    "ledger_totals": "ledger_values",
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{home}"), name)
