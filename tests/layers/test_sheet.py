"""The sheet as a file: text in the PDF, sizes, whole or not at all, refusals in words."""

from __future__ import annotations

import dataclasses
import datetime as dt
import threading
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from PIL import Image
from pypdf import PdfReader

from data.samples import litong_parking, yuncheng_2024
from data.samples.plan import SamplePlan
from data.schema import BOUNDARY_STATES
from errors import ExportError, PlanningError
from geo.crs import plan_zone
from layers import sheet as sheet_module
from layers.sheet import KINDS, SheetContent, draw_sheet
from layers.sheet_content import SCHEMATIC
from layers.themes import paint
from tests.layers.town import base_layers, content_of, town


def sample_content(plan: SamplePlan, **more: object) -> SheetContent:
    compounds = plan.layers["compounds"]
    content = SheetContent(
        title=plan.name,
        compounds=compounds,
        painted=paint(compounds, "investment_per_household"),
        zone=plan_zone(compounds.geometry),
        plan_name=plan.name,
        revision=3,
        maker="云城区住房和城乡建设局",
        made_on=dt.date(2024, 6, 30),
        base={k: plan.layers[k] for k in ("buildings", "roads", "green", "water")},
        settings=("规则：云城区2024",),
    )
    return dataclasses.replace(content, **more)


def lines_of(path: Path) -> list[str]:
    return PdfReader(path).pages[0].extract_text().splitlines()


