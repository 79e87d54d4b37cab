"""Fields of the settings of 空间: each with the basis of its starting value behind its question mark."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from policy.figures import Figure
from ui import session

__all__ = ["Fields", "basis_text", "clause_html"]

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
    """

    def __init__(
        self, panel: str, held: Any, change: Callable[[dict[str, Any]], None], epoch: object = ""
    ) -> None:
        self._panel, self._held, self._change, self._epoch = panel, held, change, epoch

    def number(
        self,
        name: str,
        title: str,
        *,
        low: float,
        high: float,
        step: float,
        figure: Figure | None = None,
        lacking: bool = False,
        whole: bool = False,
        **options: Any,
    ) -> None:
        """Draw a field for a number; `lacking`: it may be empty, which is no limit."""
        kind: Callable[[Any], Any] = int if whole else float
        value = getattr(self._held, name)
        key = self._key(name)
        st.number_input(
            title,
            min_value=kind(low),
            max_value=kind(high),
            value=None if value is None else kind(min(max(value, low), high)),
            step=kind(step),
            format="%d" if whole else "%g",
            key=key,
            placeholder=options.pop("placeholder", "不限" if lacking else None),
            help=self._help(figure, options.pop("help", None)),
            on_change=lambda: self._told(name, st.session_state[key], lacking=lacking),
            **options,
        )

    def share(
        self,
        name: str,
        title: str,
        *,
        most: float = 1.0,
        step: float = 0.05,
        figure: Figure | None = None,
        **options: Any,
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
            help=self._help(figure, options.pop("help", None)),
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

    def _help(self, figure: Figure | None, more: str | None) -> str | None:
        told = [text for text in (more, basis_text(figure) if figure else None) if text]
        return "。".join(told) or None
