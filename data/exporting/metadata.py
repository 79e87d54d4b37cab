"""The sheet that goes with a file: what it is, from which state of the plan, in which units, checked how."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from data.exporting.content import Content
from data.exporting.registry import Format, Prepared

__all__ = ["METADATA_SUFFIX", "metadata_of", "write_metadata"]

METADATA_SUFFIX = "_元数据.json"

_CHECKS = (
    "另一进程回读文件",
    "要素个数与计划一致",
    "标识码与计划一致",
    "全部字段与计划一致，金额精确到元",
    "边界坐标与计划一致",
)


def metadata_of(
    file: Path, how: Format, crs: str, prepared: Sequence[Prepared], *, actor: str
) -> dict[str, Any]:
    """Describe a file that has been checked.

    Parameters
    ----------
    file : Path
        The file as it will be handed over.
    how : Format
        Its format.
    crs : str
        Choice of coordinate system.
    prepared : sequence of Prepared
        Its layers.
    actor : str
        Who exported it.

    Returns
    -------
    dict
        Ready for JSON.
    """
    first = prepared[0].content
    with file.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return {
        "file": file.name,
        "sha256": digest,
        "format": how.id,
        "made_on": dt.datetime.now().astimezone().isoformat(timespec="seconds"),
        "made_by": actor,
        "crs": _crs(how, crs, first),
        "plan": {
            "name": first.plan_name,
            "id": first.plan_id,
            "revision": first.revision,
            "settings": first.settings,
        },
        "layers": [_layer(one) for one in prepared],
        "checks_passed": list(_CHECKS),
    }


def write_metadata(path: Path, metadata: dict[str, Any]) -> None:
    """Write the sheet as UTF-8 JSON."""
    path.write_text(
        json.dumps(metadata, ensure_ascii=False, indent=2, allow_nan=False) + "\n",
        encoding="utf-8",
    )


def _crs(how: Format, crs: str, content: Content) -> dict[str, Any] | None:
    if not how.crs_choices:
        return None
    return {
        "id": crs,
        "title": how.crs_choices[crs],
        "stored": "EPSG:4490",
        "axis_order": "经度, 纬度",
        "plane_area_measured_in": None if content.zone is None else f"EPSG:{content.zone}",
    }


def _layer(prepared: Prepared) -> dict[str, Any]:
    content = prepared.content
    return {
        "layer": content.layer,
        "title": content.title,
        "stamp": content.stamp,
        "schematic": list(content.schematic),
        "without_boundary": list(content.without_boundary),
        "totals": content.totals,
        "unknown_rows": content.unknown,
        "fields": [
            {"name": item.name, "title": item.title, "unit": item.unit, "kind": item.kind}
            for item in content.fields
        ],
        "losses": [loss.to_dict() for loss in prepared.losses],
        "notes": list(prepared.notes),
    }
