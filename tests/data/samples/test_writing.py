"""Samples come out of the plan file as they went in, and are where the plan begins."""

import pandas as pd
import pytest

from data.samples import city, litong_parking, write_sample, yuncheng_2024
from errors import RecordError, StoreError


@pytest.mark.parametrize(
    ("sample", "made"),
    [
        ("yuncheng-2024", yuncheng_2024),
        ("litong-parking", litong_parking),
        ("city:30:4", lambda: city(30, 4)),
    ],
)
def test_a_sample_is_read_back_as_it_was_made(tmp_path, sample, made):
    expected = made()
    with write_sample(tmp_path / "计划.gpkg", sample, "王工") as plan:
        assert plan.settings()["name"] == expected.name
        assert plan.settings()["ledger_totals" if expected.totals else "year"]
        for layer, frame in expected.layers.items():
            found = plan.read(layer)
            assert list(found.index) == list(frame.index)
            assert (found.geometry.to_wkb() == frame.geometry.to_wkb()).all()
            same = [c for c in frame.columns if c not in ("geometry", "edited_by")]
            pd.testing.assert_frame_equal(
                pd.DataFrame(found[same]), pd.DataFrame(frame[same]), check_index_type=False
            )
        assert len(plan.read_table("ledger")) == len(expected.ledger_rows)


def test_a_sample_can_not_be_undone(tmp_path):
    with write_sample(tmp_path / "a.gpkg", "yuncheng-2024", "王工") as plan:
        assert plan.can_undo() is None


@pytest.mark.parametrize("sample", ["yuncheng", "city:5", "city:x:1", "city:5:-1", "../etc"])
def test_an_unknown_sample_makes_no_file(tmp_path, sample):
    with pytest.raises(RecordError, match="没有名为"):
        write_sample(tmp_path / "a.gpkg", sample, "王工")
    assert not list(tmp_path.iterdir())


def test_an_existing_file_is_never_replaced(tmp_path):
    (tmp_path / "a.gpkg").write_bytes(b"mine")
    with pytest.raises(StoreError, match="已经存在"):
        write_sample(tmp_path / "a.gpkg", "yuncheng-2024", "王工")
    assert (tmp_path / "a.gpkg").read_bytes() == b"mine"
