"""GeoPackage: a fresh file with the layers asked for. Never the plan file itself."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyogrio

from data.exporting.comparing import differences
from data.exporting.content import Content
from data.exporting.registry import Format, Job, Prepared
from data.schema import LAYERS

__all__ = ["FORMAT"]

_TYPES = {"MULTIPOLYGON": "MultiPolygon", "GEOMETRY": "Unknown"}


def _prepare(content: Content, crs: str, options: dict[str, Any]) -> Prepared:  # noqa: ARG001
    return Prepared(content=content)


def _options(contents: Sequence[Content], crs: str, options: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001
    return {
        "titles": {one.layer: one.title for one in contents},
        "stamps": {one.layer: one.stamp for one in contents},
    }


def _write(job: Job) -> None:
    for i, (layer, frame) in enumerate(job.frames.items()):
        pyogrio.write_dataframe(
            frame,
            job.path,
            driver="GPKG",
            # Without a name it would be called after the temporary file.
            layer=layer,
            geometry_type=_TYPES[LAYERS[layer].geometry_type],
            append=i > 0,
            use_arrow=True,
            layer_options={
                "IDENTIFIER": job.options["titles"][layer],
                "DESCRIPTION": job.options["stamps"][layer],
                "GEOMETRY_NAME": "geom",
            },
        )


def _read(path: Path, options: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001
    return {
        layer: pyogrio.read_dataframe(path, layer=layer, use_arrow=False)
        for layer in pyogrio.list_layers(path)[:, 0]
    }


def _compare(content: Content, found: Any, crs: str) -> list[str]:  # noqa: ARG001
    return differences(content, found, tolerance_deg=0.0)


FORMAT = Format(
    id="gpkg",
    title="GeoPackage",
    extension=".gpkg",
    crs_choices={"4490": "CGCS2000（EPSG:4490）"},
    many_layers=True,
    prepare=_prepare,
    options=_options,
    write=_write,
    read=_read,
    compare=_compare,
)