@pytest.fixture(scope="module")
def yuncheng(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("sheet") / "云城区 总图.pdf"
    assert draw_sheet(sample_content(yuncheng_2024()), out).pages == 1
    return out


def test_figures_of_the_source_are_text_in_the_pdf(yuncheng: Path) -> None:
    lines = lines_of(yuncheng)
    for line in (
        "小区数（个） 5",
        "居民户数（户） 1,061",
        "楼栋数（栋） 65",
        "住宅建筑面积（万㎡） 8.45",
        "预计投资额（万元） 515.0",
        "补助资金（万元） 465.0",
        "资金缺口（万元） 50.0",
        "户均投资（元/户） 4,854",
        "资金来源 合计 515.0 万元",
        "中央补助 295.0 万元（57.3%） 省级专项 170.0 万元（33.0%）",
        "资金缺口 50.0 万元（9.7%）",
        "1 旧中专宿舍 24 40.0 16,667",
        "5 玉皇路小区 581 230.0 3,959",
        "10,000–15,000 元/户 1",
    ):
        assert line in lines


def test_the_sheet_says_where_when_and_by_whom(yuncheng: Path) -> None:
    text = "\n".join(lines_of(yuncheng))
    for words in (
        "2024年云城区城镇老旧小区改造实施方案",
        "坐标系：CGCS2000 / 3度带 37带",
        "EPSG:4546",
        "比例尺 1:2,000",
        "坐标北",
        "制图：云城区住房和城乡建设局",
        "日期：2024年6月30日",
        "数据版本：修订 3",
        "内部用图",
        "示意：全部小区边界未经测量",
        "规则：云城区2024",
        "着色：户均投资，分级：分位数",
    ):
        assert words in text
    assert "审图号" not in text


def test_a_review_number_takes_the_place_of_the_internal_stamp(tmp_path: Path) -> None:
    out = tmp_path / "a.pdf"
    draw_sheet(content_of(town(3), review_number="粤S（2024）081号"), out)
    text = "\n".join(lines_of(out))
    assert "粤S（2024）081号" in text
    assert "内部用图" not in text
    assert "示意" not in text  # no boundary of the town is schematic


def test_the_paper_is_a3_and_carries_its_font(yuncheng: Path) -> None:
    page = PdfReader(yuncheng).pages[0]
    size = [float(side) / 72 * 25.4 for side in page.mediabox[2:]]
    assert size == pytest.approx([420, 297], abs=0.1)
    fonts = [font.get_object() for font in page["/Resources"]["/Font"].values()]
    names = {str(font["/BaseFont"]) for font in fonts}
    assert names
    assert all("NotoSansSC" in name for name in names)
    assert {str(font["/Subtype"]) for font in fonts} <= {"/Type0", "/TrueType"}


def test_png_has_the_asked_resolution_and_is_not_blank(tmp_path: Path) -> None:
    out = tmp_path / "a.png"
    draw_sheet(content_of(town(30), base=base_layers()), out, dpi=100)
    with Image.open(out) as image:
        assert image.size == pytest.approx((1654, 1169), abs=1)
        assert image.info["dpi"][0] == pytest.approx(100, abs=0.1)
        pixels = np.asarray(image.convert("RGB")).reshape(-1, 3)
    colors, counts = np.unique(pixels, axis=0, return_counts=True)
    assert len(colors) > 200
    assert counts.max() / counts.sum() < 0.95


def test_the_map_shows_the_colours_of_the_legend(tmp_path: Path) -> None:
    content = content_of(town(40), "households")
    out = tmp_path / "a.png"
    draw_sheet(content, out, dpi=100)
    with Image.open(out) as image:
        pixels = np.asarray(image.convert("RGB"))
    on_map = pixels[100:1060, 60:1150].reshape(-1, 3)
    for color in content.painted.scale.colors:
        rgb = [int(color[k : k + 2], 16) for k in (1, 3, 5)]
        assert (on_map == rgb).all(axis=1).sum() > 100, color


@pytest.mark.parametrize("suffix", ["pdf", "png"])
def test_same_content_gives_the_same_bytes(tmp_path: Path, suffix: str) -> None:
    first, second = tmp_path / f"1.{suffix}", tmp_path / f"2.{suffix}"
    for out in (first, second):
        draw_sheet(content_of(town(5)), out, dpi=60)
    assert first.read_bytes() == second.read_bytes()


def test_nothing_changes_what_was_given(tmp_path: Path) -> None:
    frame = town(4)
    before = frame.copy()
    settings = dict(mpl.rcParams)
    draw_sheet(content_of(frame), tmp_path / "a.png", dpi=60)
    pd.testing.assert_frame_equal(pd.DataFrame(frame), pd.DataFrame(before))
    assert dict(mpl.rcParams) == settings


def test_hostile_text_stays_text(tmp_path: Path) -> None:
    frame = town(4)
    names = ["$\\frac{a}{b}$", "{{7*7}}", "<img src=x onerror=alert(1)>", "镕堃喆珺䶮㙟濰"]
    frame["name"] = names
    out = tmp_path / "a.pdf"
    draw_sheet(content_of(frame, title="$x$ {{7*7}}"), out)
    text = "\n".join(lines_of(out))
    for words in [*names, "$x$ {{7*7}}"]:
        assert words in text
    assert "49" not in text


def test_characters_without_a_glyph_are_said(tmp_path: Path) -> None:
    frame = town(3)
    frame.loc["u0", "name"] = "花园😀"
    draw_sheet(content_of(frame), tmp_path / "a.pdf")
    text = "\n".join(lines_of(tmp_path / "a.pdf"))
    assert "花园〓" in text
    assert "字库缺字以“〓”代替：1 处" in text


def test_compounds_without_boundary_are_listed_and_counted(tmp_path: Path) -> None:
    frame = town(5)
    frame.loc[["u1", "u3"], "geometry"] = None
    frame.loc["u3", "households"] = pd.NA
    draw_sheet(content_of(frame), tmp_path / "a.pdf")
    lines = lines_of(tmp_path / "a.pdf")
    assert any("2 个小区没有边界，未上图" in line for line in lines)
    assert "2 第2小区（未上图） 20 10.0 5,000" in lines
    assert "4 第4小区（未上图） 未知 10.0 未知" in lines
    assert "居民户数（户） 110 1 个小区未知" in lines


def test_no_boundary_at_all_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    frame = town(3)
    frame["geometry"] = None
    with pytest.raises(PlanningError, match="3 个小区都没有边界，无法出图"):
        draw_sheet(content_of(frame), tmp_path / "a.pdf")
    with pytest.raises(PlanningError, match="没有小区可以出图"):
        draw_sheet(content_of(town(3).iloc[:0]), tmp_path / "a.pdf")
    assert list(tmp_path.iterdir()) == []


def test_wrong_requests_are_refused_in_words(tmp_path: Path) -> None:
    content = content_of(town(2))
    with pytest.raises(PlanningError, match="没有“现状图”这种图。可选：总图"):
        draw_sheet(content, tmp_path / "a.pdf", kind="现状图")
    with pytest.raises(PlanningError, match=r"只能存为 \.pdf 或 \.png"):
        draw_sheet(content, tmp_path / "a.docx")
    with pytest.raises(PlanningError, match="分辨率 5000"):
        draw_sheet(content, tmp_path / "a.png", dpi=5000)
    with pytest.raises(PlanningError, match="图名是空的"):
        draw_sheet(content_of(town(2), title=" \n"), tmp_path / "a.pdf")
    with pytest.raises(PlanningError, match="着色不一致"):
        draw_sheet(dataclasses.replace(content, compounds=town(3)), tmp_path / "a.pdf")
    with pytest.raises(ExportError, match="图纸写不到"):
        draw_sheet(content, tmp_path / "no" / "a.pdf")
    assert list(tmp_path.iterdir()) == []


def test_a_break_half_way_keeps_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "a.pdf"
    out.write_bytes(b"old")

    def broken(_: SheetContent) -> list[object]:
        raise RuntimeError("power cut")

    kind = dataclasses.replace(KINDS["总图"], compose=broken)
    monkeypatch.setitem(sheet_module.KINDS, "总图", kind)
    with pytest.raises(RuntimeError):
        draw_sheet(content_of(town(2)), out)
    assert out.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["a.pdf"]


def test_two_sessions_may_draw_at_once(tmp_path: Path) -> None:
    outs = [tmp_path / f"{k}.png" for k in range(3)]
    content = content_of(town(4))
    threads = [
        threading.Thread(target=draw_sheet, args=(content, out), kwargs={"dpi": 60}) for out in outs
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({out.read_bytes() for out in outs}) == 1


def test_litong_states_the_true_total(tmp_path: Path) -> None:
    draw_sheet(sample_content(litong_parking()), tmp_path / "a.pdf")
    lines = lines_of(tmp_path / "a.pdf")
    assert "预计投资额（万元） 1,928.8" in lines
    assert "资金来源未知：台账没有补助和出资。" in lines


def test_words_of_this_room_are_those_of_the_schema() -> None:
    assert SCHEMATIC in BOUNDARY_STATES
