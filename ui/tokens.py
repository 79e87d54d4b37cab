"""The right of a page to the plan's own routes.

Routes of the server know nothing of Streamlit's login, session or XSRF check, so each session gets an
unguessable token when its page runs. The token is good only while that session is connected and, where
the browser has Streamlit's cookie, only from the browser that has it. It carries what this session may
see: one plan, and the class table that its page has painted.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from layers.webmap_overlay import Overlay
    from ui.loaded import LoadedPlan

__all__ = ["Grant", "Grants", "Side", "browser_mark"]

TOKEN_BYTES = 24
XSRF_COOKIE = "_streamlit_xsrf"


@dataclass(frozen=True, kw_only=True, eq=False)
class Side:
    """One of the maps side by side: names of the 片区 by uid of the compound, and what is written on it.

    `labels` are name, longitude, latitude and colour number of each 片区, as JSON.
    """

    names: pd.Series
    labels: bytes


@dataclass(kw_only=True)
class Grant:
    """What one session may fetch.

    Attributes
    ----------
    token : str
        Part of the address.
    session_id : str
        Streamlit session that it was given to.
    mark : str or None
        :func:`browser_mark` of the browser, None if it had no cookie.
    wid : str
        Workspace whose viewport may be set.
    loaded : LoadedPlan or None
        The one plan that may be read.
    classes : bytes
        One byte per compound row, as the page painted it; of maps side by side, one table after the other.
    sides : tuple of Side
        The maps that the page has put side by side.
    overlay : Overlay or None
        What the page has laid over the map.
    """

    token: str
    session_id: str
    mark: str | None
    wid: str
    loaded: LoadedPlan | None = None
    classes: bytes = b""
    classes_tag: str = field(default="0")
    sides: tuple[Side, ...] = ()
    overlay: Overlay | None = None

    def paint(self, classes: bytes) -> str:
        """Keep the class table and return the tag that changes with its content."""
        if classes != self.classes:
            self.classes = classes
            self.classes_tag = hashlib.blake2b(classes, digest_size=6).hexdigest()
        return self.classes_tag


class Grants:
    """All rights that are given out.

    Parameters
    ----------
    alive : callable
        Whether a Streamlit session is connected.
    """

    def __init__(self, alive: Callable[[str], bool]) -> None:
        self._alive = alive
        self._lock = threading.Lock()
        self._by_token: dict[str, Grant] = {}

    def give(self, session_id: str, *, mark: str | None, wid: str) -> Grant:
        """Give `session_id` a new right; rights of dead sessions are dropped on the way."""
        grant = Grant(
            token=secrets.token_urlsafe(TOKEN_BYTES), session_id=session_id, mark=mark, wid=wid
        )
        with self._lock:
            dead = [t for t, g in self._by_token.items() if not self._alive(g.session_id)]
            for token in dead:
                # A session that only lost its connection gets a new right at its next run.
                del self._by_token[token]
            self._by_token[grant.token] = grant
        return grant

    def holds(self, grant: Grant) -> bool:
        """Tell whether `grant` is still among the rights given out."""
        return self._by_token.get(grant.token) is grant

    def check(self, token: str, *, mark: str | None) -> Grant | None:
        """Return the right behind `token`.

        None if there is none, its session is gone or the browser is another.
        """
        grant = self._by_token.get(token)
        if grant is None or not self._alive(grant.session_id):
            return None
        if grant.mark is not None and not hmac.compare_digest(grant.mark, mark or ""):
            return None
        return grant


def browser_mark(cookie: str | None) -> str | None:
    """Return what stays the same in Streamlit's XSRF cookie for one browser.

    The cookie ``2|mask|masked token|time`` is masked anew with every answer; mask and masked token
    joined by exclusive or give the token, of which a digest is kept.
    """
    parts = (cookie or "").strip('"').split("|")
    if len(parts) != 4:
        return None
    try:
        mask, masked = bytes.fromhex(parts[1]), bytes.fromhex(parts[2])
    except ValueError:
        return None
    if not mask or not masked:
        return None
    token = bytes(b ^ mask[i % len(mask)] for i, b in enumerate(masked))
    return hashlib.sha256(token).hexdigest()
