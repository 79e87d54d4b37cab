"""What the web map loads, where it comes from, and under which address it is served from here.

Nothing third-party lives in the repository: ``npm ci`` brings the packages that ``package-lock.json``
pins, :func:`install` copies the few files that are used into ``layers/assets/vendor``, and the wheel
carries that folder. folium and streamlit-folium know only addresses on public networks;
:func:`local_url` turns each of them into a served file or into nothing, and refuses what it does not know,
so that an office without internet never waits for a script that can not come.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from errors import PlanningError

__all__ = [
    "ASSETS",
    "FONT_BOLD",
    "FONT_REGULAR",
    "LICENCES",
    "MAP_SCRIPTS",
    "MAP_STYLES",
    "OWN",
    "VENDOR",
    "VENDOR_FILES",
    "VendorFile",
    "font_css",
    "install",
    "local_url",
    "local_urls",
    "missing_files",
]

ASSETS = Path(__file__).parent / "assets"
VENDOR = ASSETS / "vendor"
OWN = ASSETS / "own"

# Own addresses look like addresses of a network that does not exist, so that folium keeps them as they are.
_SCHEME = "pianqu:"


@dataclass(frozen=True, kw_only=True)
class VendorFile:
    """One file, or one folder of files, taken from an npm package.

    Attributes
    ----------
    package : str
        Name of the package, as in ``package.json``.
    source : str
        Path inside the package.
    target : str
        Path inside the vendor folder.
    """

    package: str
    source: str
    target: str


def _vendor(package: str, source: str, target: str) -> VendorFile:
    return VendorFile(package=package, source=source, target=target)


_GEOMAN = "@geoman-io/leaflet-geoman-free"
_FONT = "@expo-google-fonts/noto-sans-sc"

VENDOR_FILES: tuple[VendorFile, ...] = (
    _vendor("leaflet", "dist/leaflet.js", "leaflet/leaflet.js"),
    _vendor("leaflet", "dist/leaflet.css", "leaflet/leaflet.css"),
    _vendor("leaflet", "dist/images", "leaflet/images"),
    _vendor(
        "leaflet.vectorgrid",
        "dist/Leaflet.VectorGrid.bundled.min.js",
        "vectorgrid/vectorgrid.js",
    ),
    _vendor(_GEOMAN, "dist/leaflet-geoman.min.js", "geoman/geoman.js"),
    _vendor(_GEOMAN, "dist/leaflet-geoman.css", "geoman/geoman.css"),
    _vendor(_FONT, "400Regular/NotoSansSC_400Regular.ttf", "fonts/NotoSansSC-Regular.ttf"),
    _vendor(_FONT, "700Bold/NotoSansSC_700Bold.ttf", "fonts/NotoSansSC-Bold.ttf"),
)

FONT_REGULAR = VENDOR / "fonts/NotoSansSC-Regular.ttf"
FONT_BOLD = VENDOR / "fonts/NotoSansSC-Bold.ttf"

# Packages and the file that holds their licence: what is served, and what its bundles contain.
# leaflet.vectorgrid states its licence in its README only.
_LICENCE_FILES = {
    "leaflet": "LICENSE",
    "leaflet.vectorgrid": "README.md",
    "pbf": "LICENSE",
    "vector-tile": "LICENSE.txt",
    "topojson-client": "LICENSE.md",
    "ieee754": "LICENSE",
    "whatwg-fetch": "LICENSE",
    "tinyqueue": "LICENSE",
    "tslib": "LICENSE.txt",
    _GEOMAN: "LICENSE",
    "@turf/helpers": "LICENSE",
    "lodash": "LICENSE",
    "polyclip-ts": "LICENSE",
    "rbush": "LICENSE",
    "quickselect": "LICENSE",
    "splaytree-ts": "LICENSE",
    "bignumber.js": "LICENCE.md",
    "point-in-polygon-hao": "LICENSE",
    "robust-predicates": "LICENSE",
    _FONT: "LICENSE_FONT",
}


def _flat(package: str) -> str:
    return package.lstrip("@").replace("/", "-")


LICENCES: tuple[VendorFile, ...] = tuple(
    _vendor(package, source, f"licences/{_flat(package)}.txt")
    for package, source in _LICENCE_FILES.items()
)

_OWN_SCRIPTS = (
    "map_paint.js",
    "map_tiles.js",
    "map_marks.js",
    "map_panels.js",
    "map_select.js",
    "map_edit.js",
    "map_overlay_shapes.js",
    "map_overlay_look.js",
    "map_overlay.js",
    "map_stalls.js",
    "map_core.js",
    "map_link.js",
)

MAP_SCRIPTS: tuple[tuple[str, str], ...] = (
    # First, since it remembers what arrives while the others are loading.
    ("map_geo", f"{_SCHEME}own/map_geo.js"),
    ("leaflet", f"{_SCHEME}vendor/leaflet/leaflet.js"),
    ("vectorgrid", f"{_SCHEME}vendor/vectorgrid/vectorgrid.js"),
    ("geoman", f"{_SCHEME}vendor/geoman/geoman.js"),
    *((name.removesuffix(".js"), f"{_SCHEME}own/{name}") for name in _OWN_SCRIPTS),
)
"""Scripts of the map, in the order in which they are loaded."""

MAP_STYLES: tuple[tuple[str, str], ...] = (
    ("leaflet_css", f"{_SCHEME}vendor/leaflet/leaflet.css"),
    ("geoman_css", f"{_SCHEME}vendor/geoman/geoman.css"),
    ("map_css", f"{_SCHEME}own/map.css"),
)

# (address, file under layers/assets, or None for what the map does not need).
_RULES: tuple[tuple[re.Pattern[str], str | None], ...] = tuple(
    (re.compile(pattern), target)
    for pattern, target in (
        (r"/leaflet@[\d.]+/dist/leaflet\.js$", "vendor/leaflet/leaflet.js"),
        (r"/leaflet@[\d.]+/dist/leaflet\.css$", "vendor/leaflet/leaflet.css"),
        # folium.Map asks for these on every map; popups from strings and icon markers are not used here.
        (r"/jquery-[\d.]+\.min\.js$", None),
        (r"/bootstrap@[\d.]+/dist/(js|css)/bootstrap(\.bundle)?\.min\.(js|css)$", None),
        (r"/bootstrap-glyphicons\.css$", None),
        (r"/[Ll]eaflet\.awesome[-.](markers|rotate)(\.min)?\.(js|css)$", None),
        (r"/fontawesome-free@[\d.]+/css/all\.min\.css$", None),
    )
)


def install(node_modules: Path, vendor: Path = VENDOR) -> list[Path]:
    """Copy the used files and their licences out of the installed npm packages.

    Parameters
    ----------
    node_modules : Path
        Folder that ``npm ci --ignore-scripts`` has filled.
    vendor : Path
        Folder to fill; what was there is replaced.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    PlanningError
        If a package or a file is not there; all that is missing is named and nothing is changed.
    """
    wanted = (*VENDOR_FILES, *LICENCES)
    absent = [
        f"{item.package}/{item.source}"
        for item in wanted
        if not (node_modules / item.package / item.source).exists()
    ]
    if absent:
        raise PlanningError(
            f"缺少地图组件文件（{node_modules}）：{'、'.join(absent)}。请先运行 npm ci --ignore-scripts。"
        )
    # Written beside and then moved, so that a break half-way does not leave half a map.
    fresh = vendor.with_name(f"{vendor.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    for item in wanted:
        _copy(node_modules / item.package / item.source, fresh / item.target)
    shutil.rmtree(vendor, ignore_errors=True)
    fresh.rename(vendor)
    return sorted(path for path in vendor.rglob("*") if path.is_file())


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target)
    else:
        shutil.copyfile(source, target)


def missing_files() -> list[str]:
    """Files the map needs that are not there, as paths under ``layers/assets``; empty if all is well."""
    served = [f"vendor/{item.target}" for item in VENDOR_FILES]
    served += [url.removeprefix(_SCHEME) for _, url in (*MAP_SCRIPTS, *MAP_STYLES)]
    return [path for path in dict.fromkeys(served) if not (ASSETS / path).exists()]


def local_url(url: str, prefix: str) -> str | None:
    """Address under which a script, style or font is served from here.

    Parameters
    ----------
    url : str
        What folium, branca or streamlit-folium would load.
    prefix : str
        Where ``layers/assets`` is mounted as seen from the page, with the slash at the end
        (``../../assets/`` from inside the map's frame).

    Returns
    -------
    str or None
        The served address, with a fingerprint of the content so that browsers may keep the file;
        None for what the map does not need.

    Raises
    ------
    LookupError
        If the address is not known: it must not be requested, and its absence must not pass unseen.
    """
    if url.startswith(prefix):
        return url
    if url.startswith(_SCHEME):
        return _served(url.removeprefix(_SCHEME), prefix)
    for pattern, target in _RULES:
        if pattern.search(url):
            return None if target is None else _served(target, prefix)
    raise LookupError(f"no local file is known for {url}; add it to layers/assets.py")


def local_urls(urls: Iterable[str], prefix: str) -> list[str]:
    """Rewrite a list of addresses with :func:`local_url`; what is not needed falls out."""
    served = (local_url(url, prefix) for url in urls)
    return list(dict.fromkeys(url for url in served if url is not None))


def _served(path: str, prefix: str) -> str:
    file = ASSETS / path
    try:
        changed = file.stat().st_mtime_ns
    except FileNotFoundError as error:
        raise PlanningError(f"缺少地图组件文件：{path}。请先运行 make run 或重新安装。") from error
    return f"{prefix}{path}?v={_fingerprint(file, changed)}"


@lru_cache(maxsize=64)
def _fingerprint(file: Path, changed_ns: int) -> str:  # noqa: ARG001 - part of the cache key
    return hashlib.sha256(file.read_bytes()).hexdigest()[:10]


def font_css(prefix: str) -> str:
    """Style that sets the interface in a Chinese font of the system, else in the served one.

    Browsers fetch the served font (10 MB a weight) only if no font before it in the list is installed, and
    once for the page and the map, which name it by the same address.
    """
    faces = "\n".join(
        "@font-face{font-family:'Pianqu Sans';"
        f"font-weight:{weight};font-display:block;"
        f"src:url('{prefix}vendor/fonts/NotoSansSC-{name}.ttf') format('truetype')}}"
        for name, weight in (("Regular", 400), ("Bold", 700))
    )
    return (
        f"{faces}\n:root{{--pianqu-font:'Microsoft YaHei','PingFang SC','Noto Sans CJK SC',"
        "'Noto Sans SC','Source Han Sans SC','Pianqu Sans',sans-serif}"
    )


def _main() -> None:
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[1]
    install(root / "node_modules")


if __name__ == "__main__":
    _main()
