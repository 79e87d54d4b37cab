"""The peer: every compound as ``folium.GeoJson`` in ``st_folium``, as a first Streamlit map is written.

Assets come from this machine, so that the peer is not held up by a network that is not there; the rest is
plain folium with a style function and a tooltip. ``PIANQU_BENCH_FILE`` names a GeoPackage that nobody else has open.
"""

from __future__ import annotations

import os

import folium
import geopandas as gpd
import streamlit as st
import streamlit_folium

from layers import assets

COLORS = ("#eff3ff", "#bdd7e7", "#6baed6", "#3182bd", "#08519c")
COLUMNS = {"户数": "households", "投资": "investment_yuan", "建筑面积": "floor_area_m2"}


@st.cache_resource
def _frame(path: str) -> gpd.GeoDataFrame:
    frame = gpd.read_file(path, layer="compounds")
    return frame[["name", *COLUMNS.values(), "geometry"]].to_crs(4326)


def _local_links() -> None:
    component = streamlit_folium._component_func
    if getattr(component, "local", False):
        return

    def local(**arguments: object) -> object:
        for key in ("js_links", "css_links"):
            arguments[key] = assets.local_urls(arguments[key], "../../assets/")
        return component(**arguments)

    local.local = True
    streamlit_folium._component_func = local


def _page() -> None:
    st.set_page_config(layout="wide", page_icon=None)
    _local_links()
    frame = _frame(os.environ["PIANQU_BENCH_FILE"])
    column = COLUMNS[st.selectbox("着色", list(COLUMNS))]
    breaks = frame[column].quantile([0.2, 0.4, 0.6, 0.8]).to_numpy()

    def style(feature: dict) -> dict:
        value = feature["properties"][column]
        rank = 0 if value is None else int((breaks < value).sum())
        return {"fillColor": COLORS[rank], "weight": 1, "color": "#555", "fillOpacity": 0.8}

    west, south, east, north = frame.total_bounds
    page = folium.Map(tiles=None, max_zoom=20)
    page.fit_bounds([[south, west], [north, east]])
    folium.GeoJson(
        frame,
        style_function=style,
        tooltip=folium.GeoJsonTooltip(["name", *COLUMNS.values()], localize=False),
    ).add_to(page)
    streamlit_folium.st_folium(page, height=640, use_container_width=True, returned_objects=[])


_page()
