"""Which incoming record is which compound: by id, then by name and place; never guessed."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

__all__ = ["Ambiguous", "Matching", "match", "name_key"]

# Punctuation and brackets that people put into names or leave out.
_LOOSE = re.compile(r"[\s·•・.,，。、:：;；\-—_()（）\[\]【】〔〕<>《》“”\"'‘’]+")
# 幸福里, 幸福里小区 and 幸福里住宅小区 are one compound; 幸福里一区 and 幸福里东区 are others.
_SUFFIX = re.compile(r"(?:住宅小区|居民小区|老旧小区|小区|住宅区|居民区)$")


@dataclass(frozen=True, kw_only=True)
class Ambiguous:
    """Records that could be matched in more than one way.

    Attributes
    ----------
    incoming : tuple
        Labels of the incoming records.
    candidates : tuple of str
        Uids of the compounds that they may be.
    message : str
        Chinese sentence.
    """

    incoming: tuple[Hashable, ...]
    candidates: tuple[str, ...]
    message: str


@dataclass(frozen=True, kw_only=True)
class Matching:
    """What belongs together.

    Attributes
    ----------
    pairs : dict
        Label of an incoming record to the uid of its compound; the planner may add to it.
    new : tuple
        Labels of incoming records that no compound answers to.
    unmatched : tuple of str
        Uids of compounds that no incoming record answers to.
    ambiguous : tuple of Ambiguous
        To be decided by the planner; in neither `pairs` nor `new`.
    how : dict
        Label to ``标识码``, ``图形相同``, ``名称`` or ``名称（忽略“小区”等字样）``.
    """

    pairs: dict[Hashable, str]
    new: tuple[Hashable, ...]
    unmatched: tuple[str, ...]
    ambiguous: tuple[Ambiguous, ...]
    how: dict[Hashable, str] = field(default_factory=dict)


def match(compounds: pd.DataFrame, incoming: pd.DataFrame) -> Matching:
    """Match incoming records with the compounds of a plan.

    Parameters
    ----------
    compounds : DataFrame or GeoDataFrame
        Index uid; ``name``, ``subdistrict``, ``community``.
    incoming : DataFrame or GeoDataFrame
        Any unique index; ``uid``, ``name``, ``subdistrict``, ``community`` as far as known.

    Returns
    -------
    Matching
        First by id, then by a boundary that is the same to the last digit (a file that is imported
        again); then by the whole name, then by the name without 小区 and the like, each time within
        the same 街道 and 社区 as far as both sides say them. A compound is matched once at most.
    """
    pairs: dict[Hashable, str] = {}
    how: dict[Hashable, str] = {}
    known = {str(uid) for uid in compounds.index}
    theirs, ours = _places(incoming), _places(compounds)
    for label, uid in _ids(incoming):
        if uid in known:
            known.remove(uid)
            pairs[label], how[label] = uid, "标识码"
    for label, uid in _same_shape(compounds, incoming, pairs).items():
        pairs[label], how[label] = uid, "图形相同"
    ambiguous: list[Ambiguous] = []
    rules = (("名称", False), ("名称（忽略“小区”等字样）", True))
    for title, loose in rules:
        settled = {label for one in ambiguous for label in one.incoming}
        asked = {uid for one in ambiguous for uid in one.candidates}
        open_labels = [x for x in theirs if x not in pairs and x not in settled]
        taken = set(pairs.values())
        free = {uid: place for uid, place in ours.items() if uid not in taken and uid not in asked}
        found, unclear = _by_name({x: theirs[x] for x in open_labels}, free, loose=loose)
        pairs |= found
        how |= dict.fromkeys(found, title)
        ambiguous += unclear
    settled = {label for one in ambiguous for label in one.incoming}
    taken = set(pairs.values())
    return Matching(
        pairs=pairs,
        new=tuple(label for label in theirs if label not in pairs and label not in settled),
        unmatched=tuple(uid for uid in map(str, compounds.index) if uid not in taken),
        ambiguous=tuple(ambiguous),
        how=how,
    )


def name_key(name: str, *, loose: bool = False) -> str:
    """Name for comparison: NFKC, no blanks, brackets and punctuation; if `loose` without 小区.

    Examples
    --------
    >>> name_key("幸福里（一期） 小区")
    '幸福里一期小区'
    >>> name_key("幸福里小区", loose=True)
    '幸福里'
    """
    plain = _LOOSE.sub("", unicodedata.normalize("NFKC", name)).lower()
    return (_SUFFIX.sub("", plain) or plain) if loose else plain


@dataclass(frozen=True)
class _Place:
    name: str
    subdistrict: str
    community: str


def _ids(incoming: pd.DataFrame) -> list[tuple[Hashable, str]]:
    if "uid" not in incoming:
        return []
    return [(label, str(uid)) for label, uid in incoming["uid"].items() if _text(uid)]


def _same_shape(
    compounds: pd.DataFrame, incoming: pd.DataFrame, pairs: dict[Hashable, str]
) -> dict[Hashable, str]:
    """Pairs of exactly equal geometry, where it occurs once on each side."""
    if not isinstance(compounds, gpd.GeoDataFrame) or not isinstance(incoming, gpd.GeoDataFrame):
        return {}
    taken = set(pairs.values())
    ours = _shapes(compounds[~compounds.index.isin(list(taken))])
    theirs = _shapes(incoming[~incoming.index.isin(list(pairs))])
    return {
        labels[0]: str(ours[shape][0])
        for shape, labels in theirs.items()
        if len(labels) == 1 and len(ours.get(shape, ())) == 1
    }


def _shapes(frame: gpd.GeoDataFrame) -> dict[bytes, list[Any]]:
    found: dict[bytes, list[Any]] = defaultdict(list)
    values = shapely.to_wkb(shapely.normalize(frame.geometry.to_numpy()))
    for label, shape in zip(frame.index, values, strict=True):
        if shape is not None:
            found[shape].append(label)
    return found


def _text(value: Any) -> str:
    return "" if value is None or value is pd.NA or value != value else str(value).strip()  # noqa: PLR0124


def _places(frame: pd.DataFrame) -> dict[Any, _Place]:
    columns = [
        [_text(value) for value in frame[name]] if name in frame else [""] * len(frame)
        for name in ("name", "subdistrict", "community")
    ]
    return {label: _Place(*texts) for label, *texts in zip(frame.index, *columns, strict=True)}


def _by_name(
    theirs: dict[Any, _Place], ours: dict[Any, _Place], *, loose: bool
) -> tuple[dict[Hashable, str], list[Ambiguous]]:
    """Pairs by name; a group that the place does not decide is ambiguous as a whole."""
    groups: dict[str, tuple[list[Any], list[Any]]] = defaultdict(lambda: ([], []))
    for side, places in enumerate((theirs, ours)):
        for label, place in places.items():
            if place.name:
                groups[name_key(place.name, loose=loose)][side].append(label)
    pairs: dict[Hashable, str] = {}
    unclear: list[Ambiguous] = []
    for labels, uids in groups.values():
        fits = {x: [uid for uid in uids if _same_place(theirs[x], ours[uid])] for x in labels}
        fits = {x: _nearest(theirs[x], candidates, ours) for x, candidates in fits.items()}
        wanted = [uid for candidates in fits.values() for uid in candidates]
        loners = {x: c[0] for x, c in fits.items() if len(c) == 1 and wanted.count(c[0]) == 1}
        pairs |= {x: str(uid) for x, uid in loners.items()}
        rest = {x: c for x, c in fits.items() if c and x not in loners}
        if rest:
            unclear.append(_ambiguous(rest, theirs))
    return pairs, unclear


def _same_place(one: _Place, other: _Place) -> bool:
    """Whether two places may be the same: what only one side says does not part them."""
    return _may_be(one.subdistrict, other.subdistrict) and _may_be(one.community, other.community)


def _may_be(one: str, other: str) -> bool:
    if not one or not other:
        return True
    return _place_key(one) == _place_key(other)


def _place_key(text: str) -> str:
    # 云城街 in the text of a plan is 云城街道 in its table; 天马 is 天马社区.
    return re.sub(r"(?:街道办事处|街道办|街道|街|社区居委会|社区|居委会)$", "", name_key(text))


def _nearest(place: _Place, candidates: list[Any], ours: dict[Any, _Place]) -> list[Any]:
    """Of several candidates those that agree in what they say, if there are any."""
    if len(candidates) < 2:
        return candidates
    scores = {
        uid: sum(
            bool(mine) and bool(other) and _may_be(mine, other)
            for mine, other in (
                (place.subdistrict, ours[uid].subdistrict),
                (place.community, ours[uid].community),
            )
        )
        + (name_key(place.name) == name_key(ours[uid].name))
        for uid in candidates
    }
    best = max(scores.values())
    return [uid for uid in candidates if scores[uid] == best]


def _ambiguous(rest: dict[Any, list[Any]], theirs: dict[Any, _Place]) -> Ambiguous:
    candidates = tuple(dict.fromkeys(str(uid) for uids in rest.values() for uid in uids))
    name = theirs[next(iter(rest))].name
    text = f"“{name}”有 {len(rest)} 条导入记录、{len(candidates)} 个同名小区，无法自动对应，请逐个指定。"
    return Ambiguous(incoming=tuple(rest), candidates=candidates, message=text)
