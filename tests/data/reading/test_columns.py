"""Heads of real ledgers and places as they are written in one cell."""

from __future__ import annotations

import pytest

from data.reading.columns import field_of
from data.reading.ledger_values import split_place


@pytest.mark.parametrize(
    ("head", "parents", "field"),
    [
        ("建成年份", [], "built_on"),
        ("总户数（户）", [], "households"),
        ("幢数", [], "building_count"),
        ("投资(万元)", [], "investment_yuan"),
        ("居民自筹", [], "contribution_residents_yuan"),
        ("镇（街）", [], "subdistrict"),
        ("省级", ["补助资金（万元）"], "grant_provincial_yuan"),
        ("小计", ["补助资金（万元）"], "grant_yuan"),
        ("XQMC", [], "name"),
        ("标识码", [], "uid"),
        ("椭球面积", [], None),
        ("物业公司", [], None),
    ],
)
def test_heads_of_real_life(head, parents, field):
    assert field_of(head, parents=parents) == (field, 1.0 if field else 0.0)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("云城街道天马社区", ("云城街道", "天马社区")),
        ("云城街道\n天马社区", ("云城街道", "天马社区")),
        ("云城街道、天马社区", ("云城街道", "天马社区")),
        ("鹿城镇", ("鹿城镇", None)),
        ("云城街天马社区", ("云城街", "天马社区")),
        ("天马社区", (None, "天马社区")),
        ("", (None, None)),
        (None, (None, None)),
    ],
)
def test_place_is_split(text, place):
    assert split_place(text) == place
