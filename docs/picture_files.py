"""Pictures as files of the handbook: few colours, small files."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image
from scipy.spatial import KDTree

__all__ = ["save"]

# Fewer where the map is full and the file would be too large.
COLOURS = (256, 128, 96, 64)
# Of two colours of the palette, each channel 0 to 255.
LEAST_DISTANCE = 7
MOST_BYTES = 250_000


def save(path: Path, picture: bytes) -> None:
    """Save a picture with as many colours as fit."""
    whole = Image.open(io.BytesIO(picture)).convert("RGB")
    for colours in COLOURS:
        _reduced(whole, colours).save(path, optimize=True)
        if path.stat().st_size <= MOST_BYTES:
            break
    else:
        raise SystemExit(f"{path.name} is larger than {MOST_BYTES:,} bytes")
    print(f"{path.name}: {path.stat().st_size:,} bytes, {colours} colours")


def _reduced(whole: Image.Image, colours: int) -> Image.Image:
    """Keep the most frequent colours as they are: classes and legend must not run into each other."""
    pixels = np.asarray(whole)
    found, where, counts = np.unique(
        pixels.reshape(-1, 3), axis=0, return_inverse=True, return_counts=True
    )
    kept = _distinct(found[np.argsort(-counts, kind="stable")], colours)
    _, nearest = KDTree(kept).query(found)
    reduced = Image.fromarray(nearest[where].reshape(pixels.shape[:2]).astype(np.uint8), mode="P")
    reduced.putpalette(kept.tobytes())
    return reduced


def _distinct(ordered: np.ndarray, most: int) -> np.ndarray:
    """First colours of a list that are not all but the same as one before."""
    kept = ordered[:1].astype(int)
    for colour in ordered[1:].astype(int):
        if len(kept) == most:
            break
        if np.square(kept - colour).sum(axis=1).min() >= LEAST_DISTANCE**2:
            kept = np.vstack([kept, colour])
    return kept.astype(np.uint8)
