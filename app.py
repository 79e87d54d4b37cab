"""The browser's door: ``streamlit run app.py`` finds :data:`app` and serves it.

Started by ``pianqu serve``, which passes the flags of :func:`ui.settings.streamlit_flags`.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

from ui import doorway, loaded, messages, routes, settings
from ui.pages import PAGES

__all__ = ["app"]

# The first page comes first; then what takes seconds once after an installation.
KERNELS_AFTER_SECONDS = 5.0


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[None]:
    """Read the plan that the server was started with before the first planner asks for it."""
    given = settings.opened_plan()
    if given is not None and given.is_file():
        loaded.warm(given)
    kernels = threading.Timer(KERNELS_AFTER_SECONDS, _warm_kernels)
    kernels.daemon = True
    kernels.start()
    yield
    kernels.cancel()
    loaded.close_all()


def _warm_kernels() -> None:
    """Compile what proposals, layouts and sites search with; whoever asks earlier waits for it then."""
    from geo.kernels import warm

    try:
        warm()
    except Exception:
        logging.getLogger(__name__).exception("The kernels of geo could not be compiled ahead.")


app = st.App(
    Path(__file__).parent / "ui" / "entry" / "start.py",
    routes=[*routes.plan_routes(), *doorway.door_routes([page.address for page in PAGES])],
    middleware=[Middleware(doorway.DoorHeaders)],
    lifespan=lifespan,
    on_script_error=messages.show_error,
)
