"""Reading of 改造内容 texts: free text of a ledger into works of the catalogue.

A phrase is consumed from left to right, the longest known word first: words of works, quantities, places
and fillers. What none of them explains is handed back as unread; nothing is dropped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache, lru_cache

from policy.works import half_width, reading_words, works

__all__ = ["Reading", "WorkItem", "read_works"]

# A full stop between digits is a decimal point (拓宽4.5米).
_SEPARATORS = re.compile(r"[、,;:。!?|+·•()\[\]【】〔〕“”\"'《》…~/\\]+|(?<!\d)\.|\.(?!\d)")
_THOUSANDS = re.compile(r"(?<![\d,.])\d{1,3}(?:,\d{3})+(?![\d,])")
_WIDTH_BEFORE = re.compile(r"宽度?[为至到约成]?$")
_LONGEST_WIDTH_WORD = 3
# A longer row of digits is no count of anything; a longer list number is none.
_MOST_DIGITS, _MOST_DIGITS_OF_A_LIST_NUMBER = 12, 3
_DIGITS = {
    "〇": 0,
    "零": 0,
    "一": 1,
    "二": 2,
    "两": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
}
_TENS = {"十": 10, "百": 100, "千": 1000}
_WAN = 10_000
_NOTHING = frozenset({"等", "等等", "及", "和", "与", "并", "以及", "的"})


@dataclass(frozen=True, kw_only=True)
class WorkItem:
    """One work found in a text.

    Attributes
    ----------
    work : str
        Id in the catalogue.
    raw : str
        The phrase it was read from.
    quantity : int, float or None
        As given in the phrase.
    unit : str or None
        Unit of the quantity.
    """

    work: str
    raw: str
    quantity: float | None = None
    unit: str | None = None


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What a text says.

    Attributes
    ----------
    items : tuple of WorkItem
        In the order of the text.
    unread : tuple of str
        Phrases, or remainders of phrases, that were not understood.
    """

    items: tuple[WorkItem, ...] = ()
    unread: tuple[str, ...] = ()

    @property
    def works(self) -> tuple[str, ...]:
        """Ids of the works, each once, in the order of the text."""
        return tuple(dict.fromkeys(item.work for item in self.items))


@dataclass(frozen=True, kw_only=True)
class _Token:
    kind: str
    text: str
    quantity: tuple[float, str] | None = None


@dataclass(frozen=True, kw_only=True)
class _Phrase:
    """What one phrase says; `quantity` is of a phrase that holds nothing else (约20盏)."""

    items: tuple[WorkItem, ...] = ()
    unread: tuple[str, ...] = ()
    only_place: bool = False
    quantity: tuple[float, str] | None = None


def read_works(text: str | None, *, names: Sequence[str] = ()) -> Reading:
    """Read a 改造内容 text into works with their quantities.

    Parameters
    ----------
    text : str or None
        As in the ledger, line breaks of a PDF included; "/" and empty say that there is none.
    names : sequence of str
        Names of the compound, which are places and no works.

    Returns
    -------
    Reading

    Examples
    --------
    >>> reading = read_works("地面沥青、划线、健身设施一套、新增停车位 26 个及凉亭")
    >>> [(item.work, item.quantity, item.unit) for item in reading.items]
    ... # doctest: +NORMALIZE_WHITESPACE
    [('road_asphalt', None, None), ('parking_marking', None, None), ('fitness', 1, '套'),
     ('parking_new', 26, '个')]
    >>> reading.unread
    ('凉亭',)
    """
    if not isinstance(text, str):
        return Reading()
    plain = _THOUSANDS.sub(lambda match: match.group().replace(",", ""), half_width(text))
    for name in sorted((half_width(name) for name in names if name), key=len, reverse=True):
        plain = plain.replace(name, "小区")
    items: list[WorkItem] = []
    unread: list[str] = []
    places: list[str] = []
    last_read = False
    for phrase in filter(None, _SEPARATORS.split(plain)):
        said = _read_phrase(phrase)
        if said.only_place:
            places.append(phrase)
            last_read = False
            continue
        # 路灯（20盏）: the quantity stands in brackets behind its work.
        if last_read and said.quantity is not None and items[-1].quantity is None:
            items[-1] = _with_quantity(items[-1], phrase, said.quantity)
            last_read = False
            continue
        whole = "、".join((*places, phrase)) if places else phrase
        items += [replace(item, raw=whole) for item in said.items] if places else said.items
        unread += [whole] if said.unread == (phrase,) else said.unread
        # A joining word or a sum of money in between does not end the place.
        places = [] if said.items or said.unread else places
        last_read = bool(said.items)
    if not all(_is_list_number(place) for place in places):
        unread.append("、".join(places))
    return Reading(items=tuple(items), unread=tuple(unread))


