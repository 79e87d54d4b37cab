"""Layout of the sheet: nothing over another, nothing cut, true scale, labels apart."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import geopandas as gpd
import matplotlib as mpl
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.patches import Circle
from matplotlib.text import Text

from layers.fonts import rc_params, text_width_mm
from layers.scale import LegendRow
from layers.sheet_content import SheetContent
from layers.sheet_labels import Taken
from layers.sheet_legend import legend_rows
from layers.sheet_map import plane_frames, polygon_paths, shown_base
from layers.sheet_overview import MAP_FRAME, overview_page
from layers.sheet_page import PAPER_MM, Box, Page, fit_line, wrap_lines
from layers.sheet_scale import DENOMINATORS, bar_lengths_m, map_view
from layers.sheet_totals import funding_parts, list_table, total_rows
from tests.layers.town import base_layers, content_of, town


def few() -> SheetContent:
    """Twelve compounds, schematic, with many sources of money and two without boundary."""
    frame = town(12)
    frame["boundary_state"] = "示意"
    for column in frame.columns:
        if column.startswith(("grant_", "contribution_")):
            frame[column] = 9_000
    frame.loc[["u2", "u5"], "geometry"] = None
    return content_of(frame, base=base_layers())


def grouped() -> SheetContent:
    """Two hundred compounds in thirty 片区, some ungrouped."""
    frame = town(200)
    frame["pianqu_uid"] = [f"P{k // 6:02d}" if k % 7 else None for k in range(200)]
    return content_of(frame, "pianqu", base=base_layers())


def long_words() -> SheetContent:
    """Names, title and notes far too long for their places."""
    frame = town(12)
    frame["name"] = [f"{'很长的名字' * 10}第{k}小区" for k in range(12)]
    notes = tuple(f"第{k}条设置：" + "这一条说得很长，" * 20 for k in range(8))
    return content_of(frame, title="总图" * 80, maker="单位" * 60, settings=notes)


def strung_out() -> SheetContent:
    """Forty compounds over forty kilometres."""
    return content_of(town(40, step_m=1_000, columns=40))


def by_subdistrict() -> SheetContent:
    """Many compounds and no 片区."""
    return content_of(town(60), "works_class")


CASES = (few, grouped, long_words, strung_out, by_subdistrict)


Texts = list[tuple[Text, Box]]


@pytest.fixture(scope="module", params=CASES, ids=lambda case: case.__name__)
def measured(request: pytest.FixtureRequest) -> tuple[Page, Texts]:
    """A page and its texts with their boxes on paper, as the renderer will set them."""
    case: Callable[[], SheetContent] = request.param
    with mpl.rc_context(rc_params):
        page = overview_page(case())
        page.figure.set_dpi(100)
        renderer = FigureCanvasAgg(page.figure).get_renderer()
        found = []
        for text in page.furniture.texts:
            if text.get_gid() != "halo":  # it belongs to the text over it
                x0, y0, x1, y1 = text.get_window_extent(renderer).extents / 100 * 25.4
                found.append((text, Box(x=x0, y=y0, width=x1 - x0, height=y1 - y0)))
    return page, found


@pytest.fixture
def page(measured: tuple[Page, Texts]) -> Page:
    return measured[0]


@pytest.fixture
def texts(measured: tuple[Page, Texts]) -> Texts:
    return measured[1]


def test_parts_do_not_overlap_and_stay_on_the_paper(page: Page) -> None:
    paper = Box(x=5, y=5, width=PAPER_MM[0] - 10, height=PAPER_MM[1] - 10)
    outer = {k: b for k, b in page.boxes.items() if k not in {"arrow", "schematic"}}
    assert set(outer) == {"title", "map", "strip", "legend", "totals", "funds", "list", "notes"}
    for (name, box), (other, second) in itertools.combinations(outer.items(), 2):
        assert not box.overlaps(second), (name, other)
    for name, box in outer.items():
        assert box.height > 5, name
        assert paper.x <= box.x, name
        assert box.right <= paper.right, name
        assert paper.y <= box.y, name
        assert box.top <= paper.top, name


def test_every_text_stays_in_its_part(page: Page, texts: Texts) -> None:
    for text, box in texts:
        middle = Box(x=box.middle[0], y=box.middle[1], width=0, height=0)
        homes = [b for b in page.boxes.values() if b.x <= middle.x <= b.right]
        homes = [b for b in homes if b.y <= middle.y <= b.top]
        assert homes, text.get_text()
        home = min(homes, key=lambda b: b.width * b.height)
        assert box.x > home.x - 0.3, text.get_text()
        assert box.right < home.right + 0.3, text.get_text()
        assert box.y > home.y - 0.3, text.get_text()
        assert box.top < home.top + 0.3, text.get_text()


def test_no_text_lies_over_another(texts: Texts) -> None:
    # Full boxes of two lines of small type may touch; the ink does not.
    slim = [
        (text, Box(x=b.x, y=b.y + b.height * 0.12, width=b.width, height=b.height * 0.76))
        for text, b in texts
    ]
    for (text, box), (other, second) in itertools.combinations(slim, 2):
        assert not box.overlaps(second), (text.get_text(), other.get_text())


def test_the_arrow_and_the_stamp_leave_room_for_labels(page: Page, texts: Texts) -> None:
    on_map = [page.boxes[name] for name in ("arrow", "schematic") if name in page.boxes]
    for name_box in on_map:
        for text, box in texts:
            inside = name_box.x <= box.middle[0] <= name_box.right
            if inside and name_box.y <= box.middle[1] <= name_box.top:
                assert text.get_text() in {"N", "坐标北"} or text.get_text().startswith("示意")


def test_numbers_on_the_map_are_those_of_the_list() -> None:
    with mpl.rc_context(rc_params):
        page = overview_page(few())
    circles = [patch for patch in page.furniture.patches if isinstance(patch, Circle)]
    in_list = page.boxes["list"]
    listed = [c for c in circles if c.center[0] > in_list.x]
    assert len(listed) == 12
    assert len(circles) - len(listed) == 10  # two have no boundary


def test_sheets_without_room_for_the_list_carry_no_numbers() -> None:
    with mpl.rc_context(rc_params):
        page = overview_page(grouped())
    assert not [patch for patch in page.furniture.patches if isinstance(patch, Circle)]


@settings(deadline=None)
@given(st.floats(1, 2e6), st.floats(1, 2e6), st.floats(0, 1e6), st.floats(2e6, 5e6))
def test_any_extent_fits_at_a_round_scale(
    width: float, height: float, west: float, south: float
) -> None:
    view = map_view((west, south, west + width, south + height), MAP_FRAME)
    assert view.denominator in DENOMINATORS
    assert view.west <= west
    assert view.east >= west + width
    assert view.south <= south
    assert view.north >= south + height
    assert (view.east - view.west) / MAP_FRAME.width == pytest.approx(view.denominator / 1000)
    assert (view.north - view.south) / MAP_FRAME.height == pytest.approx(view.denominator / 1000)
    smaller = [d for d in DENOMINATORS if d < view.denominator]
    if smaller:
        nearest = max(smaller) / 1000
        assert width > nearest * (MAP_FRAME.width - 15) or height > nearest * (
            MAP_FRAME.height - 15
        )


@pytest.mark.parametrize("denominator", DENOMINATORS)
def test_the_scale_bar_is_round_and_fits(denominator: int) -> None:
    step, parts = bar_lengths_m(denominator, 58.0)
    assert 2 <= parts <= 4
    assert 20 < step * parts / denominator * 1000 <= 58.001
    assert f"{step:.0e}"[0] in "125"


def test_eighty_metres_measure_eighty_metres_on_paper() -> None:
    content = content_of(town(5))
    plane = plane_frames(content)
    view = map_view(tuple(plane["compounds"].total_bounds), MAP_FRAME)
    west, _, east, _ = plane["compounds"].geometry.iloc[0].bounds
    left, right = view.to_paper([west, east], [0, 0])[0]
    assert (right - left) * view.denominator / 1000 == pytest.approx(80, abs=0.01)


def test_holes_and_all_parts_are_drawn() -> None:
    ring = shapely.box(0, 0, 30, 30).difference(shapely.box(10, 10, 20, 20))
    parts = shapely.MultiPolygon([ring, shapely.box(50, 0, 60, 10)])
    (path,) = polygon_paths(np.array([parts], dtype=object), tolerance_m=0.01)
    assert path.contains_point((5, 5))
    assert path.contains_point((55, 5))
    outlines = path.to_polygons()
    assert len(outlines) == 3
    areas = sorted(shapely.Polygon(outline).area for outline in outlines)
    assert areas == [100, 100, 900]


def test_only_base_layers_inside_the_frame_are_shown() -> None:
    content = content_of(town(5), base=base_layers())
    plane = plane_frames(content)
    near = map_view(tuple(plane["compounds"].total_bounds), MAP_FRAME)
    assert list(shown_base(plane, near)) == ["green", "roads", "buildings"]
    west, south, east, north = plane["compounds"].total_bounds
    far = map_view((west - 20_000, south, east + 20_000, north), MAP_FRAME)
    assert "buildings" not in shown_base(plane, far)


def test_totals_count_what_is_unknown() -> None:
    frame = town(4)
    frame.loc["u0", "households"] = None
    frame.loc["u1", "investment_yuan"] = None
    rows = {row.title: row for row in total_rows(frame)}
    assert (rows["居民户数（户）"].figure, rows["居民户数（户）"].unknown) == ("90", 1)
    assert (rows["预计投资额（万元）"].figure, rows["预计投资额（万元）"].unknown) == ("30.0", 1)
    # 20 万元 over the 30 + 40 households of the two compounds of which both are known
    assert rows["户均投资（元/户）"].figure == "2,857"
    assert rows["户均投资（元/户）"].unknown == 2
    empty = {row.title: row.figure for row in total_rows(frame.assign(households=None))}
    assert empty["居民户数（户）"] == empty["户均投资（元/户）"] == "未知"


def test_sources_and_gap_add_up_to_the_investment() -> None:
    frame = town(3)
    frame["grant_central_yuan"] = 60_000
    frame["contribution_residents_yuan"] = 15_000
    parts = {part.title: part.yuan for part in funding_parts(frame)}
    assert parts == {"中央补助": 180_000, "居民出资": 45_000, "资金缺口": 75_000}
    frame["contribution_bond_yuan"] = 50_000  # more than is needed: no gap
    assert "资金缺口" not in {part.title for part in funding_parts(frame)}


def test_list_lines_add_up_however_many_groups_there_are() -> None:
    frame = town(60)
    frame["pianqu_uid"] = [f"P{k % 25:02d}" if k < 50 else None for k in range(60)]
    content = content_of(frame)
    assert content.pianqu is not None
    table = list_table(frame, content.pianqu, content.drawn, most=8)
    assert len(table.rows) == 8
    assert table.rows[0].cells[0] == "未分组"
    assert table.rows[-1].cells[0] == "其余 19 个"
    assert sum(int(row.cells[1]) for row in table.rows) == 60
    total = int(frame["households"].sum())
    assert sum(int(row.cells[2].replace(",", "")) for row in table.rows) == total
    streets = list_table(town(60), None, content.drawn, most=8)
    assert [row.cells[:2] for row in streets.rows] == [
        ("街道3", "20"),
        ("街道2", "20"),
        ("街道1", "20"),
    ]


def test_a_long_legend_is_shortened_and_still_counts_everybody() -> None:
    rows = [
        LegendRow(class_index=k, color="#000000", label=f"{k}", count=k, pattern="solid")
        for k in range(40)
    ]
    short = legend_rows(rows, most=18)
    assert len(short) == 18
    assert sum(row.count or 0 for row in short) == sum(range(40))
    assert short[-1].label.startswith("其余 22 类")
    assert legend_rows(rows[:18], most=18) == rows[:18]


@settings(deadline=None)
@given(st.text(alphabet="小区一二三abc123，。（）", max_size=80), st.floats(8, 60))
def test_lines_fit_and_lose_nothing_but_what_is_marked(text: str, width: float) -> None:
    line, size = fit_line(text, width, 8)
    assert text_width_mm(line, size) <= width + 0.01
    assert line == text or line.endswith("…")
    lines = wrap_lines(text, width, 8, most=200)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(text_width_mm(one, 8) <= width + 0.01 for one in lines)


def test_labels_take_room_once() -> None:
    taken = Taken(Box(x=0, y=0, width=20, height=10))
    first = taken.first_free(10, 5, 10, 3, steps=[(0, 0), (0, 1.3)])
    second = taken.first_free(10, 5, 10, 3, steps=[(0, 0), (0, 1.0)])
    assert first is not None
    assert second is not None
    assert not first.overlaps(second)
    assert taken.first_free(10, 5, 10, 3, steps=[(0, 0)]) is None
    assert taken.first_free(19, 5, 10, 3, steps=[(0, 0)]) is None


def test_pianqu_without_geometry_and_empty_tables_are_taken() -> None:
    frame = town(15)
    content = content_of(frame)
    none = gpd.GeoDataFrame({"name": ["空"], "color": [0]}, geometry=[None], index=["P"], crs=4490)
    with mpl.rc_context(rc_params):
        for pianqu in (none, none.iloc[:0]):
            drawn = overview_page(SheetContent(**{**vars(content), "pianqu": pianqu}))
            assert drawn.boxes["list"].height > 5
