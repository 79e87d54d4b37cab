"""GeoPackage geometry blobs: a small header with the box, then plain WKB.

Layout: GeoPackage 1.3, clause 2.1.3 (magic ``GP``, version, flags, srs_id, envelope, WKB).
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

__all__ = ["SRS_ID", "blob_box", "decode", "encode"]

# CGCS2000 geographic; geometries of a plan are stored in nothing else.
SRS_ID = 4490

_HEADER = struct.Struct("<2sBBi4d")
# Little endian, envelope of four doubles (minx, maxx, miny, maxy), not empty.
_FLAGS = 0b0000_0011
_ENVELOPE_BYTES = (0, 32, 48, 48, 64)
_EMPTY_FLAG = 0b0001_0000

Box = tuple[float, float, float, float]


def encode(geometries: npt.NDArray[np.object_]) -> list[bytes | None]:
    """Turn geometries into blobs; missing and empty ones become None."""
    bodies = shapely.to_wkb(geometries, byte_order=1, output_dimension=2, flavor="iso")
    boxes = shapely.bounds(geometries).tolist()
    return [
        None
        if body is None or box[0] != box[0]
        else _HEADER.pack(b"GP", 0, _FLAGS, SRS_ID, box[0], box[2], box[1], box[3]) + body
        for body, box in zip(bodies.tolist(), boxes, strict=True)
    ]


def decode(blobs: Sequence[bytes | None]) -> npt.NDArray[Any]:
    """Turn blobs into an array of geometries; NULL and empty ones become None."""
    bodies = np.empty(len(blobs), dtype=object)
    for row, blob in enumerate(blobs):
        if blob is not None:
            # The first test is the header that this file writes; GDAL leaves the box of a point away.
            bodies[row] = blob[40:] if blob[3] == _FLAGS else _body(blob)
    geometries = shapely.from_wkb(bodies)
    # GDAL may write an empty geometry where it means none.
    geometries[shapely.is_empty(geometries)] = None
    return np.asarray(geometries, dtype=object)


def blob_box(blob: bytes | None) -> Box | None:
    """Box of a blob as minx, maxx, miny, maxy; read from the header, None if empty or missing."""
    if blob is None or blob[3] & _EMPTY_FLAG:
        return None
    if blob[3] >> 1 & 0b111:
        order = "<" if blob[3] & 1 else ">"
        box: Box = struct.unpack_from(order + "4d", blob, 8)
    else:
        minx, miny, maxx, maxy = shapely.from_wkb(_body(blob)).bounds or (float("nan"),) * 4
        box = (minx, maxx, miny, maxy)
    return None if box[0] != box[0] else box


def _body(blob: bytes) -> bytes:
    if blob[:2] != b"GP":
        raise ValueError("not a GeoPackage geometry")
    return blob[8 + _ENVELOPE_BYTES[blob[3] >> 1 & 0b111] :]
