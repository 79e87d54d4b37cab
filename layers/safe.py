"""Attribute text stays text: branca's second template pass closed, and one way to escape.

branca renders the macro of an element and then takes the *result* for a new Jinja template. Whatever an
attribute of an imported file holds between double braces would so be run on the server. Importing this
module makes the result verbatim; every module here that touches folium imports it first. Text that
goes into a page is passed through :func:`esc`, and values that go into a script through
:func:`script_json`.
"""

from __future__ import annotations

import html
import json
from typing import Any

import branca.element

__all__ = ["close_second_pass", "esc", "script_json"]


class Verbatim(branca.element.Element):
    """A piece of page that is already rendered and is given out as it stands."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._name = "Element"
        self._text = text

    def render(self, **_: Any) -> str:
        """Return the text; no template is involved."""
        return self._text


def _render_once(self: branca.element.MacroElement, **kwargs: Any) -> None:
    """Render header, html and script of an element into its figure, each of them once."""
    figure = self.get_root()
    macros = self._template.module.__dict__
    for part in ("header", "html", "script"):
        macro = macros.get(part)
        if macro is not None:
            getattr(figure, part).add_child(Verbatim(macro(self, kwargs)), name=self.get_name())
    for child in list(self._children.values()):
        child.render(**kwargs)


def close_second_pass() -> None:
    """Make branca give out what it has rendered instead of rendering it again (for the whole process)."""
    branca.element.MacroElement.render = _render_once


close_second_pass()

# html.escape leaves what is live inside templates, template literals and scripts.
_LIVE = {ord(character): f"&#{ord(character)};" for character in "{}`$\\"}


def esc(value: object) -> str:
    """Text that is inert in HTML, in attributes, in JavaScript strings and in Jinja templates.

    Parameters
    ----------
    value : object
        Shown as ``str(value)``; None is the empty text.

    Examples
    --------
    >>> esc("{{7*7}}<b>")
    '&#123;&#123;7*7&#125;&#125;&lt;b&gt;'
    """
    return html.escape("" if value is None else str(value), quote=True).translate(_LIVE)


# Inside a script element `<` could end it or open a comment, and braces could meet a template again.
_ESCAPED = {ord(character): f"\\u{ord(character):04x}" for character in "<>&`$'\u2028\u2029"}


def script_json(value: object) -> str:
    r"""JSON that is also a harmless JavaScript expression, whatever its strings hold.

    Parameters
    ----------
    value : object
        Anything :mod:`json` takes; numbers must be finite.

    Raises
    ------
    ValueError
        If a number is NaN or infinite.

    Examples
    --------
    >>> script_json({"name": "</script>{{1}}"})
    '{"name": "\\u003c/script\\u003e\\u007b\\u007b1\\u007d\\u007d"}'
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    return _escape_strings(text).translate(_ESCAPED)


def _escape_strings(text: str) -> str:
    """Replace braces inside string literals; those of the JSON structure stay."""
    out: list[str] = []
    inside = escaped = False
    for character in text:
        if inside and not escaped and character in "{}":
            out.append(f"\\u{ord(character):04x}")
            continue
        out.append(character)
        if escaped:
            escaped = False
        elif character == "\\":
            escaped = inside
        elif character == '"':
            inside = not inside
    return "".join(out)