def _is_list_number(text: str) -> bool:
    """Whether it says nothing where it is left over at the end."""
    return text.isdigit() and len(text) <= _MOST_DIGITS_OF_A_LIST_NUMBER


def _with_quantity(item: WorkItem, phrase: str, quantity: tuple[float, str]) -> WorkItem:
    number, unit = quantity
    return replace(item, raw=f"{item.raw}({phrase})", quantity=number, unit=unit)


# A city's ledger repeats the same few hundred phrases thousands of times.
@lru_cache(maxsize=20_000)
def _read_phrase(phrase: str) -> _Phrase:
    tokens = _names_of_places(list(_tokens(phrase)))
    kinds = {token.kind for token in tokens}
    if "work" in kinds:
        return _Phrase(items=_items(tokens, phrase), unread=_rests(tokens))
    if phrase in _NOTHING or ("note" in kinds and "unknown" not in kinds):
        return _Phrase()
    if kinds <= {"place", "bare", "filler"} and kinds & {"place", "bare"}:
        return _Phrase(only_place=True)
    quantities = [token.quantity for token in tokens if token.quantity is not None]
    only_quantity = kinds <= {"quantity", "filler"} and len(quantities) == 1
    return _Phrase(unread=(phrase,), quantity=quantities[0] if only_quantity else None)


def _tokens(phrase: str) -> Iterator[_Token]:
    position = 0
    for match in _pattern().finditer(phrase):
        if match.start() > position:
            yield _Token(kind="unknown", text=phrase[position : match.start()])
        yield _token(match, phrase)
        position = match.end()
    if position < len(phrase):
        yield _Token(kind="unknown", text=phrase[position:])


def _token(match: re.Match[str], phrase: str) -> _Token:
    text = match.group()
    if match["word"]:
        return _Token(kind=_kind_of()[text.lower()], text=text)
    kind = str(match.lastgroup)
    if kind != "quantity":
        return _Token(kind=kind, text=text)
    # 拓宽为5米 is a width, not an amount of work.
    if _WIDTH_BEFORE.search(phrase, max(0, match.start() - _LONGEST_WIDTH_WORD), match.start()):
        return _Token(kind="filler", text=text)
    if len(match["number"]) > _MOST_DIGITS:
        return _Token(kind="unknown", text=text)
    number = _number(match["number"], scale=_WAN if match["wan"] else 1)
    return _Token(kind="quantity", text=text, quantity=(number, match["unit"]))


def _names_of_places(tokens: list[_Token]) -> list[_Token]:
    """Take an unknown word right before a place for its name: 友谊医院 南侧, 农行 1-2号楼.

    Before a bare number only what ends like a name (明珠苑 一、二期): 凉亭2 is no place.
    """
    named = list(tokens)
    ends = reading_words().name_ends
    for k in range(len(named) - 2, -1, -1):
        follows = named[k + 1].kind
        is_name = follows == "place" or (follows == "bare" and named[k].text.endswith(ends))
        if named[k].kind == "unknown" and is_name:
            named[k] = _Token(kind="place", text=named[k].text)
    return named


