"""Serves ``naive_page.py`` with the map's files from this machine, so that no network is waited for."""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from layers import assets

app = st.App(
    # Not this file: a component registers itself only where it is first imported inside a run.
    Path(__file__).with_name("naive_page.py"),
    routes=[Mount("/assets", StaticFiles(directory=assets.ASSETS))],
)
