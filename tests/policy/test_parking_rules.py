"""Sizes of stalls as JGJ 100-2015 prints them, and what a spoilt file is refused for."""

import math
from pathlib import Path

import pytest

from errors import PolicyError
from policy.figures import OWN_SOURCE
from policy.parking_rules import parking_rules

# Table 4.3.4: We1, We2, Lt, Wd.
TABLE = {
    "平行式": (2.4, 2.1, 6.0, 3.8),
    "斜列式30°": (4.8, 3.6, 4.8, 3.8),
    "斜列式45°": (5.5, 4.6, 3.4, 3.8),
    "斜列式60°": (5.8, 5.0, 2.8, 4.2),
    "斜列式60°（前进停车）": (5.8, 5.0, 2.8, 4.5),
    "垂直式": (5.3, 5.1, 2.4, 5.5),
    "垂直式（前进停车）": (5.3, 5.1, 2.4, 9.0),
}


def test_the_sizes_are_those_of_the_standard() -> None:
    found = {
        one.title: (one.depth_wall_m, one.depth_back_m, one.pitch_m, one.aisle_m)
        for one in parking_rules().arrangements
    }
    assert found == TABLE


@pytest.mark.parametrize("preset", ["standard", "comfort"])
def test_a_stall_fits_the_depth_and_pitch_of_its_row(preset) -> None:
    for one in parking_rules().preset(preset).arrangements:
        turned = math.radians(one.angle_deg)
        if one.angle_deg:
            depth = one.length_m * math.sin(turned) + one.width_m * math.cos(turned)
            pitch = one.width_m / math.sin(turned)
        else:
            depth, pitch = one.width_m, one.length_m
        assert depth <= one.depth_wall_m + 1e-9, one.title
        assert pitch <= one.pitch_m + 1e-9, one.title
        # And the standard wastes no more than a hand's breadth.
        assert depth > one.depth_wall_m - 0.1, one.title
        assert pitch > one.pitch_m - 0.1, one.title


def test_the_comfort_preset_is_said_to_be_no_standard() -> None:
    comfort = parking_rules().preset("comfort")
    assert (comfort.source, comfort.clause) == (OWN_SOURCE, None)
    assert {one.width_m for one in comfort.arrangements} == {2.5}


def test_targets_say_where_they_come_from() -> None:
    targets = {one.id: one.figure for one in parking_rules().targets}
    assert (targets["jiangmen_centre"].value, targets["jiangmen_outer"].value) == (1.2, 0.7)
    assert targets["economical"].value == 0.3
    assert parking_rules().target.figure.confidence == "低"


def test_what_no_document_gives_is_held_with_low_confidence() -> None:
    own = {name: one for name, one in parking_rules().figures.items() if one.source == OWN_SOURCE}
    assert {"unpaved_share", "roadside_to_wall_m", "mechanical_multiplier"} <= set(own)
    assert {one.confidence for one in own.values()} == {"低"}


def test_an_unknown_preset_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(PolicyError, match=r"standard（规范最小尺寸）、comfort（舒适型）"):
        parking_rules().preset("wide")


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("depth_back_m: 5.1, pitch_m: 2.4", "depth_back_m: 5.4, pitch_m: 2.4", "depth_back_m"),
        ("angle_deg: 90", "angle_deg: 91", "0 到 90"),
        ("usual: true", "usual: 是", "true 或 false"),
        ("id: angled_60,", "id: perpendicular,", "perpendicular 写了两次"),
        ("id: jiangmen_outer", "id: jiangmen_centre", "jiangmen_centre 写了两次"),
        ("  dead_end_m:", "  dead_ends_m:", "缺少 dead_end_m"),
        ("low: 25, high: 30", "low: 25, high: 20", "小于下限"),
    ],
)
def test_a_malformed_file_is_refused_with_the_place(tmp_path: Path, before, after, says) -> None:
    text = Path("policy/standards/parking.yaml").read_text(encoding="utf-8")
    assert before in text
    path = tmp_path / "parking.yaml"
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(PolicyError, match=says):
        parking_rules(path)
