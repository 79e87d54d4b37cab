"""The server's own addresses: what the map fetches without a run of the page.

All lie under ``{base}/plan/{token}/`` and answer only to the session that was given the token
(:mod:`ui.tokens`); whoever has none gets 403 and no data. Handlers are plain functions, which
Starlette runs in its thread pool, so that a slow tile holds up nobody.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from data.schema import LAYERS
from data.store import refuse_live
from errors import PlanningError
from layers import basemap
from ui import settings, visit
from ui.loaded import LoadedPlan, View
from ui.tokens import XSRF_COOKIE, Grant, browser_mark
from ui.workspace import Viewport

__all__ = ["plan_routes"]

MAX_ZOOM = 24
MAX_NEIGHBOURS = 300
MAX_NAMES = 400
MAX_FOUND = 20
# Layers that are drawn as signs, how large these are, and how many of one spot are told.
SIGN_LAYERS = ("sites", "facilities")
SIGN_PX = 8
MAX_SIGNS = 3
MAX_QUERY_CHARS = 60
MAX_VIEW_BYTES = 500
# Coordinates of 9 decimals are 0.1 mm; shared corners stay shared.
DECIMALS = 9
FORBIDDEN = 403

Handler = Callable[[Request, Grant, LoadedPlan], Response]
Box = tuple[float, float, float, float]


class _QuestionError(ValueError):
    """A question that makes no sense; its text is for the browser's console only."""


def plan_routes() -> list[BaseRoute]:
    """Routes for ``st.App``."""
    table: list[BaseRoute] = [
        Route("/tiles/{rev}/{z:int}/{x:int}/{y:int}.pbf", _guarded(_tile)),
        Route("/raster/{z:int}/{x:int}/{y:int}", _guarded(_raster)),
        Route("/classes", _guarded(_classes)),
        Route("/aggregates", _guarded(_aggregates)),
        Route("/names", _guarded(_names)),
        Route("/labels/{side:int}", _guarded(_labels)),
        Route("/overlay", _guarded(_overlay)),
        Route("/at", _guarded(_at)),
        Route("/near", _guarded(_near)),
        Route("/geometry/{uid}", _guarded(_geometry)),
        Route("/search", _guarded(_search)),
        Route("/view", _view, methods=["POST"]),
        Route("/{rest:path}", _refuse),
    ]
    return [Mount(f"{settings.base_path()}/plan/{{token}}", routes=table)]


def _refuse(_: Request) -> Response:
    return PlainTextResponse(
        "无权访问", status_code=FORBIDDEN, headers={"Cache-Control": "no-store"}
    )


def _granted(request: Request) -> Grant | None:
    mark = browser_mark(request.cookies.get(XSRF_COOKIE))
    grant = visit.GRANTS.check(request.path_params["token"], mark=mark)
    return grant if grant is not None and grant.loaded is not None else None


def _guarded(handler: Handler) -> Callable[[Request], Response]:
    def answer(request: Request) -> Response:
        grant = _granted(request)
        if grant is None or grant.loaded is None:
            return _refuse(request)
        try:
            response = handler(request, grant, grant.loaded)
        except _QuestionError as error:
            return PlainTextResponse(str(error), status_code=400)
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    return answer


def _tile(request: Request, _: Grant, plan: LoadedPlan) -> Response:
    z, x, y = (request.path_params[k] for k in "zxy")
    if z > MAX_ZOOM or x >= 2**z or y >= 2**z:
        raise _QuestionError("no such tile")
    # The revision in the address changes with the content, so the browser may keep the tile.
    return Response(
        plan.tiles.tile(z, x, y),
        media_type="application/x-protobuf",
        headers={"Cache-Control": "private, max-age=86400, immutable"},
    )


def _raster(request: Request, _: Grant, plan: LoadedPlan) -> Response:
    z, x, y = (request.path_params[k] for k in "zxy")
    path = plan.at_hand().settings.get("base_raster")
    if not path or z > MAX_ZOOM or x >= 2**z or y >= 2**z:
        raise _QuestionError("no such tile")
    try:
        tile = basemap.raster_tile(refuse_live(Path(path)), z, x, y)
    except PlanningError as error:
        # The file has gone since the settings were saved; the map says that pictures are missing.
        return PlainTextResponse(str(error), status_code=404)
    if tile is None:
        return Response(status_code=204)
    headers = {"Cache-Control": "private, max-age=3600"}
    return Response(tile, media_type=basemap.media_type(tile), headers=headers)


