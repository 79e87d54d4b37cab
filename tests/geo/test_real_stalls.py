"""Stalls on 望京西园三区 and the blocks of 新街口 (OpenStreetMap), kept outside the repository."""

import os
from pathlib import Path

import geopandas as gpd
import pytest

from data.ground import GroundOf, ground_of
from data.ground_settings import GroundSettings
from geo.stalls import Layout, LayoutLimits, lay_out_many
from tests.geo.stall_checker import faults

pytestmark = pytest.mark.realdata

LIMITS = LayoutLimits()
LAYERS = {
    "buildings": "building",
    "roads": "highway",
    "green": "kind",
    "water": "kind",
    "parking": "kind",
}


def real_layers(name: str) -> dict[str, gpd.GeoDataFrame]:
    """Layers as a plan has them, by uid."""
    path = Path(os.environ["PIANQU_GEODATA"]) / f"{name}.gpkg"
    made = {}
    for layer, kind in {"compounds": "landuse", **LAYERS}.items():
        read = gpd.read_file(path, layer=layer)
        frame = gpd.GeoDataFrame(
            {"kind": read[kind], "name": read.get("name")},
            geometry=read.geometry.to_numpy(),
            crs=read.crs,
        ).to_crs(4490)
        frame.index = [f"{layer}-{number}" for number in range(len(frame))]
        made[layer] = frame
    return made


def laid_out_really(name: str) -> tuple[GroundOf, dict[str, Layout]]:
    """Lay out everything that fits."""
    layers = real_layers(name)
    found = ground_of(layers, None, GroundSettings(), purpose="capacity")
    mapped = found.buildings[(found.buildings > 0) & ~found.no_roads].index
    ground = found.ground.open[mapped]
    done = lay_out_many(ground, roads=found.roads, streets=found.streets, limits=LIMITS)
    return found, done


@pytest.mark.parametrize(("name", "stalls"), [("beijing_wangjing", 3000), ("nanjing", 1000)])
def test_real_compounds_are_laid_out_without_a_fault(name, stalls) -> None:
    found, done = laid_out_really(name)
    told = {}
    for uid, layout in done.items():
        about = (found.ground.open[uid], found.roads[uid], found.streets[uid])
        told[uid] = faults(*about, layout, LIMITS)
    assert {uid: said for uid, said in told.items() if said} == {}
    assert sum(layout.count for layout in done.values()) >= stalls
    used = sum(layout.area_m2 for layout in done.values())
    assert used / sum(layout.count for layout in done.values()) < 27.0


def test_a_compound_without_mapped_buildings_is_known_as_such() -> None:
    found = ground_of(real_layers("beijing_wangjing"), None, GroundSettings(), purpose="capacity")
    assert (found.buildings == 0).any()
