"""Whatever a plan may hold comes out of each format as it went in (or is told before)."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from data.exporting.content import Content
from data.exporting.fields import fields_of_layer, typed
from data.exporting.formats import geojson, gpkg, ledger, shapefile
from data.exporting.names import safe_file_name
from data.exporting.process import found_layer, run_step
from data.exporting.registry import Job
from data.schema import COMPOUND_FIELDS
from data.store.door import clean_text

FIELDS = fields_of_layer("compounds", with_extra=True)
NASTY = ("=1+1", "{{7*7}}", "<img src=x onerror=alert(1)>", "[1]", '{"a":1}', "2024-01-01", "𠮷㐀")

texts = st.one_of(
    st.none(),
    st.sampled_from(NASTY),
    st.text(max_size=40),
    st.text("老旧小区", min_size=120, max_size=140),
).map(clean_text)
counts = st.one_of(st.none(), st.integers(0, 10**12))
reals = st.one_of(st.none(), st.floats(0, 1e12, allow_nan=False))
dates = st.one_of(st.none(), st.dates().map(str).filter(lambda day: day >= "1800"))
KINDS = {"text": texts, "integer": counts, "yuan": counts, "area": reals, "date": dates}


@st.composite
def boundaries(draw):
    """One to three rings in degrees, some with a hole, some a sliver; or no boundary."""
    if draw(st.booleans()) and draw(st.booleans()):
        return None
    parts = []
    for i in range(draw(st.integers(1, 3))):
        x = 112.0 + 0.01 * i + draw(st.floats(0, 0.004))
        y = 22.9 + draw(st.floats(0, 0.01))
        w, h = draw(st.floats(1e-6, 5e-3)), draw(st.floats(1e-6, 5e-3))
        shell = shapely.box(x, y, x + w, y + h)
        if draw(st.booleans()) and min(w, h) > 1e-4:
            hole = shapely.box(x + w / 3, y + h / 3, x + w / 2, y + h / 2)
            shell = shell.difference(hole)
        parts.append(shell)
    return shapely.MultiPolygon(parts)


@st.composite
def contents(draw, most=4):
    """Compounds with any values that the door of the plan lets in."""
    n = draw(st.integers(1, most))
    table = {}
    for item in FIELDS:
        if item.name == "uid":
            values = [f"u{i}" for i in draw(st.permutations(range(n)))]
        elif item.kind == "flag":
            values = draw(st.lists(st.booleans(), min_size=n, max_size=n))
        elif item.name.startswith("funding_gap"):
            values = draw(
                st.lists(
                    st.one_of(st.none(), st.integers(-(10**12), 10**12)), min_size=n, max_size=n
                )
            )
        else:
            values = draw(st.lists(KINDS[item.kind], min_size=n, max_size=n))
        table[item.name] = typed(pd.Series(values, dtype=object), item)
    shapes = np.empty(n, dtype=object)
    shapes[:] = [draw(boundaries()) for _ in range(n)]
    frame = gpd.GeoDataFrame(table, geometry=shapely.orient_polygons(shapes), crs=4490)
    return Content(
        plan_name="计划",
        plan_id="1",
        revision=1,
        settings={},
        layer="compounds",
        title="小区",
        frame=frame,
        fields=FIELDS,
        totals={},
        zone=4546,
    )


def passed_on(content, how, crs, folder):
    """Write and read as the worker would, frames through Arrow, in this process."""
    prepared = how.prepare(content, crs, {})
    prepared.content.frame.to_feather(folder / "in.arrow")
    given_options = how.options([prepared.content], crs, {})
    given_options |= {"layer_name": "compounds", "losses": []}
    path = folder / f"x{how.extension}"
    path.unlink(missing_ok=True)
    frames = {"compounds": gpd.read_feather(folder / "in.arrow")}
    how.write(Job(path=path, frames=frames, options=given_options))
    found = how.read(path, given_options)["compounds"]
    return prepared, found


@pytest.mark.parametrize(
    ("how", "crs"),
    [
        (geojson.FORMAT, "4490"),
        (geojson.FORMAT, "rfc7946"),
        (gpkg.FORMAT, "4490"),
        (ledger.FORMAT, ""),
    ],
    ids=["geojson", "rfc7946", "gpkg", "xlsx"],
)
@settings(
    deadline=None,
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(content=contents())
def test_what_goes_in_comes_out(how, crs, content, tmp_path):
    prepared, found = passed_on(content, how, crs, tmp_path)
    assert how.compare(prepared.content, found, crs) == []
    if how is not ledger.FORMAT:
        assert found.geometry.dropna().is_valid.all()


@settings(
    deadline=None,
    max_examples=8,
    # A smaller example would take a process for each step of the search.
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    many=st.lists(contents(most=2), min_size=2, max_size=2),
    encoding=st.sampled_from(["gbk", "utf-8"]),
)
def test_a_shapefile_holds_what_is_told_of_it(many, encoding, tmp_path_factory):
    # Written by fiona in a process of its own, so there are few examples.
    folder = tmp_path_factory.mktemp("shape")
    frame = pd.concat([content.frame for content in many], ignore_index=True)
    frame["uid"] = [f"u{i}" for i in range(len(frame))]
    content = Content(**{**vars(many[0]), "frame": frame})
    how = shapefile.FORMAT
    prepared = how.prepare(content, "4490", {"encoding": encoding})
    told = {(loss.uid, loss.field) for loss in prepared.losses}
    changed = {
        (frame["uid"][row], item.title)
        for item in prepared.content.fields
        if item.kind == "text"
        for row in frame.index
        if frame[item.name][row] != prepared.content.frame[item.name][row]
    }
    assert told == changed
    options = how.options([prepared.content], "4490", {"encoding": encoding})
    options |= {"layer_name": "compounds", "losses": []}
    prepared.content.frame.to_feather(folder / "compounds.arrow")
    for step in ("write", "read"):
        run_step(
            step,
            format_id="shapefile",
            path=folder / "x.zip",
            folder=folder,
            layers=["compounds"],
            options=options,
        )
    assert how.compare(prepared.content, found_layer(folder, "compounds"), "4490") == []


@settings(deadline=None, max_examples=200)
@given(st.text(max_size=300))
def test_any_name_becomes_a_name_that_windows_takes(text):
    name = safe_file_name(text)
    assert 0 < len(name) <= 81
    assert len(name.encode()) <= 201
    assert not set(name) & set('\\/:*?"<>|\n\t\0')
    assert name[-1] not in " ."
    assert safe_file_name(name) == name


def test_the_fields_of_the_file_begin_with_those_of_the_plan():
    assert [item.name for item in FIELDS][: len(COMPOUND_FIELDS)] == [
        f.name for f in COMPOUND_FIELDS
    ]


@pytest.mark.parametrize(("crs", "x"), [("4490", 112.99999994), ("rfc7946", 112.9999994)])
def test_coordinates_that_end_in_nines_keep_their_last_digits(crs, x, tmp_path):
    # GDAL takes 112.99999994 for 113 and moves the corner by 6 mm, unless it is told not to.
    uid = typed(pd.Series(["a"]), FIELDS[0])
    shapes = [shapely.MultiPolygon([shapely.box(x, 22.9, 113.001, 22.901)])]
    table = {item.name: typed(pd.Series([None], dtype=object), item) for item in FIELDS}
    frame = gpd.GeoDataFrame(
        {**table, "uid": uid}, geometry=shapely.orient_polygons(shapes), crs=4490
    )
    content = Content(
        plan_name="计划",
        plan_id="1",
        revision=1,
        settings={},
        layer="compounds",
        title="小区",
        frame=frame,
        fields=FIELDS,
        totals={},
    )
    _, found = passed_on(content, geojson.FORMAT, crs, tmp_path)
    assert found.total_bounds[0] == x
