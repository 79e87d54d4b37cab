"""Hostile files (reliability report 5.1): refused in Chinese, and nothing leaks."""

from __future__ import annotations

import http.server
import io
import json
import os
import random
import stat
import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import geopandas as gpd
import pytest

from data.reading import inspect_upload, read_boundaries, read_ledger
from data.reading import process as upload_process
from data.reading.archive import check_archive, unpack
from data.reading.formats import DRIVERS
from data.reading.process import ask_worker
from data.reading.sniff import identify
from data.store import create_plan
from errors import LivePathError, PlanningError, UploadError
from tests.data.reading.conftest import LAT, LON, NAMES, SQUARES, feature, square

SECRET = "绝密-4711"


def refusal(read, path, **options):
    with pytest.raises(PlanningError) as refused:
        read(path, **options)
    sentence = str(refused.value)
    assert SECRET not in sentence
    assert any("一" <= char <= "鿿" for char in sentence)
    assert "Traceback" not in sentence
    return sentence


@pytest.fixture
def visits():
    """A server on this machine that counts who comes."""
    seen = []

    class Counter(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            seen.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Counter)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", seen
    server.shutdown()
    server.server_close()


def hostile_texts(secret: Path, url: str) -> dict[str, str]:
    vrt = (
        '<OGRVRTDataSource><OGRVRTLayer name="x"><SrcDataSource>{}</SrcDataSource>'
        "<SrcLayer>secret</SrcLayer></OGRVRTLayer></OGRVRTDataSource>"
    )
    gdalg = {"type": "gdal_streamed_alg", "command_line": f"gdal vector read {secret}"}
    return {
        "vrt.geojson": vrt.format(secret),
        "vrt_url.geojson": vrt.format(f"/vsicurl/{url}/x.csv"),
        "vrt.gpkg": vrt.format(secret),
        "vrt.csv": vrt.format(secret),
        "padded.json": "\n\n  " + vrt.format(secret),
        "gdalg.geojson": json.dumps(gdalg),
        "gdalg.json": json.dumps(gdalg | {"command_line": f"gdal vector read {url}/x"}),
        "wfs.geojson": f"<OGRWFSDataSource><URL>{url}/wfs</URL></OGRWFSDataSource>",
        "link.geojson": json.dumps({"type": "FeatureCollection", "features": f"{url}/f"}),
        "page.geojson": "<!DOCTYPE html><html><body>请登录</body></html>",
        "kml.geojson": f"<kml><NetworkLink><Link><href>{url}/k</href></Link></NetworkLink></kml>",
    }


def test_files_that_point_elsewhere_leak_nothing_and_fetch_nothing(tmp_path, visits):
    url, seen = visits
    secret = tmp_path / "secret.csv"
    secret.write_text(f"a\n{SECRET}\n", encoding="utf-8")
    for name, text in hostile_texts(secret, url).items():
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        with pytest.raises(PlanningError):
            identify(path, original_name=name)
            # What looks like GeoJSON by its first byte is refused by its reader.
            refusal(read_boundaries, path)
            raise UploadError(name)
    assert seen == []


