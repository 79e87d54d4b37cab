"""Attribute text is never run: not by branca's second template pass, not by the browser."""

import json
import re
from pathlib import Path

import folium
import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import sync_playwright

from layers.assets import VENDOR
from layers.safe import esc, script_json
from tests.layers.hostile import MARK, PAYLOADS

# 191 · 353: what the template of the payload would come to.
COMPUTED = "67423"
SQUARE = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}


def _collection(text):
    feature = {"type": "Feature", "properties": {"name": text}, "geometry": SQUARE}
    return {"type": "FeatureCollection", "features": [feature]}


def _data(made, text):
    folium.GeoJson(_collection(text), name="layer").add_to(made)


def _tooltip(made, text):
    tip = folium.GeoJsonTooltip(["name"], aliases=[esc(text)], localize=False)
    folium.GeoJson(_collection(esc(text)), name="layer", tooltip=tip).add_to(made)


def _popup(made, text):
    shown = folium.GeoJsonPopup(["name"], aliases=[esc(text)], localize=False)
    folium.GeoJson(_collection(esc(text)), name="layer", popup=shown).add_to(made)


def _marker(made, text):
    folium.Marker([0, 0], tooltip=esc(text), icon=folium.DivIcon(html=esc(text))).add_to(made)


def _marker_popup(made, text):
    folium.Marker([0, 0], popup=folium.Popup(esc(text)), icon=folium.DivIcon()).add_to(made)


def _layer_name(made, text):
    folium.FeatureGroup(name=esc(text)).add_to(made)
    folium.LayerControl(collapsed=False).add_to(made)


def _element(made, text):
    made.get_root().html.add_child(folium.Element(f"<p title='{esc(text)}'>{esc(text)}</p>"))


def _attribution(made, text):
    folium.TileLayer("/nothing/{z}/{x}/{y}.png", attr=esc(text)).add_to(made)


CONTEXTS = (_data, _tooltip, _popup, _marker, _marker_popup, _layer_name, _element, _attribution)


def _rendered(context, text):
    made = folium.Map(tiles=None)
    context(made, text)
    return made.get_root().render()


@pytest.mark.parametrize("context", CONTEXTS, ids=lambda context: context.__name__)
@pytest.mark.parametrize("text", PAYLOADS)
def test_no_text_is_taken_for_a_template(context, text, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    page = _rendered(context, text)
    assert COMPUTED not in page
    assert not Path(MARK).exists()


def test_the_payload_that_would_be_computed_is_one_without_the_patch():
    """The test above would be worth nothing if branca no longer rendered twice, or the text were harmless."""
    template = folium.template.Template("{{ 191 * 353 }}")
    assert template.render() == COMPUTED


# jQuery is not served: popups of plain strings need this much of it.
JQUERY = "window.$ = h => { const d = document.createElement('div'); d.innerHTML = h; return d.children }"


@pytest.mark.browser
def test_no_text_is_run_by_the_browser():
    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-quic"]
        path = Path("/usr/bin/chromium")
        found = {"executable_path": str(path)} if path.exists() else {}
        with playwright.chromium.launch(args=flags, **found) as browser:
            unescaped = folium.Map(tiles=None)
            shown = folium.GeoJsonTooltip(["name"], localize=False)
            folium.GeoJson(_collection(PAYLOADS[0]), tooltip=shown).add_to(unescaped)
            assert _executes(browser, unescaped), "the detector itself works"
            executed = [text for text in PAYLOADS if _executes(browser, _everything(text))]
    assert executed == []


def _everything(text):
    made = folium.Map(tiles=None)
    for context in CONTEXTS:
        context(made, text)
    return made


def _executes(browser, made):
    html = made.get_root().render()
    page = browser.new_page()
    page.route("**/*", lambda route: _answer(route, html))
    page.goto("http://pianqu.test/", wait_until="domcontentloaded")
    page.wait_for_function(OPENED)
    page.wait_for_timeout(60)
    executed = page.evaluate(f"window.{MARK} !== undefined")
    page.close()
    return executed


# Tooltips and popups are built only when they are opened.
OPENED = """() => {
  const map = Object.values(window).find(v => window.L && v instanceof L.Map);
  if (!map) return false;
  map.eachLayer(layer => {
    if (layer.getTooltip && layer.getTooltip()) layer.openTooltip();
    if (layer.getPopup && layer.getPopup()) layer.openPopup();
  });
  return document.querySelectorAll('.leaflet-tooltip, .leaflet-popup').length > 0;
}"""


def _answer(route, html):
    url = route.request.url
    if url == "http://pianqu.test/":
        route.fulfill(body=html, content_type="text/html; charset=utf-8")
    elif url.endswith("leaflet.js"):
        route.fulfill(path=VENDOR / "leaflet/leaflet.js")
    elif "jquery" in url:
        route.fulfill(body=JQUERY, content_type="text/javascript")
    else:
        route.fulfill(status=204)


@given(st.text())
def test_escaped_text_has_nothing_live_in_it_and_reads_the_same(text):
    import html

    escaped = esc(text)
    assert not set(escaped) & set("<>\"'{}`$\\")
    assert html.unescape(escaped) == html.unescape(html.escape(text, quote=True)) or "\r" in text


def test_none_is_the_empty_text_and_numbers_are_shown():
    assert esc(None) == ""
    assert esc(3.5) == "3.5"


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda x: st.lists(x) | st.dictionaries(st.text(), x),
    )
)
def test_json_for_scripts_reads_back_the_same_and_ends_no_script(value):
    text = script_json(value)
    assert json.loads(text) == json.loads(json.dumps(value))
    assert not re.search(r"[<>&`$'\u2028\u2029]|\{\{|\{%|\{#", text)


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_numbers_that_json_does_not_have_are_refused(number):
    with pytest.raises(ValueError, match="not JSON compliant"):
        script_json({"area": number})
