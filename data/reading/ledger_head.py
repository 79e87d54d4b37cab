"""The head of a ledger sheet: found among the first rows by the columns that it makes understood."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from data.reading.columns import CERTAIN, field_of, propose
from data.reading.units import declared_units
from errors import RecordError

__all__ = ["Head", "choose_sheet", "has_number", "title_above", "units_above"]

# Title lines above the head, and lines that one head may take.
_HEAD_WITHIN_ROWS = 20
_HEAD_LINES = 3
# What a CSV file has for a number.
_NUMBER = re.compile(r"[-+]?[\d.,]+%?")


@dataclass(frozen=True, kw_only=True)
class Head:
    """Where the head stands, its texts by column, and what they mean; `guessed` if by its place alone."""

    top: int
    lines: int
    texts: list[list[str]]
    fields: list[tuple[str | None, float]]
    guessed: bool = False

    @property
    def score(self) -> int:
        """How much of the sheet this head explains."""
        certain = {field for field, confidence in self.fields if field and confidence >= CERTAIN}
        return len(certain) * 2 + ("name" in certain)


def choose_sheet(
    found: list[dict[str, Any]], file_name: str, sheet: str | None, *, by_hand: bool = False
) -> tuple[dict[str, Any], Head]:
    """Pick the sheet and its head; `by_hand`: also one in which nothing says where the names are."""
    if sheet is not None:
        found = [one for one in found if one["name"] == sheet]
        if not found:
            raise RecordError(file_name, [f"没有工作表“{sheet}”，请重新选择。"])
    if not any(one["rows"] for one in found):
        raise RecordError(file_name, ["表格是空的，没有任何内容。请检查是否选错了文件。"])
    heads = [(one, _best_head(one)) for one in found]
    for one, head in heads:
        if head is not None and any(f == "name" and c >= CERTAIN for f, c in head.fields):
            return one, head
    if by_hand:
        return _to_map(heads)
    seen = next((head for _, head in heads if head is not None), None)
    raise RecordError(file_name, [_no_name_column(seen)])


def _to_map(heads: list[tuple[dict[str, Any], Head | None]]) -> tuple[dict[str, Any], Head]:
    """Pick the sheet that is understood best, or else the first with a row that looks like a head."""
    understood = [(one, head) for one, head in heads if head is not None]
    if understood:
        return max(understood, key=lambda pair: pair[1].score)
    first = next(one for one, _ in heads if one["rows"])
    return first, _guessed_head(first)


def _guessed_head(one: dict[str, Any]) -> Head:
    """Fullest row of words above the first row with a number; no line at all if there is none."""
    rows = _expanded(one["rows"][:_HEAD_WITHIN_ROWS], one["merges"])
    filled = [len({value for value in row if value is not None}) for row in rows]
    # Titles and lines of units are short.
    wide = [at for at, count in enumerate(filled) if count * 2 >= max(filled)]
    numbers = (at for at in wide if any(_looks_a_number(value) for value in rows[at]))
    end = next(numbers, len(rows))
    above = [at for at in wide if at < end]
    top = max(above, key=lambda at: filled[at]) if above else wide[0]
    words = rows[top] if above else [None] * max(map(len, rows[top:]))
    texts = [_stack([word]) for word in words]
    return Head(
        top=top,
        lines=1 if above else 0,
        texts=texts,
        fields=propose([field_of(parts[-1]) if parts else (None, 0.0) for parts in texts]),
        guessed=True,
    )


def _looks_a_number(value: Any) -> bool:
    return has_number([value]) or (isinstance(value, str) and bool(_NUMBER.fullmatch(value)))


def _no_name_column(seen: Head | None) -> str:
    advice = "请检查是否选错了文件，或把表头改成“小区名称、居民户数、楼栋数、住宅建筑面积、预计投资额”等。"
    if seen is None:
        return f"没有找到表头，缺少“小区名称”一栏。{advice}"
    heads = "、".join(" ".join(parts) for parts in seen.texts if any(parts))[:200]
    return f"缺少“小区名称”一栏，表头只有：{heads}。{advice}"


def _best_head(one: dict[str, Any]) -> Head | None:
    """Head with the most columns that are understood; of equals the one with fewer lines."""
    rows = _expanded(one["rows"][: _HEAD_WITHIN_ROWS + _HEAD_LINES], one["merges"])
    best: tuple[tuple[int, int], Head] | None = None
    for top in range(min(_HEAD_WITHIN_ROWS, len(rows))):
        for lines in range(1, _HEAD_LINES + 1):
            head = _head(rows, top, lines)
            if head is None:
                continue
            # As many lines as merged cells tie together; of others the fewest that explain as much.
            bound = lines > 1 and _tied(one["merges"], top)
            rank = (head.score, lines if bound else -lines)
            if best is None or rank > best[0]:
                best = (rank, head)
    return None if best is None else best[1]


def _tied(merges: list[list[int]], top: int) -> bool:
    """Whether merged cells tie a line to the one below it, as stacked heads are: 资金来源 over its parts."""
    down = any(first == top and last > top for first, _, last, _ in merges)
    across = sum(first == top == last and right > left for first, left, last, right in merges)
    return down or across > 1


def _head(rows: list[list[Any]], top: int, lines: int) -> Head | None:
    block = rows[top : top + lines]
    if len(block) < lines or any(has_number(row) for row in block):
        return None
    # A title over the whole width is no part of the head.
    if any(len({value for value in row if value is not None}) < 2 for row in block):
        return None
    width = max(map(len, block))
    texts = [
        _stack([row[column] if column < len(row) else None for row in block])
        for column in range(width)
    ]
    fields = propose(
        [field_of(parts[-1], parents=parts[:-1]) if parts else (None, 0.0) for parts in texts]
    )
    head = Head(top=top, lines=lines, texts=texts, fields=fields)
    return head if head.score >= 2 else None


def has_number(row: list[Any]) -> bool:
    """Whether a row holds a number: a head does not."""
    return any(isinstance(value, int | float) and not isinstance(value, bool) for value in row)


def _stack(values: list[Any]) -> list[str]:
    """Texts of one column from the top, repeats by merged cells left out."""
    parts: list[str] = []
    for value in values:
        text = str(value).strip() if value is not None else ""
        if text and (not parts or text != parts[-1]):
            parts.append(text)
    return parts


def _expanded(rows: list[list[Any]], merges: list[list[int]]) -> list[list[Any]]:
    """Copy of the first rows with merged cells filled."""
    filled = [list(row) for row in rows]
    for top, left, bottom, right in merges:
        if top >= len(filled) or left >= len(filled[top]):
            continue
        value = filled[top][left]
        for row in filled[top : bottom + 1]:
            row.extend([None] * (right + 1 - len(row)))
            row[left : right + 1] = [value] * (right + 1 - left)
    return filled


def units_above(rows: list[list[Any]]) -> dict[str, str]:
    """Find the units that a line above the table declares, by dimension."""
    units: dict[str, str] = {}
    for row in rows:
        for value in row:
            if isinstance(value, str):
                units |= {str(k): v for k, v in declared_units(value).items()}
    return units


def title_above(rows: list[list[Any]]) -> str:
    """Find the title line above the table; empty if there is none."""
    texts = [str(value) for row in rows for value in row if value is not None]
    return next((text for text in texts if len(text) > 4 and not declared_units(text)), "")