def test_the_page_says_that_it_is_a_page(tmp_path):
    path = tmp_path / "x.geojson"
    path.write_text("<!DOCTYPE html><html><body>请登录</body></html>", encoding="utf-8")
    assert refusal(inspect_upload, path) == "“x.geojson”不是 GeoJSON，看起来是网页。"


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("空.geojson", b"", "“空.geojson”是空文件（0 字节），请重新导出后再上传。"),
        ("空.zip", b"", "“空.zip”是空文件（0 字节），请重新导出后再上传。"),
        ("空.xlsx", b"", "“空.xlsx”是空文件（0 字节），请重新导出后再上传。"),
        ("x.zip", b"PK\x05\x06" + b"\x00" * 18, "压缩包“x.zip”里没有文件，请重新压缩后再上传。"),
        ("x.zip", b"PK\x03\x04broken", "压缩包“x.zip”已损坏，打不开。请重新压缩后再上传。"),
        (
            "x.csv",
            b"\x00\x01\x02\x03",
            "“x.csv”的内容不是 CSV 表格，可能已损坏或改过扩展名。请重新导出后再上传。",
        ),
        (
            "x.geojson",
            b"hello",
            "“x.geojson”的内容不是 GeoJSON，可能已损坏或改过扩展名。请重新导出后再上传。",
        ),
        ("x.rar", b"Rar!\x1a\x07", "“x.rar”是 RAR、7z 或 gz 压缩包，请改用 ZIP 压缩后再上传。"),
        (
            "x.dwg",
            b"AC1032\x00",
            "“x.dwg”是 DWG 图纸，不能直接读取。请在 CAD 中另存为 DXF（R2010），再用 QGIS 转成 GeoPackage。",
        ),
        (
            "x.xls",
            bytes.fromhex("d0cf11e0a1b11ae1"),
            "“x.xls”是旧版 .xls 或加了密码的工作簿，读不了。请在 Excel 中另存为 .xlsx（不设密码）再上传。",
        ),
        (
            "x.doc",
            b"hello",
            "不认识“x.doc”的格式。边界可用 GeoJSON、GeoPackage、Shapefile 压缩包，台账可用 Excel 工作簿、CSV 表格。",
        ),
    ],
)
def test_first_bytes_tell_what_a_file_is_not(tmp_path, name, data, sentence):
    path = tmp_path / "upload"
    path.write_bytes(data)
    with pytest.raises(UploadError) as refused:
        identify(path, original_name=name)
    assert str(refused.value) == sentence


