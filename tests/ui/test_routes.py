"""The server's own addresses: data for the session that was given the right, nothing for anybody else."""

from __future__ import annotations

import gzip
import json
from math import asinh, pi, radians, tan

import geopandas as gpd
import mapbox_vector_tile
import pytest
from shapely.geometry import box, shape
from starlette.applications import Starlette

from layers.webmap_overlay import Overlay, OverlayClass
from tests.ui.asgi import Browser
from ui import routes, visit
from ui.loaded import LoadedPlan
from ui.tokens import XSRF_COOKIE, Grant, Grants, browser_mark
from ui.workspace import Viewport, Workspace

COOKIE = "2|00000000|0102030405060708090a0b0c0d0e0f10|1"
OTHER_COOKIE = "2|00000000|ff02030405060708090a0b0c0d0e0f10|1"
BBOX = "112.0,22.9,112.1,23.0"


@pytest.fixture
def alive() -> set[str]:
    return {"session"}


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch, alive: set[str]) -> Browser:
    monkeypatch.setattr(visit, "GRANTS", Grants(alive.__contains__))
    return Browser(Starlette(routes=routes.plan_routes()), {XSRF_COOKIE: COOKIE})


@pytest.fixture
def grant(client: Browser, plan: LoadedPlan) -> Grant:
    workspace = Workspace(wid="w", plan=str(plan.plan.path))
    visit.store().save(workspace)
    grant = visit.GRANTS.give("session", mark=browser_mark(COOKIE), wid="w")
    grant.loaded = plan
    grant.paint(bytes([0, 1, 127, 3, 4 | 128]))
    lay(grant)
    return grant


def addresses(plan: LoadedPlan, grant: Grant | None = None) -> list[str]:
    """Every route that gives something out."""
    frame = plan.view().frame
    uid, point = frame.index[0], frame.geometry.iloc[0].representative_point()
    x, y = tile_of(point.x, point.y, 14)
    return [
        f"tiles/1/14/{x}/{y}.pbf",
        "classes?v=1",
        "aggregates?z=7",
        f"names?bbox={BBOX}",
        "at?lon=112.04&lat=22.93&z=17",
        f"near?bbox={BBOX}",
        f"geometry/{uid}",
        "search?q=小区",
        *([f"overlay?v={grant.overlay.tag}"] if grant and grant.overlay else []),
    ]


def lay(grant: Grant) -> Overlay:
    """Lay one square over the map of a right."""
    square = box(112.04, 22.93, 112.05, 22.94)
    features = {"class": ["open"], "label": ["空地"], "uid": ["u1"], "geometry": [square]}
    grant.overlay = Overlay(
        features=gpd.GeoDataFrame(features, crs=4490),
        classes=(OverlayClass(name="open", title="空地", color="#88aa66"),),
    )
    return grant.overlay


def refused(response) -> bool:
    return response.status_code in {403, 404} and response.text in {"无权访问", "Not Found"}


def test_the_right_opens_every_route(client, grant, plan):
    for address in addresses(plan, grant):
        response = client.get(f"/plan/{grant.token}/{address}")
        assert response.status_code == 200, address
        assert response.content, address


def test_the_overlay_comes_packed_and_only_the_one_that_is_asked_for(client, grant):
    laid = lay(grant)
    address = f"/plan/{grant.token}/overlay?v="
    packed = client.get(f"{address}{laid.tag}", headers={"accept-encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.content) == laid.content
    plain = client.get(f"{address}{laid.tag}", headers={"accept-encoding": "identity"})
    assert plain.json()["labels"] == ["空地"]
    assert client.get(f"{address}older").status_code == 204
    grant.overlay = None
    assert client.get(f"{address}{laid.tag}").status_code == 204


@pytest.mark.parametrize("token", ["", "x", "A" * 32, "..", "%2e%2e"])
def test_without_a_right_nothing_is_given_out(client, grant, plan, token):
    for address in addresses(plan, grant):
        assert refused(client.get(f"/plan/{token}/{address}")), address


def test_a_dead_session_gets_nothing(client, grant, plan, alive):
    alive.clear()
    for address in addresses(plan, grant):
        assert refused(client.get(f"/plan/{grant.token}/{address}")), address


def test_another_browser_gets_nothing_with_the_same_token(client, grant, plan):
    client.cookies[XSRF_COOKIE] = OTHER_COOKIE
    for address in addresses(plan, grant):
        assert refused(client.get(f"/plan/{grant.token}/{address}")), address
    client.cookies.clear()
    assert refused(client.get(f"/plan/{grant.token}/classes"))


def test_a_right_without_a_plan_gives_nothing(client, grant, plan):
    grant.loaded = None
    for address in addresses(plan, grant):
        assert refused(client.get(f"/plan/{grant.token}/{address}")), address


def test_the_viewport_is_kept_for_the_right_only(client, grant, alive):
    view = {"lon": 112.04, "lat": 22.93, "zoom": 17}
    assert client.post(f"/plan/{grant.token}/view", json=view).status_code == 204
    assert visit.store().viewport("w") == Viewport(lon=112.04, lat=22.93, zoom=17)
    alive.clear()
    assert refused(client.post(f"/plan/{grant.token}/view", json={**view, "zoom": 3}))
    assert visit.store().viewport("w") == Viewport(lon=112.04, lat=22.93, zoom=17)


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b'{"lon": 500, "lat": 0, "zoom": 1}', b'{"lon": NaN, "lat": 0, "zoom": 1}'],
)
def test_a_viewport_that_makes_no_sense_is_refused(client, grant, body):
    assert client.post(f"/plan/{grant.token}/view", content=body).status_code == 400
    assert visit.store().viewport("w") is None


