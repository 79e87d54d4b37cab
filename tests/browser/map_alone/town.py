"""The made-up city behind the stand-in page, and what its routes answer; plans and sessions are not part of it."""

import json
import os
from functools import lru_cache
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from data.samples import city
from layers.assets import ASSETS
from layers.themes import paint
from layers.tiles import TileIndex

IN_PARTS = "C0000020"
FOLDER = Path(os.environ.get("STANDIN_FOLDER", "."))
NAUGHTY = "</script><img src=x onerror=window.hacked=1>{{7*7}}${window.hacked=1}`"


@lru_cache
def town():
    """Layers of the city; some boundaries are schematic, one name is hostile."""
    layers = dict(city(int(os.environ.get("STANDIN_COMPOUNDS", "300")), seed=1).layers)
    frame = layers["compounds"].copy()
    frame.loc[frame.index[::7], "boundary_state"] = "示意"
    frame.loc[frame.index[3], "name"] = NAUGHTY
    first, other = frame.geometry[IN_PARTS], frame.geometry[frame.index[100]]
    frame.loc[[IN_PARTS], "geometry"] = shapely.multipolygons([first.geoms[0], _moved(other)])
    return layers | {"compounds": frame, "pianqu": _pianqu(frame)}


def _moved(shape):
    """A part of its own, beyond the edge of the city."""
    return shapely.transform(shape.geoms[0], lambda points: np.add(points, (0.014, 0.01)))


def _pianqu(frame):
    """The compounds of two quarters of the city, each one 片区."""
    places = frame.geometry.representative_point()
    quarters = (
        (places.x < 112.995) & (places.y > 23.002),
        (places.x > 113.003) & (places.y < 22.995),
    )
    shapes = [shapely.union_all(frame.geometry[quarter].to_numpy()) for quarter in quarters]
    return gpd.GeoDataFrame({"color": [1, 5]}, geometry=shapes, index=["P1", "P2"], crs="EPSG:4490")


@lru_cache
def index():
    layers = town()
    order = [name for name in ("green", "water", "roads", "buildings") if name in layers]
    tiles = TileIndex.of_frames({name: layers[name] for name in (*order, "compounds", "pianqu")})
    tiles.warm()
    return tiles


@lru_cache
def painted(theme):
    return paint(town()["compounds"], theme)


def control():
    """What the test wants the page to show."""
    file = FOLDER / "control.json"
    return json.loads(file.read_text()) if file.exists() else {}


def log(kind, **content):
    with (FOLDER / "log.jsonl").open("a") as file:
        file.write(json.dumps({"kind": kind, **content}) + "\n")


def _tile(request):
    log("tile", rev=request.path_params["rev"])
    z, x, y = (request.path_params[k] for k in "zxy")
    if control().get("tiles_fail"):
        return Response(status_code=control()["tiles_fail"])
    return Response(index().tile(z, x, y), media_type="application/x-protobuf")


def _classes(request):
    log("classes")
    classes = pd.Series(
        painted(request.query_params["theme"]).classes, index=town()["compounds"].index
    )
    chosen = [uid for uid in request.query_params.get("selected", "").split(",") if uid]
    hidden = int(request.query_params.get("hide", "-1"))
    table = index().class_table(classes[classes != hidden], selected=chosen)
    return Response(table, media_type="application/octet-stream")


def _aggregates(request):
    table = index().aggregates(int(request.query_params["z"]))
    return JSONResponse(
        [[r.lon, r.lat, int(r.n)] for r in table.rename(columns={"count": "n"}).itertuples()]
    )


def _names(request):
    rows, points = index().labels(_bbox(request))
    frame = town()["compounds"].iloc[rows]
    return JSONResponse(
        [
            [int(row), name, lon, lat, int(state == "示意")]
            for row, (lon, lat), name, state in zip(
                rows, points.tolist(), frame["name"], frame["boundary_state"], strict=True
            )
        ]
    )


def _at(request):
    lon, lat, z = (float(request.query_params[k]) for k in ("lon", "lat", "z"))
    found = town()["compounds"].iloc[index().pick(lon, lat, z=int(z))]
    return JSONResponse(
        [
            {"uid": uid, "name": r["name"], "schematic": r["boundary_state"] == "示意"}
            for uid, r in found.iterrows()
        ]
    )


def _feature(uid):
    record = town()["compounds"].loc[uid]
    return {
        "type": "Feature",
        "properties": {"uid": uid, "name": record["name"], "version": int(record["version"])},
        "geometry": json.loads(shapely.to_geojson(record.geometry)),
    }


def _near(request):
    rows = index().in_bbox(_bbox(request), limit=300)
    uids = [uid for uid in index().ids()[rows] if uid != request.query_params.get("except")]
    return JSONResponse({"type": "FeatureCollection", "features": [_feature(u) for u in uids]})


def _geometry(request):
    return JSONResponse(_feature(request.path_params["uid"]))


def _search(request):
    names = town()["compounds"]["name"]
    found = names[names.str.contains(request.query_params["q"], regex=False)].head(10)
    return JSONResponse(
        [
            {
                "uid": uid,
                "name": name,
                "where": "东城街道",
                "bounds": list(town()["compounds"].geometry[uid].bounds),
            }
            for uid, name in found.items()
        ]
    )


def _overlay(request):
    from tests.browser.map_alone import laid  # which takes its hostile text from here

    log("overlay")
    packed = laid.overlay(request.query_params["name"]).packed
    headers = {"Content-Encoding": "gzip"}
    return Response(packed, media_type="application/json", headers=headers)


async def _view(request):
    log("view", **json.loads(await request.body()))
    return Response(status_code=204)


def _bbox(request):
    return tuple(np.array(request.query_params["bbox"].split(","), float))


ROUTES = [
    Mount("/assets", StaticFiles(directory=ASSETS)),
    Mount(
        "/plan/T",
        routes=[
            Route("/tiles/{rev}/{z:int}/{x:int}/{y:int}.pbf", _tile),
            Route("/classes", _classes),
            Route("/aggregates", _aggregates),
            Route("/names", _names),
            Route("/at", _at),
            Route("/near", _near),
            Route("/geometry/{uid}", _geometry),
            Route("/search", _search),
            Route("/overlay", _overlay),
            Route("/view", _view, methods=["POST"]),
        ],
    ),
]
