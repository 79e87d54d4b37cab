"""Fields of the settings of 空间: each with the basis of its starting value behind its question mark."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from policy.figures import Figure
from ui import session

__all__ = ["Fields", "Number", "basis_text", "clause_html"]

PERCENT = 100.0


def basis_text(figure: Figure) -> str:
    """Say what a figure means, its starting value and where that is from."""
    return f"{figure.text}。起始值 {_value(figure)} {figure.cited}"


def clause_html(figure: Figure) -> str:
    """Source of a figure, small and grey."""
    return f"<span class='clause'>{figure.cited}</span>"


def _value(figure: Figure) -> str:
    if figure.unit == "比例":
        return f"{figure.value:.1%}".replace(".0%", "%")
    unit = {"m": "米"}.get(figure.unit, figure.unit)
    return f"{figure.value:g} {unit}"


@dataclass(frozen=True)
class Number:
    """What a field for a number asks.

    Attributes
    ----------
    name : str
        Attribute of the record.
    title : str
        Words over the field, with the unit.
    low, high, step : float
        In the unit of the title.
    whole : bool
        Of whole numbers.
    empty : str or None
        What it means if nothing is filled in, written in the empty field; None: something must be.
    why : str or None
        Said behind the question mark, before the basis of the starting value.
    """

    name: str
    title: str
    low: float
    high: float
    step: float
    whole: bool = False
    empty: str | None = None
    why: str | None = None


class Fields:
    """Fields that tell their change at once.

    Parameters
    ----------
    panel : str
        Prefix of the widgets' keys.
    held : object
        Record whose attributes the fields show.
    change : callable
        Told the name and value of what the planner has changed.
    epoch : object
        Changes when the record was changed by something else, so that the fields start from it again.
    figures : mapping, optional
        Basis of the starting values, by attribute.
    """

    def __init__(
        self,
        panel: str,
        held: Any,
        change: Callable[[dict[str, Any]], None],
        epoch: object = "",
        figures: Mapping[str, Figure] | None = None,
    ) -> None:
        self._panel, self._held, self._change, self._epoch = panel, held, change, epoch
        self._figures = figures or {}

    def columns(self, *columns: Sequence[Number]) -> None:
        """Draw fields for numbers below and beside each other."""
        for place, numbers in zip(st.columns(len(columns)), columns, strict=True):
            with place:
                for asked in numbers:
                    self.number(asked)

    def number(self, asked: Number, *, disabled: bool = False) -> None:
        """Draw a field for a number."""
        kind: Callable[[Any], Any] = int if asked.whole else float
        low, high, value = asked.low, asked.high, getattr(self._held, asked.name)
        key = self._key(asked.name)
        st.number_input(
            asked.title,
            min_value=kind(low),
            max_value=kind(high),
            value=None if value is None else kind(min(max(value, low), high)),
            step=kind(asked.step),
            format="%d" if asked.whole else "%g",
            key=key,
            placeholder=asked.empty,
            help=self._help(asked.name, asked.why),
            on_change=lambda: self._told(
                asked.name, st.session_state[key], lacking=asked.empty is not None
            ),
            disabled=disabled,
        )

    def share(
        self, name: str, title: str, *, most: float = 1.0, step: float = 0.05, **options: Any
    ) -> None:
        """Draw a slider for a share, in per cent."""
        value = min(max(getattr(self._held, name), 0.0), most)
        key, decimals = self._key(name), 0 if step * PERCENT >= 1 else 1
        st.slider(
            title,
            0.0,
            most * PERCENT,
            value * PERCENT,
            step=step * PERCENT,
            format=f"%.{decimals}f%%",
            key=key,
            help=self._help(name, options.pop("help", None)),
            on_change=lambda: self._told(name, round(st.session_state[key] / PERCENT, 6)),
            **options,
        )

    def choice(self, name: str, title: str, known: Mapping[Any, str], **options: Any) -> None:
        """Draw a list of which one is chosen."""
        key, value = self._key(name), getattr(self._held, name)
        st.selectbox(
            title,
            list(known),
            index=list(known).index(value) if value in known else 0,
            format_func=lambda one: known[one],
            key=key,
            filter_mode=None,
            on_change=lambda: self._told(name, st.session_state[key]),
            **options,
        )

    def several(self, name: str, title: str, known: Mapping[Any, str], **options: Any) -> None:
        """Draw buttons of which any may be down."""
        key = self._key(name)
        st.pills(
            title,
            list(known),
            selection_mode="multi",
            default=[one for one in known if one in getattr(self._held, name)],
            format_func=lambda one: known[one],
            key=key,
            on_change=lambda: self._told(
                name, tuple(one for one in known if one in st.session_state[key])
            ),
            **options,
        )

    def flag(self, name: str, title: str, **options: Any) -> None:
        """Draw a box to tick."""
        key = self._key(name)
        st.checkbox(
            title,
            value=getattr(self._held, name),
            key=key,
            on_change=lambda: self._told(name, bool(st.session_state[key])),
            **options,
        )

    def _key(self, name: str) -> str:
        return session.widget(self._panel, name, self._epoch)

    def _told(self, name: str, value: Any, *, lacking: bool = False) -> None:
        if value is not None or lacking:
            self._change({name: value})

    def _help(self, name: str, more: str | None) -> str | None:
        figure = self._figures.get(name)
        told = [text for text in (more, basis_text(figure) if figure else None) if text]
        return "。".join(told) or None
