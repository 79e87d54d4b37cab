"""What the page 出图 makes ready: checked files with their metadata, sheets of the state they name."""

from __future__ import annotations

import datetime as dt
import io
import json
import re

import pytest
from pypdf import PdfReader

from errors import PlanningError
from ui.handover import FileOrder, SheetOrder, make_file, make_picture, make_sheet

GEOJSON = FileOrder(layer="compounds", format="geojson", crs="4490")
SHEET = SheetOrder(title="甲图", theme="investment_per_household", made_on=dt.date(2024, 6, 30))
PNG = b"\x89PNG\r\n"


def quiet(share: float, said: str) -> None:
    assert 0 <= share <= 1
    assert said


def test_a_file_comes_with_its_metadata_and_the_revision_that_it_shows(plan):
    ready = make_file(plan.plan, GEOJSON, actor="甲", progress=quiet)
    assert ready.revision == plan.plan.revision()
    file, metadata = ready.exported.files
    assert set(ready.contents) == {file.name, metadata.name}
    features = json.loads(ready.contents[file.name])["features"]
    assert sum(f["properties"]["investment_yuan"] for f in features) == 5_150_000
    said = json.loads(ready.contents[metadata.name])
    assert (said["made_by"], said["plan"]["revision"]) == ("甲", ready.edition)
    # Made and filled: two edits, however many rows that wrote.
    assert ready.edition == plan.view().edition == 2


def test_only_the_ordered_rows_go_out(plan):
    uids = tuple(plan.plan.read("compounds").index[:2])
    order = FileOrder(layer="compounds", format="geojson", crs="4490", uids=uids)
    ready = make_file(plan.plan, order, actor="甲", progress=quiet)
    features = json.loads(ready.contents[ready.exported.files[0].name])["features"]
    assert {f["properties"]["uid"] for f in features} == set(uids)
    assert ready.exported.totals["features"] == 2


def test_a_stop_ends_the_export_and_leaves_the_plan_alone(plan):
    class StopError(Exception):
        pass

    def stop(share: float, said: str) -> None:
        raise StopError

    before = plan.plan.revision()
    with pytest.raises(StopError):
        make_file(plan.plan, GEOJSON, actor="甲", progress=stop)
    assert plan.plan.revision() == before


@pytest.mark.parametrize(
    ("shown", "says"),
    [
        (
            0,
            "筛选后（或所选）的范围里一个小区也没有，画不出图纸。请到“总图”放宽筛选，或把范围换成“全部”。",
        ),
        (2, "范围里的 2 个小区都还没有边界，画不出图纸。"),
        (None, "还没有任何边界，画不出图纸。"),
    ],
)
def test_a_sheet_with_nothing_to_draw_says_why_and_not_that_the_zone_is_unknown(plan, shown, says):
    uids = None if shown is None else tuple(plan.plan.read("compounds").index[:shown])
    if shown != 0:
        rows = plan.plan.read("compounds")
        with plan.plan.edit("甲", "清除边界") as tx:
            for uid, version in rows["version"].items():
                tx.update("compounds", str(uid), int(version), {"geometry": None})
    order = SheetOrder(title="图", theme="built", made_on=dt.date(2024, 6, 30), uids=uids)
    with pytest.raises(PlanningError, match=re.escape(says)):
        make_sheet(plan.plan, order)


def test_a_sheet_is_a_pdf_with_its_numbers_as_text_and_a_picture_of_it(plan):
    ready = make_sheet(plan.plan, SHEET)
    assert ready.revision == plan.plan.revision()
    assert ready.preview.startswith(PNG)
    assert ready.edition == 2
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(ready.pdf)).pages)
    for words in ("甲图", "515.0", "465.0", "1,061", "2024年6月30日"):
        assert words in text


def test_a_print_is_finer_than_the_preview(plan):
    coarse, fine = (make_picture(plan.plan, SHEET, dpi=dpi) for dpi in (50, 100))
    assert coarse.startswith(PNG)
    assert width(fine) == pytest.approx(2 * width(coarse), abs=2)


def width(picture: bytes) -> int:
    return int.from_bytes(picture[16:20], "big")
