"""Export: checked files out of a plan. One file in ``formats/`` is one format."""

from data.exporting.handover import Exported, export, export_bytes
from data.exporting.registry import Format, Loss, format_of, formats

__all__ = ["Exported", "Format", "Loss", "export", "export_bytes", "format_of", "formats"]
