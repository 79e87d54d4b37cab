"""The font of sheets and pictures: Noto Sans SC, the file served from here, never one of the system.

Two fonts of one family name get mixed by matplotlib without a word (a subset here, the system's bold
there), so the font is only ever asked for by its file.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from pathlib import Path

from matplotlib.font_manager import FontProperties
from matplotlib.ft2font import FT2Font, LoadFlags

from errors import PlanningError
from layers.assets import FONT_BOLD, FONT_REGULAR

__all__ = [
    "FONT_NAME",
    "MISSING",
    "font",
    "missing_glyphs",
    "printable",
    "rc_params",
    "text_width_mm",
]

FONT_NAME = "思源黑体（Noto Sans SC）"
# The printer's mark for a character that the case does not hold.
MISSING = "〓"
# What the case does not hold but has a twin for.
_TWINS = str.maketrans({"✗": "×"})
MM_PER_POINT = 25.4 / 72
# Advances are measured at this size and scaled.
_EM = 100

# Type 42 keeps text as text (searchable, copied out exactly); the real minus is not in every font.
rc_params = {
    "pdf.fonttype": 42,
    "axes.unicode_minus": False,
    "text.usetex": False,
    "text.parse_math": False,
    # Hinting moves glyphs to whole dots: at low resolutions lines would grow out of their boxes.
    "text.hinting": "no_hinting",
    "hatch.linewidth": 0.35,
}


def font(size_pt: float, *, bold: bool = False) -> FontProperties:
    """Noto Sans SC in a size.

    Raises
    ------
    PlanningError
        If the font file is not there.
    """
    return FontProperties(fname=str(_file(bold=bold)), size=size_pt)


def missing_glyphs(text: str, *, bold: bool = False) -> list[str]:
    """Characters of ``text`` that the font does not hold, each once, in their order.

    Examples
    --------
    >>> missing_glyphs("镕堃喆珺䶮㙟濰 1,061 户/㎡")
    []
    """
    known = _characters(_file(bold=bold))
    return [c for c in dict.fromkeys(text) if ord(c) not in known]


def printable(text: object) -> str:
    r"""One line that can be printed: no control characters, 〓 for what the font does not hold.

    Examples
    --------
    >>> printable("玉皇路\n小区\x00")
    '玉皇路 小区'
    """
    words = " ".join(str(text).split()).translate(_TWINS)
    kept = "".join(c for c in words if unicodedata.category(c)[0] != "C")
    known = _in_both(_file(bold=False), _file(bold=True))
    return "".join(c if ord(c) in known else MISSING for c in kept)


def text_width_mm(text: str, size_pt: float, *, bold: bool = False) -> float:
    """Width of one line on paper (sum of advances; kerning is left out).

    Examples
    --------
    >>> round(text_width_mm("玉皇路小区", 10), 1)
    17.6
    """
    path = _file(bold=bold)
    return sum(_advance_em(path, c) for c in text) * size_pt * MM_PER_POINT


def _file(*, bold: bool) -> Path:
    path = FONT_BOLD if bold else FONT_REGULAR
    if not path.exists():
        raise PlanningError(f"找不到出图字体 {path.name}。请重新运行安装（make run），再出图。")
    return path


@lru_cache(maxsize=4)
def _characters(path: Path) -> frozenset[int]:
    return frozenset(FT2Font(str(path)).get_charmap())


@lru_cache(maxsize=4)
def _in_both(regular: Path, bold: Path) -> frozenset[int]:
    return _characters(regular) & _characters(bold)


@lru_cache(maxsize=20_000)
def _advance_em(path: Path, character: str) -> float:
    face = _face(path)
    glyph = face.load_char(ord(character), flags=LoadFlags.NO_HINTING)
    return float(glyph.linearHoriAdvance) / 65_536 / _EM


@lru_cache(maxsize=4)
def _face(path: Path) -> FT2Font:
    face = FT2Font(str(path))
    face.set_size(_EM, 72)
    return face