def _items(tokens: list[_Token], phrase: str) -> tuple[WorkItem, ...]:
    """Works of a phrase; a quantity goes to the work before it, else to the one after.

    A work named twice counts once, unless each time with a quantity (路灯10盏和庭院灯20盏).
    """
    found: list[tuple[str, tuple[float, str] | None]] = []
    waiting: tuple[float, str] | None = None
    for token in tokens:
        if token.kind == "work":
            found.append((_work_of()[token.text.lower()], waiting))
            waiting = None
        elif token.quantity is not None and found and found[-1][1] is None:
            found[-1] = (found[-1][0], token.quantity)
        elif token.quantity is not None and not found:
            waiting = token.quantity
    counted = {work for work, quantity in found if quantity is not None}
    kept = dict.fromkeys(
        (work, quantity) for work, quantity in found if quantity is not None or work not in counted
    )
    return tuple(_item(work, phrase, quantity) for work, quantity in kept)


def _item(work: str, phrase: str, quantity: tuple[float, str] | None) -> WorkItem:
    number, unit = quantity or (None, None)
    return WorkItem(work=work, raw=phrase, quantity=number, unit=unit)


def _rests(tokens: list[_Token]) -> tuple[str, ...]:
    return tuple(token.text for token in tokens if token.kind == "unknown")


@cache
def _work_of() -> dict[str, str]:
    """Work of every word, those included that two words make together.

    更换单元门 must not cut 更换单元门禁 short, nor 新增雨水管 the word 新增雨水管网: where a word is a filler and
    another word, the filler goes with the longer words that begin alike too.
    """
    listed = {word: work.id for work in works().values() for word in work.words}
    fillers = set(reading_words().fillers)
    longer = {
        word[:cut] + other: listed[other]
        for word in listed
        for cut in range(1, len(word))
        if word[:cut] in fillers and word[cut:] in listed
        for other in listed
        if other.startswith(word[cut:])
    }
    return {**longer, **listed}


@cache
def _kind_of() -> dict[str, str]:
    """Kind of every known word; a word of a work is never a place, a place never a filler."""
    around = reading_words()
    return {
        **dict.fromkeys(around.fillers, "filler"),
        **dict.fromkeys(around.places, "place"),
        **dict.fromkeys(around.headings, "note"),
        **dict.fromkeys(_work_of(), "work"),
    }


@cache
def _pattern() -> re.Pattern[str]:
    """One pattern for all: the longest known word, else a sum, a quantity, a block, a bare number."""
    number = rf"\d+(?:\.\d+)?|[{''.join(_DIGITS)}{''.join(_TENS)}]+"
    # 200余个, 1.5万平方米; 万元 is a unit of its own.
    scale = r"(?P<wan>万(?!元))?[余多]?"
    return re.compile(
        rf"(?P<word>{_any_of(_kind_of())})"
        rf"|(?P<note>(?:预算|预计|估算)?(?:总)?投资约?(?:{number})(?:万元|元|万))"
        rf"|(?P<quantity>(?P<number>{number}){scale}(?P<unit>{_any_of(reading_words().units)}))"
        rf"|(?P<place>[a-z]?\d*(?:-\d+)?(?:号楼|#楼|号|#|幢)|[a-z]\d*区|(?:{number})(?:期|区))"
        rf"|(?P<bare>{number})",
        re.IGNORECASE,
    )


def _any_of(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word)))


def _number(text: str, *, scale: int = 1) -> float:
    """Read a number in digits or in Chinese numerals below ten thousand.

    Examples
    --------
    >>> _number("26"), _number("4.5"), _number("十二"), _number("两"), _number("二百零五")
    (26, 4.5, 12, 2, 205)
    >>> _number("3.2", scale=10_000)
    32000
    """
    if text[0].isdigit():
        exact = Decimal(text) * scale
        return int(exact) if exact == exact.to_integral_value() else float(exact)
    total, digit = 0, 0
    for sign in text:
        if sign in _TENS:
            total += (digit or 1) * _TENS[sign]
            digit = 0
        else:
            digit = _DIGITS[sign]
    return (total + digit) * scale