def zip_with(path: Path, *members: tuple[str | zipfile.ZipInfo, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return path


def link(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ([("../../evil.shp", b"x")], "想写到别的文件夹"),
        ([("a/../../evil.shp", b"x")], "想写到别的文件夹"),
        ([("/etc/evil.shp", b"x")], "想写到别的文件夹"),
        ([("..\\evil.shp", b"x")], "想写到别的文件夹"),
        ([("C:\\evil.shp", b"x")], "想写到别的文件夹"),
        ([(link("a.shp"), b"/etc/passwd")], "是指向别处的链接"),
        ([("inner.zip", b"x"), ("a.shp", b"x")], "里还有压缩包"),
        ([("A.shp", b"x"), ("a.shp", b"x")], "里有重名的文件"),
        ([(f"{i}.shp", b"") for i in range(201)], "里有 201 个文件"),
        ([("a.shp", b"\x00" * 30_000_000)], "压缩比超过 100 倍"),
    ],
)
def test_zips_that_break_a_rule_are_refused_before_anything_is_written(tmp_path, members, words):
    path = zip_with(tmp_path / "x.zip", *members)
    out = tmp_path / "out"
    out.mkdir()
    with pytest.raises(UploadError, match=words):
        unpack(path, out, name="x.zip", wanted=[".shp"])
    assert list(out.iterdir()) == []
    assert not (tmp_path / "evil.shp").exists()


def test_an_encrypted_zip_is_refused(tmp_path):
    path = zip_with(tmp_path / "x.zip", ("a.shp", b"x"))
    data = bytearray(path.read_bytes())
    # The flag stands in the local header and in the central directory.
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    with pytest.raises(UploadError, match="加了密码，请去掉密码重新压缩"):
        check_archive(path, name="x.zip")


def test_a_zip_that_lies_about_its_size_is_stopped_while_inflating(tmp_path):
    path = zip_with(tmp_path / "x.zip", ("a.shp", b"\x00" * 20_000_000))
    data = bytearray(path.read_bytes())
    # Declared: one byte. The real size shows only while inflating.
    for mark, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        start = data.index(mark) + at
        data[start : start + 4] = (1).to_bytes(4, "little")
    path.write_bytes(data)
    with pytest.raises(UploadError, match=r"解不开|像是恶意文件"):
        unpack(path, tmp_path, name="x.zip", wanted=[".shp"])


def test_what_is_not_wanted_is_left_in_the_zip(tmp_path):
    path = zip_with(
        tmp_path / "x.zip",
        ("a.shp", b"1"),
        ("__MACOSX/._a.shp", b"2"),
        ("run.exe", b"3"),
        ("a.qpj", b"4"),
    )
    found = unpack(path, tmp_path, name="x.zip", wanted=[".shp"])
    assert [(str(inner), target.name) for inner, target in found] == [("a.shp", "member0.shp")]


def xlsx_with(path: Path, sheet: str) -> Path:
    kinds = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    rels = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return zip_with(
        path,
        (
            "[Content_Types].xml",
            f'<Types xmlns="{package}/content-types"><Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{kinds}.sheet.main+xml"/>'
            f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{kinds}.worksheet+xml"/>'
            "</Types>".encode(),
        ),
        (
            "_rels/.rels",
            f'<Relationships xmlns="{package}/relationships"><Relationship Id="a" '
            f'Type="{rels}/officeDocument" Target="xl/workbook.xml"/></Relationships>'.encode(),
        ),
        (
            "xl/workbook.xml",
            f'<workbook xmlns="{main}" xmlns:r="{rels}"><sheets><sheet name="S" sheetId="1" r:id="a"/>'
            "</sheets></workbook>".encode(),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{package}/relationships"><Relationship Id="a" '
            f'Type="{rels}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'.encode(),
        ),
        ("xl/worksheets/sheet1.xml", sheet.replace("NS", main).encode()),
    )


def test_a_cell_at_the_end_of_the_sheet_does_not_fill_the_memory(tmp_path):
    cell = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    sheet = f'<worksheet xmlns="NS"><sheetData>{cell}</sheetData></worksheet>'
    path = xlsx_with(tmp_path / "x.xlsx", sheet)
    assert refusal(read_ledger, path) == (
        "“x.xlsx”的工作表“S”行列太多（上限 99,999 行、702 列）。请删除台账以外的行和列后再上传。"
    )


def test_an_xlsx_bomb_is_refused_by_its_size(tmp_path):
    path = xlsx_with(tmp_path / "x.xlsx", "<worksheet>" + " " * 200_000_000)
    assert "压缩比超过 100 倍" in refusal(read_ledger, path)


def test_entities_in_a_workbook_are_not_followed(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text(SECRET, encoding="utf-8")
    sheet = (
        f'<!DOCTYPE x [<!ENTITY e SYSTEM "{secret.as_uri()}">]><worksheet xmlns="NS"><sheetData><row r="1">'
        '<c r="A1" t="inlineStr"><is><t>小区名称&e;</t></is></c></row></sheetData></worksheet>'
    )
    refusal(read_ledger, xlsx_with(tmp_path / "x.xlsx", sheet))


def test_the_worker_has_no_network_no_secrets_and_only_three_drivers(tmp_path, visits, monkeypatch):
    url, seen = visits
    monkeypatch.setenv("SECRET_KEY", SECRET)
    monkeypatch.setenv("http_proxy", url)
    environment = upload_process._environment(tmp_path)
    assert SECRET not in environment.values()
    assert url not in environment.values()
    code = (
        "import sys, json; sys.path[:] = json.loads(sys.argv[1]); import pyogrio; "
        "from data.reading.worker import leave_network; leave_network(); import urllib.request\n"
        "try:\n    urllib.request.urlopen(sys.argv[2], timeout=3); net = True\n"
        "except OSError: net = False\n"
        "print(json.dumps([sorted(pyogrio.list_drivers()), net]))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", code, json.dumps(upload_process._search_path()), url],
        env=environment,
        capture_output=True,
        check=True,
    )
    drivers, net = json.loads(done.stdout)
    assert set(drivers) == DRIVERS == {"ESRI Shapefile", "GPKG"}
    # Not every system lets a process leave the network; where it does, nobody comes.
    assert len(seen) == int(net)


def test_a_live_plan_file_is_never_opened(tmp_path):
    with create_plan(tmp_path / "p.gpkg", name="方案", actor="测试员") as plan:
        for read in (inspect_upload, read_boundaries, read_ledger):
            with pytest.raises(LivePathError):
                read(plan.path)


def test_the_clock_ends_a_worker_and_leaves_nothing_behind(geojson, tmp_path, monkeypatch):
    folder = tmp_path / "temp"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    path = geojson(feature(square(LON, LAT)))
    with (
        pytest.raises(UploadError, match="读取超时，已停止"),
        ask_worker("inspect", path, original_name="x.geojson", timeout_s=0.01),
    ):
        pass
    assert list(folder.iterdir()) == []


def test_memory_is_capped(geojson, monkeypatch):
    if sys.platform == "win32":
        pytest.skip("no such limit on Windows")
    monkeypatch.setattr(upload_process, "MEMORY_BYTES", 150 * 1024**2)
    assert "读不出来" in refusal(read_boundaries, geojson(feature(square(LON, LAT))))


def test_the_worker_starts_from_another_folder(geojson, tmp_path, monkeypatch):
    path = geojson(feature(square(LON, LAT)))
    monkeypatch.chdir(tmp_path)
    # A module that lies where the planner happens to be must not be taken for ours.
    (tmp_path / "json.py").write_text("raise SystemExit", encoding="utf-8")
    (tmp_path / "errors.py").write_text("raise SystemExit", encoding="utf-8")
    assert len(read_boundaries(path).frame) == 1


def mutated(data: bytes, rng: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.randint(1, 12)):
        changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed[: rng.randint(len(changed) // 3, len(changed))])


@pytest.mark.slow
def test_mutated_files_are_read_or_refused_but_never_crash(geojson, shapefile, workbook, tmp_path):
    gpkg = tmp_path / "x.gpkg"
    gpd.GeoDataFrame({"name": NAMES}, geometry=SQUARES, crs=4546).to_file(gpkg, layer="compounds")
    sources = {
        geojson(feature(square(LON, LAT), name="幸福里")): read_boundaries,
        shapefile({"名称": NAMES}): read_boundaries,
        gpkg: read_boundaries,
        workbook(): read_ledger,
    }
    rng = random.Random(20240501)
    rounds = int(os.environ.get("PIANQU_MUTATIONS", "15"))
    for source, read in sources.items():
        data = source.read_bytes()
        for _ in range(rounds):
            path = tmp_path / f"m{source.suffix}"
            path.write_bytes(mutated(data, rng))
            try:
                done = read(path)
            except PlanningError as refused:
                assert "Traceback" not in str(refused)
            else:
                assert len(done.rows if hasattr(done, "rows") else done.frame)


def test_text_that_looks_like_code_stays_text(geojson):
    payloads = ["{{7*7}}", "<img src=x onerror=alert(1)>", "=HYPERLINK(1)", "{% raw %}", "${7*7}"]
    path = geojson(*(feature(square(LON + i / 100, LAT), name=p) for i, p in enumerate(payloads)))
    assert read_boundaries(path).frame["name"].tolist() == payloads
    assert [row[0] for row in inspect_upload(path).sample] == payloads


def test_an_upload_in_memory_is_the_same_file(geojson):
    # What the browser's uploader gives is bytes: the page writes them to a file of its own name.
    data = io.BytesIO(geojson(feature(square(LON, LAT), name="甲")).read_bytes())
    path = geojson().with_name("upload.bin")
    path.write_bytes(data.getvalue())
    assert read_boundaries(path, "红线.geojson").source_layer == "红线"
