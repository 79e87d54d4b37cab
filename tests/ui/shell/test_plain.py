"""What comes out of a step is plain enough for JSON, and unknown stays unknown."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ui.shell.plain import plain


@dataclass(frozen=True)
class Edit:
    uid: str
    values: tuple[float, ...]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.int64(3), 3),
        (np.float64("nan"), None),
        (np.bool_(True), True),
        (pd.NA, None),
        (pd.NaT, None),
        (float("inf"), None),
        (Path("a") / "b.gpkg", str(Path("a") / "b.gpkg")),
        (date(2000, 12, 31), "2000-12-31"),
        (Edit("c1", (1.0, float("nan"))), {"uid": "c1", "values": [1.0, None]}),
        (np.array([1, 2]), [1, 2]),
        (pd.Series([1, None], dtype="Int64"), [1, None]),
        (pd.DataFrame({"i": ["a"], "gap_m": [0.5]}), [{"i": "a", "gap_m": 0.5}]),
        ({1: {"x"}}, {"1": ["x"]}),
        ((), []),
    ],
)
def test_values_become_plain(value: object, expected: object) -> None:
    found = plain(value)
    assert found == expected
    assert json.loads(json.dumps(found, allow_nan=False)) == expected
