"""Overlapping certificates and floor area ratios, exact, with the figures of 004-4."""

from fractions import Fraction

import pytest

from errors import RecordError
from policy.parcels import check_far, hectares_text, judge_parcels, net_parcels, read_area
from policy.profiles import Rule, Value, profiles
from policy.rule_entries import Figure

CERTIFICATES = ("东府国用字第特233号 50061㎡", "东府国用字第特234号 116157平方米")


def rule_of(net, overlap=Fraction(14_643)):
    values = {
        "certificates": Value(
            value=(Figure(name="233", amount=50_061), Figure(name="234", amount=116_157)),
            unit="面积表",
        ),
        "overlap": Value(value=overlap, unit="㎡"),
        "net": Value(value=net, unit="㎡"),
    }
    return Rule(
        id="sanjiu-dongguan/parcels", name="parcels", kind="parcels", group="片区", title="地块面积",
        text="证载面积扣除重叠。", document="sanjiu-dongguan", section="地块", link=None, in_force=None,
        checked_on=None, values=values,
    )  # fmt: skip


def test_50061_and_116157_less_1_4643_hectares_leave_151575_square_metres():
    parcels = net_parcels(CERTIFICATES, "1.4643公顷")
    assert (parcels.gross, parcels.overlap, parcels.net) == (166_218, 14_643, 151_575)
    assert hectares_text(parcels.net) == "15.1575 公顷"


def test_the_area_that_sanjiu_dongguan_states_is_that_of_its_certificates():
    found = judge_parcels(profiles()["sanjiu-dongguan"].one("parcels"))
    assert (found.state, found.found) == ("符合", "15.1575 公顷")
    assert "166218 ㎡" in found.message


def test_the_stated_area_holds_against_its_certificates_and_one_off_fails():
    assert judge_parcels(rule_of(Fraction(151_575))).state == "符合"
    wrong = judge_parcels(rule_of(Fraction(151_576)))
    assert wrong.state == "不符合"
    assert (wrong.found, wrong.limit) == ("15.1576 公顷", "15.1575 公顷")
    assert "相差 1 ㎡" in wrong.message


@pytest.mark.parametrize(
    ("text", "area"),
    [
        ("50061㎡", 50_061),
        ("50,061 平方米", 50_061),
        ("5.0061万㎡", 50_061),
        ("1.4643公顷", 14_643),
        ("1.4643hm2", None),
        ("3亩", 2_000),
        ("特233号", None),
    ],
)
def test_areas_are_read_with_their_units(text, area):
    assert read_area(text) == area


def test_certificates_without_areas_and_impossible_overlaps_are_refused():
    with pytest.raises(RecordError, match="没有写明面积"):
        net_parcels(["特233号"], 0)
    with pytest.raises(RecordError, match="不可能重叠"):
        net_parcels([50_061, 116_157], 50_062)
    with pytest.raises(RecordError, match="小于 0"):
        net_parcels([50_061, -1], 0)
    with pytest.raises(RecordError, match="至少填一宗"):
        net_parcels([], 0)


def test_a_stated_ratio_of_1_5_does_not_go_with_100_000_over_151_575():
    found = check_far(
        Fraction(3, 2), Fraction(100_000), Fraction(151_575), tolerance=Fraction(1, 50)
    )
    assert not found.holds
    assert f"{float(found.own):.2f}" == "0.66"


@pytest.mark.parametrize(("stated", "holds"), [("0.98", True), ("1.02", True), ("1.0201", False)])
def test_the_tolerance_of_a_ratio_is_2_per_cent_exactly(stated, holds):
    found = check_far(Fraction(stated), Fraction(100), Fraction(100), tolerance=Fraction(1, 50))
    assert found.holds is holds
