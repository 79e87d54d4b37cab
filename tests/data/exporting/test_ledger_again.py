"""A ledger that went out comes back in through the door for ledgers, with nothing lost."""

import pandas as pd

from data.exporting import export
from data.exporting.ledger_layout import ledger_grid
from data.exporting.workbook import write_xlsx
from data.reading import ledger_frame, read_ledger
from data.samples import city, write_sample

SAME = (
    "name",
    "subdistrict",
    "community",
    "built_on",
    "households",
    "building_count",
    "floor_area_m2",
    "works_text",
    "investment_yuan",
    "grant_central_yuan",
    "grant_provincial_yuan",
    "grant_district_yuan",
    "contribution_residents_yuan",
    "stalls_existing",
    "stalls_new",
)


def read_again(path):
    sheet = read_ledger(path, path.name)
    return ledger_frame(
        sheet, {column.index: column.field for column in sheet.columns if column.field}
    )


def test_a_city_ledger_is_read_again_to_the_yuan(tmp_path):
    went_out = city(120, 5, with_details=False).layers["compounds"]
    write_xlsx(ledger_grid(went_out), tmp_path / "台账.xlsx")
    came_in, _ = read_again(tmp_path / "台账.xlsx")
    for name in SAME:
        want, have = went_out[name].tolist(), came_in[name].tolist()
        for a, b in zip(want, have, strict=True):
            assert (pd.isna(a) and pd.isna(b)) or a == b, (name, a, b)


def test_an_exported_ledger_is_read_again_with_its_column_of_pianqu_left_aside(tmp_path):
    with write_sample(tmp_path / "a.gpkg", "yuncheng-2024", "王工") as plan:
        done = export(plan, "xlsx", out_dir=tmp_path, actor="王工")
        went_out = plan.read("compounds")
    came_in, findings = read_again(done.files[0])
    assert came_in["name"].tolist() == went_out["name"].tolist()
    assert came_in["investment_yuan"].tolist() == went_out["investment_yuan"].tolist()
    assert not [finding for finding in findings if finding.severity == "错误"]
