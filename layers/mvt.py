"""Mapbox vector tiles from arrays: the wire format, and nothing about what is drawn.

A tile is a protocol buffer (Mapbox Vector Tile Specification 2.1). Everything in a layer but its name is
a run of variable-length integers, so a whole layer is laid out as one integer array and encoded in one go:
about twenty times faster than building messages feature by feature.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

__all__ = ["LINE", "POINT", "POLYGON", "TileLayerData", "encode_layer"]

Ints = NDArray[np.int64]

POINT = 1
LINE = 2
POLYGON = 3

_MOVE_TO = 9  # command 1, count 1
_LINE_TO = 2
_CLOSE_PATH = 15  # command 7, count 1


@dataclass(frozen=True, kw_only=True)
class TileLayerData:
    """Features of one layer in tile coordinates.

    Attributes
    ----------
    ids : array of int
        Feature ids, one per feature.
    kinds : array of int or None
        Value of the attribute ``k``, one per feature; left out of the tile if all are 0.
    types : array of int
        :data:`POINT`, :data:`LINE` or :data:`POLYGON`, one per feature.
    feature_of_ring : array of int
        Position of the feature that each ring or line belongs to, ascending.
    ring_of_point : array of int
        Position of the ring that each point belongs to, ascending.
    points : array of int, shape (n, 2)
        Tile coordinates, y downwards; rings are not closed by a repeated point.
    """

    ids: Ints
    kinds: Ints | None
    types: Ints
    feature_of_ring: Ints
    ring_of_point: Ints
    points: Ints


def encode_layer(name: str, extent: int, data: TileLayerData) -> bytes:
    """Encode one layer as a field of a tile; layers are joined by putting them one after the other.

    Parameters
    ----------
    name : str
        Layer name.
    extent : int
        Width of the tile in tile coordinates.
    data : TileLayerData
        Features; rings have at least three points, lines at least two, a point is a ring of one.

    Returns
    -------
    bytes
        Empty if there is no feature.
    """
    if len(data.ids) == 0:
        return b""
    if data.kinds is not None and not data.kinds.any():
        data = replace(data, kinds=None)
    geometry, feature_of_value = _geometry_values(data)
    values, codes = _distinct(data.kinds)
    features = _features(data, geometry, feature_of_value, codes)
    body = (
        _text_field(1, name)
        + features
        + (_text_field(3, "k") if data.kinds is not None else b"")
        + b"".join(_message(4, b"\x28" + _varint(int(value))) for value in values)
        + b"\x28"
        + _varint(extent)
        + b"\x78\x02"
    )
    return _message(3, body)


def _distinct(kinds: Ints | None) -> tuple[Ints, Ints]:
    if kinds is None:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    values, codes = np.unique(kinds, return_inverse=True)
    return values, codes.astype(np.int64)


def _geometry_values(data: TileLayerData) -> tuple[Ints, Ints]:
    """Command integers of all features one after the other, and the feature each belongs to."""
    points_in_ring = np.bincount(data.ring_of_point, minlength=len(data.feature_of_ring))
    types = data.types[data.feature_of_ring]
    is_polygon, goes_on = types == POLYGON, types != POINT
    length = 2 * points_in_ring + 1 + goes_on + is_polygon
    start = np.cumsum(length) - length
    out = np.empty(int(length.sum()), np.int64)
    out[start] = _MOVE_TO
    out[start[goes_on] + 3] = (points_in_ring[goes_on] - 1) << 3 | _LINE_TO
    out[(start + length - 1)[is_polygon]] = _CLOSE_PATH
    first_point = np.cumsum(points_in_ring) - points_in_ring
    place_in_ring = np.arange(len(data.points)) - first_point[data.ring_of_point]
    at = start[data.ring_of_point] + 2 * place_in_ring + np.where(place_in_ring == 0, 1, 2)
    out[at], out[at + 1] = _zigzag(_deltas(data)).T
    return out, np.repeat(data.feature_of_ring, length)


def _deltas(data: TileLayerData) -> Ints:
    """Step from point to point; the pen goes on from ring to ring and starts anew at a feature."""
    feature = data.feature_of_ring[data.ring_of_point]
    before = np.vstack([np.zeros((1, 2), np.int64), data.points[:-1]])
    starts = np.concatenate([[True], feature[1:] != feature[:-1]])
    before[starts] = 0
    return data.points - before


def _zigzag(values: Ints) -> Ints:
    return (values << 1) ^ (values >> 63)


def _features(data: TileLayerData, geometry: Ints, feature_of_value: Ints, codes: Ints) -> bytes:
    count = len(data.ids)
    geometry_bytes = np.bincount(
        feature_of_value, weights=_varint_sizes(geometry), minlength=count
    ).astype(np.int64)
    head = [np.full(count, 0x08), data.ids]
    if data.kinds is not None:
        head += [np.full(count, 0x12), 1 + _varint_sizes(codes), np.zeros(count, np.int64), codes]
    head += [np.full(count, 0x18), data.types, np.full(count, 0x22), geometry_bytes]
    inner = np.column_stack(head).astype(np.int64)
    feature_bytes = _varint_sizes(inner).sum(axis=1) + geometry_bytes
    front = np.column_stack([np.full(count, 0x12), feature_bytes, inner])
    values_in_feature = np.bincount(feature_of_value, minlength=count)
    first = np.cumsum(values_in_feature) - values_in_feature
    stream = np.insert(geometry, np.repeat(first, front.shape[1]), front.ravel())
    return _varints(stream)


def _varint_sizes(values: Ints) -> Ints:
    return 1 + sum((values >= 1 << shift).astype(np.int64) for shift in (7, 14, 21, 28, 35))


def _varints(values: Ints) -> bytes:
    sizes = _varint_sizes(values)
    place = np.cumsum(sizes) - sizes
    out = np.zeros(int(sizes.sum()), np.uint8)
    for step in range(int(sizes.max(initial=0))):
        more = sizes > step
        last = sizes[more] == step + 1
        septet = (values[more] >> (7 * step)) & 0x7F
        out[place[more] + step] = np.where(last, septet, septet | 0x80)
    return out.tobytes()


def _varint(value: int) -> bytes:
    return _varints(np.array([value], np.int64))


def _message(field: int, body: bytes) -> bytes:
    return bytes([field << 3 | 2]) + _varint(len(body)) + body


def _text_field(field: int, text: str) -> bytes:
    return _message(field, text.encode())
