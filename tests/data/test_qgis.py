"""A real QGIS opens what we write: the plan file as it stands, and every file that is handed over.

QGIS is a program of the system, not of this environment: ``make qgis`` brings it where apt can. Without it these
tests are skipped; GDAL, its reader, is tried in every run (tests/data/store, tests/data/exporting).
"""

from __future__ import annotations

import json
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from data.exporting import export
from data.samples import write_sample
from data.store import open_plan

SYSTEM_PYTHON = "/usr/bin/python3"
# Runs under the system's Python, which has QGIS; opens each source and tells what it saw.
READER = """
import json, os, sys
os.environ["QT_QPA_PLATFORM"] = "offscreen"
from qgis.core import QgsApplication, QgsVectorLayer, edit
app = QgsApplication([], False)
app.initQgis()
seen = {}
for source in json.loads(sys.argv[1]):
    layer = QgsVectorLayer(source, "layer", "ogr")
    features = list(layer.getFeatures())
    seen[source] = {
        "valid": layer.isValid(),
        "count": len(features),
        "crs": layer.crs().authid(),
        "fields": [field.name() for field in layer.fields()],
        "valid_shapes": all(f.geometry().isNull() or f.geometry().isGeosValid() for f in features),
        "rows": [[str(value) for value in f.attributes()] for f in features],
    }
change = json.loads(sys.argv[2])
if change:
    layer = QgsVectorLayer(change["source"], "layer", "ogr")
    wanted = change["uid"]
    with edit(layer):
        for f in layer.getFeatures():
            if f["uid"] == wanted:
                layer.changeAttributeValue(f.id(), layer.fields().indexOf("remarks"), change["remarks"])
print(json.dumps(seen))
"""


def _has_qgis() -> bool:
    if not Path(SYSTEM_PYTHON).exists():
        return False
    asked = subprocess.run(
        [SYSTEM_PYTHON, "-c", "import qgis.core"], capture_output=True, check=False
    )
    return asked.returncode == 0


pytestmark = pytest.mark.skipif(not _has_qgis(), reason="no QGIS on this machine: make qgis")


def _seen(sources: list[str], change: dict[str, str] | None = None) -> dict[str, dict]:
    answer = subprocess.run(
        [SYSTEM_PYTHON, "-c", READER, json.dumps(sources), json.dumps(change)],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return json.loads(answer.stdout.strip().splitlines()[-1])


def test_plan_file_opens_and_is_edited_and_the_edit_is_undone(tmp_path: Path) -> None:
    path = tmp_path / "云城.gpkg"
    write_sample(path, "yuncheng-2024", "测试员").close()
    source = f"{path}|layername=compounds"
    change = {"source": source, "uid": "YC2024-01", "remarks": "在 QGIS 里改的"}
    seen = _seen([source, f"{path}|layername=buildings"], change)

    compounds = seen[source]
    assert compounds["valid"] and compounds["valid_shapes"]
    assert (compounds["count"], compounds["crs"]) == (5, "EPSG:4490")
    assert seen[f"{path}|layername=buildings"]["count"] > 5

    with open_plan(path) as plan:
        changed = plan.read("compounds").loc["YC2024-01"]
        assert changed["remarks"] == "在 QGIS 里改的"
        assert (changed["version"], changed["edited_by"]) == (2, "external")
        plan.undo("测试员")
        assert plan.read("compounds").loc["YC2024-01", "remarks"] is None


@pytest.mark.parametrize(
    ("name", "crs", "authority"),
    [
        ("geojson", "4490", "EPSG:4490"),
        ("geojson", "rfc7946", "EPSG:4326"),
        ("gpkg", "4490", "EPSG:4490"),
    ],
)
def test_handed_over_files_open(tmp_path: Path, name: str, crs: str, authority: str) -> None:
    with write_sample(tmp_path / "云城.gpkg", "yuncheng-2024", "测试员") as plan:
        file = export(plan, name, crs=crs, out_dir=tmp_path / "out", actor="测试员").files[0]
    seen = _seen([str(file)])[str(file)]
    assert seen["valid"] and seen["valid_shapes"]
    assert (seen["count"], seen["crs"]) == (5, authority)
    money = seen["fields"].index("investment_yuan")
    assert sum(int(row[money]) for row in seen["rows"]) == 5_150_000


@pytest.mark.parametrize("encoding", ["gbk", "utf-8"])
def test_shapefile_opens_with_chinese_names(tmp_path: Path, encoding: str) -> None:
    with write_sample(tmp_path / "云城.gpkg", "yuncheng-2024", "测试员") as plan:
        made = export(
            plan, "shapefile", out_dir=tmp_path / "out", actor="测试员", encoding=encoding
        )
    with zipfile.ZipFile(made.files[0]) as archive:
        archive.extractall(tmp_path / "shp")
    shape = next((tmp_path / "shp").rglob("*.shp"))
    seen = _seen([str(shape)])[str(shape)]
    assert (seen["count"], seen["crs"]) == (5, "EPSG:4490")
    names = {row[seen["fields"].index("XQMC")] for row in seen["rows"]}
    assert names == {"旧中专宿舍", "邮电新村", "云浮中学教师宿舍", "云城财政所宿舍", "玉皇路小区"}
    shutil.rmtree(tmp_path / "shp")