def _classes(request: Request, grant: Grant, _: LoadedPlan) -> Response:
    tag = f'"{grant.classes_tag}"'
    headers = {"Cache-Control": "private, no-cache", "ETag": tag}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(grant.classes, media_type="application/octet-stream", headers=headers)


def _aggregates(request: Request, grant: Grant, plan: LoadedPlan) -> Response:
    zoom = int(_number(request, "z", 0, MAX_ZOOM))
    shown = _shown(grant, plan)
    households = plan.at_hand().frame["households"]
    table = plan.tiles.aggregates(zoom, values={"households": households}, shown=shown)
    return JSONResponse(
        [
            [round(row.lon, 6), round(row.lat, 6), int(row.count_), _whole(row.households)]
            for row in table.rename(columns={"count": "count_"}).itertuples()
        ]
    )


def _names(request: Request, grant: Grant, plan: LoadedPlan) -> Response:
    rows, points = plan.tiles.labels(_box(request), limit=MAX_NAMES)
    shown = _shown(grant, plan)
    keep = shown[rows]
    frame = plan.at_hand().frame
    uids = plan.tiles.ids()[rows[keep]]
    known = uids.isin(frame.index)
    found = frame.loc[uids[known], ["name", "boundary_state"]]
    return JSONResponse(
        [
            [int(row), name or "", round(lon, 6), round(lat, 6), int(state == "示意")]
            for row, (lon, lat), name, state in zip(
                rows[keep][known],
                points[keep][known].tolist(),
                found["name"],
                found["boundary_state"],
                strict=True,
            )
        ]
    )


def _at(request: Request, grant: Grant, plan: LoadedPlan) -> Response:
    lon, lat = _number(request, "lon", -180, 180), _number(request, "lat", -90, 90)
    zoom = int(_number(request, "z", 0, MAX_ZOOM))
    shown = _shown(grant, plan)
    rows = [row for row in plan.tiles.pick(lon, lat, z=zoom) if shown[row]]
    uids = plan.at_hand().known(list(plan.tiles.ids()[rows]))
    hits = [
        {**_hit(plan, uid), "groups": [side.names.get(uid) for side in grant.sides]} for uid in uids
    ]
    signs = _signs(plan, lon, lat, zoom) if request.query_params.get("signs") else []
    return JSONResponse([*signs, *hits])


def _signs(plan: LoadedPlan, lon: float, lat: float, zoom: int) -> list[dict[str, Any]]:
    """Facilities and chosen sites whose sign is under the pointer, by name and kind."""
    found = []
    for layer in SIGN_LAYERS:
        rows = plan.tiles.pick(lon, lat, z=zoom, layer=layer, reach_px=SIGN_PX)
        uids = list(plan.tiles.ids(layer)[rows[:MAX_SIGNS]])
        for _, record in plan.plan.read(layer, uids=uids).iterrows() if uids else ():
            told = [str(record[part]) for part in ("name", "kind") if isinstance(record[part], str)]
            found.append({"sign": "，".join(dict.fromkeys(told)) or LAYERS[layer].title})
    return found


def _labels(request: Request, grant: Grant, _: LoadedPlan) -> Response:
    side = request.path_params["side"]
    if side >= len(grant.sides):
        raise _QuestionError("no such map")
    return Response(grant.sides[side].labels, media_type="application/json")


def _overlay(request: Request, grant: Grant, _: LoadedPlan) -> Response:
    overlay = grant.overlay
    # A page run in between may have laid another one; the map asks for that one next.
    if overlay is None or request.query_params.get("v") != overlay.tag:
        return Response(status_code=204)
    headers = {"Cache-Control": "private, max-age=3600, immutable", "Vary": "Accept-Encoding"}
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return Response(overlay.content, media_type="application/json", headers=headers)
    headers["Content-Encoding"] = "gzip"
    return Response(overlay.packed, media_type="application/json", headers=headers)


def _hit(plan: LoadedPlan, uid: str) -> dict[str, Any]:
    """Compound under the pointer, with its 片区 by name and by row of the map."""
    view = plan.at_hand()
    record = view.frame.loc[uid]
    of = record["pianqu_uid"]
    group = view.pianqu.loc[of] if of in view.pianqu.index else None
    rows = plan.tiles.rows_of([] if group is None else [of], "pianqu")
    return {
        "uid": uid,
        "name": record["name"] or "",
        "schematic": bool(record["boundary_state"] == "示意"),
        "locked": bool(record["locked"]),
        "pianqu": None if group is None else str(group["name"] or ""),
        "pianqu_row": int(rows[0]) if len(rows) else None,
        "pianqu_locked": group is not None and bool(group["locked"]),
    }


