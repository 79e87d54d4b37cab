"""Files in and out through the shell: the whole job of a planner who works by script."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyogrio
import pypdf
import pytest
from shapely.geometry import Polygon, box

import cli
from data.store import open_plan

Run = Callable[..., tuple[int, dict[str, Any]]]

INVESTMENT_YUAN, GRANT_YUAN, HOUSEHOLDS = 5_150_000, 4_650_000, 1061


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: Any) -> Run:
    monkeypatch.chdir(tmp_path)

    def shell(*arguments: object) -> tuple[int, dict[str, Any]]:
        code = cli.main([*map(str, arguments), "--json"])
        return code, json.loads(capsys.readouterr().out)

    return shell


@pytest.fixture
def sample(run: Run) -> Path:
    run("new", "样本.gpkg", "--sample", "yuncheng-2024")
    return Path("样本.gpkg")


def made(result: dict[str, Any], ending: str) -> Path:
    (path,) = (Path(name) for name in result["files"] if name.endswith(ending))
    return path


def revision(plan: Path) -> int:
    with open_plan(plan) as opened:
        return opened.revision()


def test_from_ledger_and_boundaries_to_pianqu_and_hand_over(run: Run, sample: Path) -> None:
    """Ledger and boundaries of one plan make another with the same figures, to the yuan."""
    ledger = made(run("export", sample, "--format", "xlsx", "--out", "a")[1], ".xlsx")
    borders = made(run("export", sample, "--format", "geojson", "--out", "a")[1], ".geojson")

    run("new", "新.gpkg")
    code, result = run("import", "新.gpkg", ledger)
    assert (code, result["imported"]) == (0, {"ledger": 5})
    assert [item["lacks"] for item in result["unmatched"]] == ["boundary"] * 5
    code, result = run("import", "新.gpkg", borders)
    assert (code, result["imported"]) == (0, {"compounds": 5})
    assert result["repaired"] == result["unmatched"] == []

    code, result = run("check", "新.gpkg")
    assert not [item for item in result["findings"] if item["severity"] == "错误"]
    code, result = run("bundle", "新.gpkg", "--max-gap", 60, "--save")
    bundles = {item["name"]: item["members"] for item in result["bundles"]}

    code, result = run(
        "export", "新.gpkg", "--format", "geojson", "--layer", "pianqu", "--out", "b"
    )
    assert code == 0
    file = made(result, ".geojson")
    assert "EPSG::4490" in json.loads(file.read_text(encoding="utf-8"))["crs"]["properties"]["name"]
    handed = pyogrio.read_dataframe(file)
    assert handed.crs.to_epsg() == 4490
    assert len(handed) == len(bundles)
    assert handed.is_valid.all()

    code, result = run("export", "新.gpkg", "--format", "gpkg", "--out", "b")
    assert result["totals"]["investment_yuan"] == INVESTMENT_YUAN
    assert result["totals"]["grant_yuan"] == GRANT_YUAN
    assert result["totals"]["households"] == HOUSEHOLDS

    code, result = run(
        "sheet", "新.gpkg", "--kind", "总图", "--out", "总图.pdf", "--theme", "pianqu"
    )
    assert (code, result["pages"]) == (0, 1)
    text = pypdf.PdfReader(result["file"]).pages[0].extract_text()
    assert "515" in text  # 万元
    assert "示意" in text


def test_both_files_in_one_command_and_undone_one_by_one(run: Run, sample: Path) -> None:
    ledger = made(run("export", sample, "--format", "xlsx", "--out", "a")[1], ".xlsx")
    borders = made(run("export", sample, "--format", "shapefile", "--out", "a")[1], ".zip")
    run("new", "新.gpkg")
    code, result = run("import", "新.gpkg", ledger, borders, "--actor", "王工")
    assert (code, result["imported"]) == (0, {"ledger": 5, "compounds": 5})
    assert run("history", "新.gpkg", "--limit", 1)[1]["edits"][0]["actor"] == "王工"

    run("undo", "新.gpkg")
    with open_plan("新.gpkg") as plan:
        assert plan.read("compounds").geometry.isna().sum() == 5
    run("undo", "新.gpkg")
    with open_plan("新.gpkg") as plan:
        assert plan.count("compounds") == 0


def test_layers_of_a_geopackage_come_in_by_their_names(run: Run, tmp_path: Path) -> None:
    block = box(112.03, 22.92, 112.031, 22.921)
    layers = {
        "compounds": gpd.GeoDataFrame({"name": ["甲小区"]}, geometry=[block], crs=4490),
        "buildings": gpd.GeoDataFrame({"name": ["1栋"]}, geometry=[block.buffer(-3e-4)], crs=4490),
        "pois": gpd.GeoDataFrame({"name": ["学校"]}, geometry=[block.centroid], crs=4490),
        "notes": gpd.GeoDataFrame({"name": ["别的"]}, geometry=[block], crs=4490),
    }
    for name, frame in layers.items():
        frame.to_file("城.gpkg", layer=name, driver="GPKG")
    run("new", "新.gpkg")
    _, result = run("import", "新.gpkg", "城.gpkg")
    assert result["imported"] == {"compounds": 1, "buildings": 1, "facilities": 1}
    assert result["unmatched"] == []


def test_repairs_are_listed_and_the_kind_and_system_can_be_named(run: Run) -> None:
    bow_tie = Polygon([(112.03, 22.92), (112.031, 22.921), (112.031, 22.92), (112.03, 22.921)])
    frame = gpd.GeoDataFrame({"name": ["甲小区"]}, geometry=[bow_tie], crs=4490).to_crs(4546)
    frame.to_file("边界.geojson", driver="GeoJSON", engine="pyogrio")
    run("new", "新.gpkg")
    code, result = run("import", "新.gpkg", "边界.geojson", "--kind", "compounds", "--crs", "4546")
    assert code in (0, 1)
    (repair,) = result["repaired"]
    assert {"file", "layer", "row", "problem", "area_before_m2", "area_after_m2"} <= set(repair)
    assert repair["area_after_m2"] > 1000


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("空.csv", b"", "空文件"),
        ("空.zip", b"", "空文件"),
        ("乱.xlsx", b"not a workbook", "不是 Excel"),
        ("乱.gpkg", b"not a database" * 10, "乱.gpkg"),
        ("列.csv", "甲,乙\n1,2\n3,4\n".encode(), "列.csv"),
        ("负.csv", "小区名称,居民户数\n甲,-3\n乙,12\n".encode(), "-3"),
        ("字.csv", "小区名称,居民户数\n甲,很多\n乙,12\n".encode(), "很多"),
        (
            "海.geojson",
            json.dumps(
                {
                    "type": "FeatureCollection",
                    "crs": {
                        "type": "name",
                        "properties": {"name": "urn:ogc:def:crs:EPSG::4490"},
                    },
                    "features": [
                        {
                            "type": "Feature",
                            "properties": {"name": "甲"},
                            "geometry": {
                                "type": "Polygon",
                                "coordinates": [[[0, 0], [0.1, 0], [0.1, 0.1], [0, 0]]],
                            },
                        }
                    ],
                }
            ).encode(),
            "海.geojson",
        ),
    ],
)
def test_a_bad_file_is_refused_and_the_good_one_before_it_too(
    run: Run, name: str, content: bytes, said: str
) -> None:
    Path("好.csv").write_text("小区名称,居民户数\n甲小区,40\n", encoding="utf-8")
    Path(name).write_bytes(content)
    run("new", "新.gpkg")
    code, result = run("import", "新.gpkg", "好.csv", name)
    assert (code, list(result)) == (2, ["error"])
    assert said in result["error"]
    with open_plan("新.gpkg") as plan:
        assert plan.count("compounds") == 0
        assert len(plan.read_table("ledger")) == 0
        assert len(plan.read_table("import_batch")) == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("export", "样本.gpkg", "--format", "dwg", "--out", "b"),
        ("export", "样本.gpkg", "--format", "geojson", "--crs", "4326", "--out", "b"),
        ("export", "样本.gpkg", "--format", "geojson", "--layer", "nonsense", "--out", "b"),
        ("export", "样本.gpkg", "--format", "geojson", "--out", "样本.gpkg"),
        ("export", "样本.gpkg", "--format", "geojson", "--layer", "pianqu", "--out", "b"),
        ("export", "样本.gpkg", "--format", "gpkg", "--layer", "pianqu", "--out", "b"),
        ("export", "空.gpkg", "--format", "xlsx", "--out", "b"),
        ("import", "样本.gpkg", "样本.gpkg", "--kind", "nonsense"),
        ("import", "样本.gpkg", "没有.xlsx"),
        ("import", "样本.gpkg", "样本.gpkg"),
        ("sheet", "样本.gpkg", "--kind", "总图", "--out", "图.docx"),
        ("sheet", "样本.gpkg", "--kind", "断面图", "--out", "图.pdf"),
        ("sheet", "样本.gpkg", "--kind", "总图", "--out", "图.pdf", "--theme", "nonsense"),
        ("sheet", "空.gpkg", "--kind", "总图", "--out", "图.pdf"),
    ],
)
def test_what_can_not_be_done_is_refused_and_changes_nothing(
    run: Run, sample: Path, arguments: tuple[str, ...]
) -> None:
    run("new", "空.gpkg")
    before = revision(sample), {path.name for path in Path().iterdir()}
    code, result = run(*arguments)
    assert (code, list(result)) == (2, ["error"])
    assert "程序内部出错" not in result["error"]
    assert (revision(sample), {path.name for path in Path().iterdir()}) == before


def test_check_reads_a_ledger_without_a_plan(run: Run) -> None:
    text = "小区名称,居民户数\n甲小区,40\n乙小区,50\n合计,{}\n"
    Path("好.csv").write_text(text.format(90), encoding="utf-8")
    Path("错.csv").write_text(text.format(97), encoding="utf-8")
    good = {item["rule"] for item in run("check", "好.csv")[1]["findings"]}
    code, result = run("check", "错.csv")
    assert code == 1
    assert "sum_of_rows" in {item["rule"] for item in result["findings"]} - good


def test_reader_that_has_seen_enough_is_no_error(run: Run, sample: Path) -> None:
    door = Path(sys.executable).with_name("pianqu")
    with subprocess.Popen(
        [door, "history", sample, "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as history:
        assert history.stdout is not None
        history.stdout.close()
        assert history.wait(timeout=60) == 0
        assert history.stderr is not None
        assert history.stderr.read() == b""
