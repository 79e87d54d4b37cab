"""``streamlit run`` finds the app here."""

from pathlib import Path

import streamlit as st

from tests.browser.map_alone.town import ROUTES

app = st.App(Path(__file__).parent / "page.py", routes=ROUTES)
