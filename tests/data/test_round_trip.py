"""What the tool hands out comes in again as what it was: no new compounds, no changes, nothing lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from data.exporting import export
from data.importing import apply_boundaries, apply_ledger
from data.reading import ledger_frame, ledger_totals, read_boundaries, read_ledger
from data.samples import write_sample
from data.store import create_plan


@pytest.fixture
def plan(tmp_path):
    with write_sample(tmp_path / "云城.gpkg", "yuncheng-2024", "测试员") as opened:
        with opened.edit("测试员", "修改") as tx:
            values = {
                "extra": {"物业": "甲物业"},
                "built_on": "1998-12-31",
                "built_on_is_year": True,
            }
            tx.update("compounds", "YC2024-01", 1, values)
        yield opened


def exported(plan, kind, folder, **options):
    done = export(plan, kind, layer="compounds", out_dir=folder, actor="测试员", **options)
    endings = {".geojson", ".gpkg", ".zip", ".xlsx"}
    (file,) = [Path(one) for one in done.files if Path(one).suffix in endings]
    return file


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("geojson", {"crs": "4490"}),
        ("geojson", {"crs": "rfc7946"}),
        ("gpkg", {}),
        ("shapefile", {}),
    ],
)
def test_boundaries_come_back_to_their_own_plan_unchanged(plan, tmp_path, kind, options):
    done = apply_boundaries(
        plan, read_boundaries(exported(plan, kind, tmp_path, **options)), "测试员"
    )
    assert (done.new, done.changed, done.unchanged) == ((), (), 5)


@pytest.mark.parametrize("kind", ["geojson", "gpkg", "shapefile"])
def test_boundaries_bring_all_attributes_into_an_empty_plan(plan, tmp_path, kind):
    file = exported(plan, kind, tmp_path)
    with create_plan(tmp_path / "新.gpkg", name="新", actor="测试员") as other:
        apply_boundaries(other, read_boundaries(file), "测试员")
        ours, theirs = (
            one.read("compounds").drop(columns=["version", "edited_by", "geometry", "pianqu_uid"])
            for one in (plan, other)
        )
    assert theirs["boundary_state"].tolist() == ["示意"] * 5
    assert theirs.loc["YC2024-01", "extra"] == {"物业": "甲物业"}
    for name in ours.columns.drop("area_geodesic_m2"):
        assert theirs[name].astype(object).fillna("").tolist() == (
            ours[name].astype(object).fillna("").tolist()
        ), name
    assert theirs["area_geodesic_m2"].tolist() == pytest.approx(
        ours["area_geodesic_m2"].tolist(), rel=1e-3
    )


def test_the_ledger_comes_back_unchanged_with_its_totals(plan, tmp_path):
    sheet = read_ledger(exported(plan, "xlsx", tmp_path))
    frame, findings = ledger_frame(sheet)
    assert not [finding for finding in findings if finding.severity == "错误"]
    assert ledger_totals(sheet)["investment_yuan"] == 5_150_000
    done = apply_ledger(plan, frame, sheet, "测试员", findings=findings)
    assert (done.new, done.changed, done.unchanged) == ((), (), 5)
