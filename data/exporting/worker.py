"""The throw-away process that writes a file, or reads one back. Run by ``data.exporting.process``.

Reads one JSON object from standard input: ``step`` (write or read), ``format``, ``path``, ``folder``,
``layers``, ``options``. Frames come and go as Arrow files in the folder.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import geopandas as gpd

from data.exporting.registry import Job, format_of

__all__ = ["main"]


def main() -> None:
    """Do the step that standard input asks for."""
    asked = json.load(sys.stdin)
    folder, path = Path(asked["folder"]), Path(asked["path"])
    how = format_of(asked["format"])
    if asked["step"] == "write":
        frames = {layer: gpd.read_feather(folder / f"{layer}.arrow") for layer in asked["layers"]}
        how.write(Job(path=path, frames=frames, options=asked["options"]))
        return
    for layer, found in how.read(path, asked["options"]).items():
        _hand_back(found, folder / f"found-{layer}")


def _hand_back(found: Any, path: Path) -> None:
    if isinstance(found, gpd.GeoDataFrame):
        found.to_feather(path.with_suffix(".arrow"))
    else:
        path.with_suffix(".json").write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main()
