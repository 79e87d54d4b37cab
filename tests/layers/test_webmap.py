"""What goes to the browser at a run of the page: little, safe, and only from here."""

import json
import re

import pytest
from streamlit_folium import _get_feature_group_string, _get_map_string, generate_js_hash

from layers.assets import local_urls
from layers.scale import LegendRow
from layers.webmap import (
    BaseLayer,
    Ground,
    Legend,
    MapConfig,
    MapState,
    Target,
    map_state,
    plan_map,
)
from layers.webmap_overlay import OverlayClass, OverlayState, StallShape, StallTool
from tests.layers.hostile import PAYLOADS

CONFIG = MapConfig(base="../../plan/T/", zone=37, central_meridian=111.0)


def _scripts(config=CONFIG, **state):
    made = plan_map(config)
    made.get_root().render()
    made.render()
    script = _get_map_string(made)
    given = MapState(**{"tiles_rev": 1, "classes_url": "classes?v=1"} | state)
    return script, _get_feature_group_string(map_state(given), made)


def _argument(script, call):
    """What a call in a script is given, read as the browser reads it."""
    start = script.index(call) + len(call)
    value, _ = json.JSONDecoder().raw_decode(script[start:])
    return value


def test_a_run_sends_a_few_hundred_bytes_however_many_compounds_there_are():
    mount, update = _scripts()
    assert len(mount.encode()) < 2_000
    assert len(update.encode()) < 1_000


def test_the_map_is_told_its_addresses_and_its_state():
    rows = (LegendRow(class_index=0, color="#123456", label="2000年以前", count=3),)
    target = Target(uid="u1", name="甲小区", version=4, has_boundary=False)
    mount, update = _scripts(
        legend=Legend(title="建成年代", unit="", rows=rows),
        target=target,
        fit=(112.0, 22.9, 112.1, 23.0),
        fit_seq=2,
    )
    config = _argument(mount, "window.pianquMount(map_div, ")
    assert config["base"] == "../../plan/T/"
    assert config["aggregate_below_zoom"] == 9
    state = _argument(update, "window.pianqu.update(")
    assert state["legend"]["rows"][0] == {
        "class_index": 0,
        "color": "#123456",
        "label": "2000年以前",
        "count": 3,
        "pattern": "solid",
        "mark": "",
    }
    assert state["target"] == {"uid": "u1", "name": "甲小区", "version": 4, "has_boundary": False}
    assert state["fit"] == [112.0, 22.9, 112.1, 23.0]


def test_the_same_config_keeps_the_map_mounted_and_the_state_never_mounts_it_anew():
    first, _ = _scripts(tiles_rev=1)
    second, _ = _scripts(tiles_rev=2, mode="lasso")
    assert generate_js_hash(first, "map") == generate_js_hash(second, "map")


def test_nothing_is_loaded_but_what_is_served_from_here():
    made = plan_map(CONFIG)
    urls = [url for _, url in (*made.default_js, *made.default_css)]
    served = local_urls(urls, "../../assets/")
    assert len(served) == len(urls)
    assert all(url.startswith("../../assets/") for url in served)
    page = made.get_root().render()
    assert not re.search(r"(src|href)=[\"']https?:", page)


def test_the_map_that_is_loaded_first_remembers_what_comes_meanwhile():
    assert plan_map(CONFIG).default_js[0][0] == "map_geo"


@pytest.mark.parametrize("text", PAYLOADS)
def test_text_of_records_stays_text_in_every_field(text, tmp_path):
    rows = (LegendRow(class_index=0, color="#123456", label=text, count=None),)
    ground = Ground(title=text, layers=(BaseLayer(url="raster/{z}/{x}/{y}", attribution=text),))
    config = MapConfig(
        base="../../plan/T/", layers=((text, text),), attribution=text, grounds=(ground,)
    )
    mount, update = _scripts(
        config,
        legend=Legend(title=text, unit=text, rows=rows),
        target=Target(uid=text, name=text, version=1),
        labels=((text, 112.0, 22.9, 0),),
        notes=(text,),
        message=text,
        busy=text,
        overlay=OverlayState(
            url=text,
            title=text,
            classes=(OverlayClass(name=text, title=text, detail=text, color=text),),
            notes=(text,),
            selected=(text,),
        ),
        stalls=StallTool(
            shapes=(StallShape(id=text, title=text, width_m=2.4, length_m=5.3),), classes=(text,)
        ),
    )
    state = _argument(update, "window.pianqu.update(")
    assert state["message"] == state["busy"] == state["notes"][0] == text
    assert state["overlay"]["classes"][0]["title"] == state["stalls"]["shapes"][0]["id"] == text
    assert state["labels"][0][0] == state["target"]["name"] == state["legend"]["title"] == text
    assert _argument(mount, "window.pianquMount(map_div, ")["attribution"] == text
    assert "<" not in update and "<" not in mount
    assert not list(tmp_path.iterdir())
