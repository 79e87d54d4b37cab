"""The browser's door: ``streamlit run app.py`` finds :data:`app` and serves it.

Started by ``pianqu serve``, which passes the flags of :func:`ui.settings.streamlit_flags`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

from ui import doorway, loaded, messages, routes, settings
from ui.pages import PAGES

__all__ = ["app"]


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[None]:
    """Read the plan that the server was started with before the first planner asks for it."""
    given = settings.opened_plan()
    if given is not None and given.is_file():
        loaded.warm(given)
    yield
    loaded.close_all()


app = st.App(
    Path(__file__).parent / "ui" / "entry" / "start.py",
    routes=[*routes.plan_routes(), *doorway.door_routes([page.address for page in PAGES])],
    middleware=[Middleware(doorway.DoorHeaders)],
    lifespan=lifespan,
    on_script_error=messages.show_error,
)
