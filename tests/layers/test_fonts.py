"""The sheets' font: served from here, holds rare characters of names, never the system's."""

from __future__ import annotations

from pathlib import Path

import pytest
from matplotlib.font_manager import findfont

from data.schema import COMPOUND_FIELDS, LAYERS
from errors import PlanningError
from layers import fonts
from layers.assets import FONT_BOLD, FONT_REGULAR
from layers.scale import amount_scale
from layers.sheet_totals import _PART_NAMES
from layers.themes import THEMES
from policy.build_bands import build_bands
from policy.catalogue import work_titles

RARE = "镕堃喆珺䶮㙟濰"


@pytest.mark.parametrize("bold", [False, True])
def test_rare_characters_of_names_are_there(bold: bool) -> None:
    assert fonts.missing_glyphs(RARE, bold=bold) == []
    assert fonts.missing_glyphs(f"{RARE}😀", bold=bold) == ["😀"]


@pytest.mark.parametrize("bold", [False, True])
def test_everything_the_sheet_may_say_can_be_printed(bold: bool) -> None:
    words = [field.title + field.unit for field in COMPOUND_FIELDS]
    words += [layer.title for layer in LAYERS.values()]
    words += [theme.title + theme.unit for theme in THEMES.values()]
    words += [band.title for band in build_bands()] + list(work_titles().values())
    words += [title for title, _ in _PART_NAMES.values()]
    words += amount_scale([1, 2, 3], title="x", unit="元/户").labels
    words += ["0123456789,.%/()（）、，。：；“”‘’《》〔〕—–·≤≥<＝－°㎡²№" + fonts.MISSING]
    sources = [path.read_text("utf-8") for path in Path(fonts.__file__).parent.glob("sheet*.py")]
    cjk = {c for text in sources for c in text if ord(c) > 0x2E80}
    assert fonts.missing_glyphs("".join(words) + "".join(sorted(cjk)), bold=bold) == []


def test_the_font_is_asked_for_by_its_file() -> None:
    assert Path(findfont(fonts.font(8))) == FONT_REGULAR
    assert Path(findfont(fonts.font(8, bold=True))) == FONT_BOLD
    assert fonts.rc_params["axes.unicode_minus"] is False


def test_a_missing_font_is_said_and_not_replaced(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(fonts, "FONT_REGULAR", tmp_path / "none.ttf")
    with pytest.raises(PlanningError, match=r"找不到出图字体 none\.ttf"):
        fonts.font(8)


def test_unprintable_characters_are_shown_as_missing() -> None:
    assert fonts.printable("甲\x00乙\n\t丙\u202e丁") == "甲乙 丙丁"
    assert fonts.printable("花园😀") == f"花园{fonts.MISSING}"
    assert fonts.printable(12) == "12"


def test_width_grows_with_text_and_size() -> None:
    assert fonts.text_width_mm("", 8) == 0
    assert fonts.text_width_mm("小区", 8) == pytest.approx(2 * 8 * 25.4 / 72)
    assert fonts.text_width_mm("小区", 16) == pytest.approx(2 * fonts.text_width_mm("小区", 8))
