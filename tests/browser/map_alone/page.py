"""The page: the map, and a button that runs it again."""

import streamlit as st
import streamlit_folium

from layers.assets import local_urls
from layers.webmap import Legend, MapConfig, MapState, Target, map_state, plan_map
from layers.webmap_overlay import overlay_state
from tests.browser.map_alone import laid
from tests.browser.map_alone.town import control, index, log, painted


def _serve_links_from_here():
    component = getattr(streamlit_folium, "_plain_component", streamlit_folium._component_func)
    streamlit_folium._plain_component = component

    def served(**given):
        for links in ("js_links", "css_links"):
            given[links] = local_urls(given[links], "../../assets/")
        return component(**given)

    streamlit_folium._component_func = served


def _show():
    st.set_page_config(layout="wide", page_icon="🏠")
    st.markdown(
        "<style>.stMainBlockContainer{padding:0!important;max-width:none}header{display:none!important}"
        "iframe{display:block}</style>",
        unsafe_allow_html=True,
    )

    wanted = control()
    theme = wanted.get("theme", "built")
    selected = wanted.get("selected", [])
    scale = painted(theme)
    config = MapConfig(
        base="../../plan/T/",
        zone=37,
        central_meridian=111.0,
        layers=(
            ("compounds", "小区"),
            ("pianqu", "片区"),
            ("buildings", "建筑"),
            ("roads", "道路"),
            ("green", "绿地"),
            ("water", "水系"),
        ),
        attribution="示例数据",
        view=tuple(wanted["view"]) if "view" in wanted else None,
    )
    target = wanted.get("target")
    state = MapState(
        tiles_rev=wanted.get("rev", 1),
        classes_url=f"classes?theme={theme}&selected={','.join(selected)}&hide={wanted.get('hide', -1)}",
        legend=Legend(title=scale.title, unit=scale.unit, rows=tuple(scale.legend)),
        extent=index().extent(),
        mode=wanted.get("mode", "select"),
        mode_seq=wanted.get("mode_seq", 0),
        target=Target(**target) if target else None,
        fit=tuple(wanted["fit"]) if "fit" in wanted else None,
        fit_seq=wanted.get("fit_seq", 0),
        notes=("虚线为示意边界",),
        labels=tuple(tuple(label) for label in wanted.get("labels", [])),
        message=wanted.get("message"),
        busy=wanted.get("busy"),
        overlay=_overlay(wanted),
        stalls=laid.TOOL if wanted.get("stalls") else None,
    )
    event = streamlit_folium.st_folium(
        plan_map(config),
        key="map",
        height=wanted.get("height", 640),
        use_container_width=True,
        returned_objects=[],
        feature_group_to_add=map_state(state),
    )
    log("run", event=event)
    st.button("再来")


def _overlay(wanted):
    name = wanted.get("overlay")
    if name is None:
        return None
    marked = tuple(wanted.get("marked", ()))
    return overlay_state(laid.overlay(name), f"overlay?name={name}", marked)


if __name__ == "__main__":  # Streamlit runs it so; test collection only imports it
    _serve_links_from_here()
    _show()
