"""Bad files: one clear Chinese sentence each, and the plan is as it was."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from openpyxl import Workbook
from shapely.geometry import box

from data.importing import apply_boundaries, apply_ledger
from data.reading import ledger_frame, read_boundaries, read_ledger
from data.store import create_plan
from errors import PlanningError
from tests.data.incoming import LAT, LON, boundary_file, ledger


@pytest.fixture
def plan(tmp_path):
    with create_plan(tmp_path / "方案.gpkg", name="云城", actor="测试员") as opened:
        yield opened


def bad_files(folder: Path) -> dict[str, Path]:
    """The bad input of the first release, one file each."""

    def workbook(name, head, *rows):
        book = Workbook()
        for row in (head, *rows):
            book.active.append(row)
        book.save(folder / name)
        return folder / name

    head = ["小区名称", "居民户数（户）"]
    (folder / "空.xlsx").write_bytes(b"")
    (folder / "空.zip").write_bytes(b"")
    return {
        "empty": folder / "空.xlsx",
        "columns": workbook("错列.xlsx", ["姓名", "年龄"], ["张三", 18]),
        "text": workbook("文字.xlsx", head, ["甲", 24], ["乙", "很多"]),
        "negative": workbook("负数.xlsx", head, ["甲", 24], ["乙", -24]),
        "sea": boundary_file(
            folder, ({"name": "海上"}, box(118.0, 18.0, 118.001, 18.001)), name="海.geojson"
        ),
        "zip": folder / "空.zip",
    }


@pytest.mark.parametrize(
    ("case", "sentence"),
    [
        ("empty", "“空.xlsx”是空文件（0 字节），请重新导出后再上传。"),
        (
            "columns",
            "错列.xlsx：没有找到表头，缺少“小区名称”一栏。请检查是否选错了文件，"
            "或把表头改成“小区名称、居民户数、楼栋数、住宅建筑面积、预计投资额”等。",
        ),
        (
            "text",
            "文字.xlsx：台账第 3 行“居民户数”不是数字：很多。请改成数字；没有就填“/”，不清楚就留空。",
        ),
        ("negative", "负数.xlsx：台账第 3 行“居民户数”是负数：-24。请改成 0 或正数。"),
        (
            "sea",
            "海.geojson：第 1 个图形落在海上或国境之外（粗略判断），请检查坐标系或位置，确认无误再导入。",
        ),
        ("zip", "“空.zip”是空文件（0 字节），请重新导出后再上传。"),
    ],
)
def test_bad_input_gives_one_clear_sentence_and_leaves_the_plan_alone(
    plan, tmp_path, case, sentence
):
    apply_ledger(plan, *ledger(), "张三")
    revision, batches = plan.revision(), len(plan.read_table("import_batch"))
    path = bad_files(tmp_path)[case]
    with pytest.raises(PlanningError) as refused:
        if path.suffix == ".xlsx":
            sheet = read_ledger(path)
            apply_ledger(plan, ledger_frame(sheet)[0], sheet, "张三")
        else:
            apply_boundaries(plan, read_boundaries(path), "张三")
    assert str(refused.value) == sentence
    assert (plan.revision(), len(plan.read_table("import_batch"))) == (revision, batches)
    assert plan.count("compounds") == 3


def test_a_bow_tie_and_attributes_like_code_come_in_repaired_and_as_text(plan, tmp_path):
    tie = {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"name": "{{7*7}}", "remarks": "<img src=x onerror=alert(1)>"},
                "geometry": {
                    "type": "Polygon",
                    "coordinates": [
                        [
                            [LON, LAT],
                            [LON + 1e-3, LAT + 1e-3],
                            [LON + 1e-3, LAT],
                            [LON, LAT + 1e-3],
                            [LON, LAT],
                        ]
                    ],
                },
            }
        ],
    }
    path = tmp_path / "蝴蝶结.geojson"
    path.write_text(json.dumps(tie), encoding="utf-8")
    boundaries = read_boundaries(path)
    assert boundaries.repaired["problem"].tolist() == ["自相交"]
    assert boundaries.repaired["ask"].tolist() == [True]
    assert [f.message for f in boundaries.findings if f.rule == "repaired"] == [
        "第 1 个图形自相交，修复后面积 0→5,680 ㎡，是否接受"
    ]
    apply_boundaries(plan, boundaries, "张三")
    row = plan.read("compounds").iloc[0]
    assert (row["name"], row["remarks"]) == ("{{7*7}}", "<img src=x onerror=alert(1)>")
    assert row.geometry.is_valid
    detail = plan.read_table("import_batch")["detail"].iloc[0]
    assert detail["repaired"][0]["area_after_m2"] == pytest.approx(5680, abs=1)
