"""Everything the map loads is served from here; what is unknown is refused, not requested."""

import json
import re
from pathlib import Path

import folium
import folium.plugins
import pytest
from folium import plugins
from folium.elements import JSCSSMixin

from errors import PlanningError
from layers import assets

ROOT = Path(__file__).parents[2]
PREFIX = "../../assets/"


def _map_urls():
    return [url for _, url in (*folium.Map.default_js, *folium.Map.default_css)]


def test_every_address_of_a_plain_folium_map_becomes_a_served_file_or_nothing():
    served = assets.local_urls(_map_urls(), PREFIX)
    assert [url.split("?")[0] for url in served] == [
        "../../assets/vendor/leaflet/leaflet.js",
        "../../assets/vendor/leaflet/leaflet.css",
    ]


def test_every_script_and_style_of_the_map_is_there_to_be_served():
    for _, url in (*assets.MAP_SCRIPTS, *assets.MAP_STYLES):
        served = assets.local_url(url, PREFIX)
        path = served.removeprefix(PREFIX).split("?")[0]
        assert (assets.ASSETS / path).stat().st_size > 0
    assert assets.missing_files() == []


def test_the_address_changes_with_the_content(tmp_path, monkeypatch):
    monkeypatch.setattr(assets, "ASSETS", tmp_path)
    (tmp_path / "own").mkdir()
    script = tmp_path / "own/map_core.js"
    script.write_text("1")
    before = assets.local_url("pianqu:own/map_core.js", PREFIX)
    script.write_text("22")
    assert assets.local_url("pianqu:own/map_core.js", PREFIX) != before


@pytest.mark.parametrize(
    "url",
    [
        "https://d3js.org/d3.v4.min.js",
        # What plugins that this map does not use would fetch.
        plugins.Draw.default_js[0][1],
        plugins.VectorGridProtobuf.default_js[0][1],
        "https://tile.openstreetmap.org/1/2/3.png",
    ],
)
def test_an_unknown_address_is_refused(url):
    with pytest.raises(LookupError):
        assets.local_url(url, PREFIX)


def test_a_plugin_of_folium_can_not_slip_through():
    """Whatever class of folium is used by mistake, its addresses are known or refused."""
    classes = [cls for cls in JSCSSMixin.__subclasses__() if cls is not folium.Map]
    for cls in classes:
        for _, url in (*cls.default_js, *cls.default_css):
            try:
                served = assets.local_url(url, PREFIX)
            except LookupError:
                continue
            assert served is None or served.startswith(PREFIX)


def test_rewriting_twice_changes_nothing():
    once = assets.local_urls(_map_urls(), PREFIX)
    assert assets.local_urls(once, PREFIX) == once


def test_only_pinned_packages_are_taken_and_each_brings_its_licence():
    lock = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    direct = set(lock[""]["dependencies"])
    taken = {item.package for item in assets.VENDOR_FILES}
    assert taken == direct
    assert taken <= {item.package for item in assets.LICENCES}
    assert all(f"node_modules/{item.package}" in lock for item in assets.LICENCES)


def test_install_copies_what_is_used_and_replaces_what_was_there(tmp_path):
    packages = tmp_path / "node_modules"
    for item in (*assets.VENDOR_FILES, *assets.LICENCES):
        file = packages / item.package / item.source
        if item.source.endswith("images"):
            file = file / "layers.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(item.package)
    vendor = tmp_path / "vendor"
    vendor.mkdir()
    (vendor / "old.js").write_text("old")
    written = assets.install(packages, vendor)
    assert (vendor / "leaflet/images/layers.png").read_text() == "leaflet"
    assert (vendor / "licences/leaflet.vectorgrid.txt").exists()
    assert vendor / "old.js" not in written
    assert not (vendor / "old.js").exists()


def test_install_names_all_that_is_missing_and_leaves_the_old_files(tmp_path):
    vendor = tmp_path / "vendor"
    vendor.mkdir()
    (vendor / "kept.js").write_text("kept")
    with pytest.raises(PlanningError, match=r"leaflet/dist/leaflet\.js.*npm ci"):
        assets.install(tmp_path / "nothing", vendor)
    assert (vendor / "kept.js").exists()


def test_the_font_is_served_and_system_fonts_come_first():
    css = assets.font_css(PREFIX)
    assert css.index("Microsoft YaHei") < css.rindex("Pianqu Sans")
    assert len(re.findall(r"url\('\.\./\.\./assets/vendor/fonts/[^'?]+\.ttf'\)", css)) == 2
    assert "http" not in css


def test_own_scripts_and_styles_name_no_outside_address():
    for file in assets.OWN.iterdir():
        text = file.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?://|//[a-z]+\.[a-z]", text), file.name