def test_a_large_viewport_is_refused(client, grant):
    body = json.dumps({"lon": 1, "lat": 1, "zoom": 1, "x": "x" * 2_000})
    assert client.post(f"/plan/{grant.token}/view", content=body).status_code == 413


def test_tiles_carry_row_numbers_and_no_attribute(client, grant, plan):
    point = plan.view().frame.geometry.iloc[0].representative_point()
    z = 14
    x, y = tile_of(point.x, point.y, z)
    response = client.get(f"/plan/{grant.token}/tiles/1/{z}/{x}/{y}.pbf")
    compounds = mapbox_vector_tile.decode(response.content)["compounds"]["features"]
    assert {feature["id"] for feature in compounds} <= set(range(5))
    assert all(set(feature["properties"]) <= {"k"} for feature in compounds)
    assert "immutable" in response.headers["cache-control"]
    assert "private" in response.headers["cache-control"]


def test_a_tile_that_can_not_be_is_refused(client, grant):
    for address in ("tiles/1/30/1/1.pbf", "tiles/1/2/9/0.pbf"):
        assert client.get(f"/plan/{grant.token}/{address}").status_code == 400


def test_the_class_table_is_one_byte_a_row_and_asked_for_again_only_when_changed(client, grant):
    address = f"/plan/{grant.token}/classes?v=1"
    first = client.get(address)
    assert first.content == bytes([0, 1, 127, 3, 4 | 128])
    again = client.get(address, headers={"if-none-match": first.headers["etag"]})
    assert again.status_code == 304
    assert not again.content


def test_names_leave_out_what_the_filter_hides_and_mark_sketches(client, grant, plan):
    found = client.get(f"/plan/{grant.token}/names?bbox={BBOX}").json()
    assert {row for row, *_ in found} == {0, 1, 3, 4}
    assert all(schematic == 1 for *_, schematic in found)


def test_the_pointer_hits_what_it_is_over(client, grant, plan):
    frame = plan.view().frame
    uid, point = frame.index[0], frame.geometry.iloc[0].representative_point()
    found = client.get(f"/plan/{grant.token}/at?lon={point.x}&lat={point.y}&z=17").json()
    assert [hit["uid"] for hit in found] == [uid]
    assert found[0]["schematic"]


def test_a_geometry_comes_with_its_version(client, grant, plan):
    uid = plan.view().frame.index[0]
    feature = client.get(f"/plan/{grant.token}/geometry/{uid}").json()
    assert feature["properties"]["version"] == 1
    assert shape(feature["geometry"]).equals_exact(plan.view().frame.geometry.iloc[0], 1e-8)
    assert client.get(f"/plan/{grant.token}/geometry/none").status_code == 404


def test_neighbours_leave_out_the_one_that_is_edited(client, grant, plan):
    uids = set(plan.view().frame.index)
    one = min(uids)
    found = client.get(f"/plan/{grant.token}/near?bbox={BBOX}&except={one}").json()
    assert {feature["id"] for feature in found["features"]} == uids - {one}


@pytest.mark.parametrize("bbox", ["", "1,2,3", "a,b,c,d", "9,9,1,1", "nan,0,1,1", "-999,0,1,1"])
def test_a_box_that_makes_no_sense_is_refused(client, grant, bbox):
    assert client.get(f"/plan/{grant.token}/near?bbox={bbox}").status_code == 400


def test_search_finds_parts_of_names_and_takes_nothing_for_a_pattern(client, grant):
    names = [hit["name"] for hit in client.get(f"/plan/{grant.token}/search?q=新村").json()]
    assert names == ["邮电新村"]
    assert client.get(f"/plan/{grant.token}/search?q=.*").json() == []
    assert client.get(f"/plan/{grant.token}/search?q=").json() == []


def tile_of(lon: float, lat: float, z: int) -> tuple[int, int]:
    return int((lon + 180) / 360 * 2**z), int((1 - asinh(tan(radians(lat))) / pi) / 2 * 2**z)