def _near(request: Request, _: Grant, plan: LoadedPlan) -> Response:
    left_out = request.query_params.get("except", "")
    rows = plan.tiles.in_bbox(_box(request), limit=MAX_NEIGHBOURS + 1)
    uids = [uid for uid in plan.tiles.ids()[rows] if uid != left_out][:MAX_NEIGHBOURS]
    frame = plan.at_hand().frame
    return JSONResponse(
        {"type": "FeatureCollection", "features": [_feature(frame, uid) for uid in uids]}
    )


def _geometry(request: Request, _: Grant, plan: LoadedPlan) -> Response:
    uid = request.path_params["uid"]
    frame = plan.at_hand().frame
    if uid not in frame.index:
        return PlainTextResponse("没有这个小区", status_code=404)
    return JSONResponse(_feature(frame, uid))


def _search(request: Request, _: Grant, plan: LoadedPlan) -> Response:
    words = request.query_params.get("q", "").strip()[:MAX_QUERY_CHARS]
    if not words:
        return JSONResponse([])
    return JSONResponse(_found(plan.at_hand(), words))


def _found(view: View, words: str) -> list[dict[str, Any]]:
    names = view.frame["name"].fillna("").astype(str)
    hit = names.str.contains(words, case=False, regex=False)
    # Names that begin with the words come first, short ones before long ones.
    found = names[hit]
    order = sorted(found.items(), key=lambda item: (not item[1].startswith(words), len(item[1])))
    rows = []
    for uid, name in order[:MAX_FOUND]:
        record = view.frame.loc[uid]
        shape = record.geometry
        rows.append(
            {
                "uid": uid,
                "name": name,
                "where": " ".join(
                    str(record[part])
                    for part in ("subdistrict", "community")
                    if isinstance(record[part], str)
                ),
                "bounds": None if _absent(shape) else [round(v, 7) for v in shape.bounds],
            }
        )
    return rows


async def _view(request: Request) -> Response:
    grant = _granted(request)
    if grant is None:
        return _refuse(request)
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_VIEW_BYTES:
            return PlainTextResponse("内容过长", status_code=413)
    try:
        given = json.loads(body)
        viewport = Viewport(**{k: float(given[k]) for k in ("lon", "lat", "zoom")})
    except (ValueError, KeyError, TypeError):
        return PlainTextResponse("内容有误", status_code=400)
    await run_in_threadpool(visit.store().save_viewport, grant.wid, viewport)
    return Response(status_code=204)


def _feature(frame: pd.DataFrame, uid: str) -> dict[str, Any]:
    record = frame.loc[uid]
    shape = record["geometry"]
    return {
        "type": "Feature",
        "id": uid,
        "properties": {
            "uid": uid,
            "name": record["name"] or "",
            "version": int(record["version"]),
            "boundary_state": record["boundary_state"],
        },
        "geometry": None if _absent(shape) else _coordinates(shape),
    }


def _coordinates(shape: shapely.Geometry) -> dict[str, Any]:
    rounded = shapely.transform(shape, lambda points: np.round(points, DECIMALS))
    geometry: dict[str, Any] = json.loads(shapely.to_geojson(rounded))
    return geometry


def _absent(shape: Any) -> bool:
    return shape is None or shape.is_empty


def _shown(grant: Grant, plan: LoadedPlan) -> np.ndarray:
    """By row: what the session's filter leaves, as its class table says."""
    table = np.frombuffer(grant.classes, np.uint8) & 127
    shown = np.zeros(len(plan.tiles.ids()), bool)
    count = min(len(table), len(shown))
    shown[:count] = table[:count] != 127
    return shown


def _box(request: Request) -> Box:
    try:
        west, south, east, north = (
            float(part) for part in request.query_params.get("bbox", "").split(",")
        )
    except ValueError:
        raise _QuestionError("bbox=west,south,east,north") from None
    if not (-360 <= west <= east <= 360 and -90 <= south <= north <= 90):
        raise _QuestionError("bbox out of range")
    return west, south, east, north


def _number(request: Request, name: str, low: float, high: float) -> float:
    try:
        value = float(request.query_params[name])
    except (KeyError, ValueError):
        raise _QuestionError(f"{name} is missing") from None
    if not low <= value <= high:
        raise _QuestionError(f"{name} out of range")
    return value


def _whole(value: float) -> int | None:
    return None if pd.isna(value) else int(value)
