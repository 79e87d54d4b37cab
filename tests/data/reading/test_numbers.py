"""Numbers of ledgers: what is written and what is read are the same amount, or nothing is read."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.reading.numbers import NotReadable, read_date, read_number
from data.reading.values import read_value

amounts = st.decimals(min_value=0, max_value=10**9, places=4, allow_nan=False)


def written(value: Decimal, style: str) -> str:
    text = f"{value:f}"
    if style == "thousands":
        return f"{value:,f}"
    if style == "wide":
        return text.translate(str.maketrans("0123456789.", "０１２３４５６７８９．"))
    if style == "spaced":
        return f"  {text} "
    return text


@given(amounts, st.sampled_from(["plain", "thousands", "wide", "spaced"]))
def test_a_number_comes_out_as_it_was_written(value, style):
    found = read_number(written(value, style))
    assert found is not None
    assert found.value == value
    assert not found.about


@given(st.integers(0, 10**11))
def test_yuan_survive_the_way_through_wan(yuan):
    text = f"{Decimal(yuan) / 10_000:f}"
    assert read_value("investment_yuan", text, unit="万元").value == yuan
    # Excel keeps 15 digits, which is enough for all of these.
    assert read_value("investment_yuan", float(text), unit="万元").value == yuan


@given(
    st.integers(1, 99_999),
    st.sampled_from(["约{}户", "{}余户", "近{}", "{}左右", "大约{}户", "{}多"]),
)
def test_rough_numbers_are_read_and_told(number, form):
    value = read_value("households", form.format(number))
    assert value.value == number
    assert "请核对" in value.note


HAN = "零一二三四五六七八九"


def in_han(number: int) -> str:
    """Chinese numeral of 0-9999, as written by hand."""
    if number == 0:
        return "零"
    parts, gap = [], False
    for step, word in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // step % 10
        if digit:
            parts.append(("零" if gap and parts else "") + HAN[digit] + word)
        gap = not digit
    return "".join(parts)


@given(st.integers(0, 9999), st.sampled_from(["{}", "约{}", "{}户", "约{}户"]))
def test_chinese_numerals_are_no_numbers_but_their_value_is_proposed(number, form):
    value = read_value("households", form.format(in_han(number)))
    assert value.value is None
    assert value.suggestion == number
    assert f"请改成 {number}，或在导入时按 {number} 处理。" in value.problem


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused_but_never_crashes(text):
    for field in ("households", "investment_yuan", "floor_area_m2", "built_on", "name"):
        value = read_value(field, text)
        assert not (value.problem and value.value is not None)
        if isinstance(value.value, int | float):
            assert value.value >= 0


@given(st.one_of(st.floats(), st.integers(), st.booleans()))
def test_any_number_is_read_or_refused(raw):
    value = read_value("investment_yuan", raw, unit="万元")
    assert value.value is None or value.value >= 0


@pytest.mark.parametrize(
    "text", ["1,23", "12,34,567", "1.2.3", "1e999", "inf", "nan", "0x10", "--5", "五 3"]
)
def test_what_only_looks_like_a_number_is_refused(text):
    with pytest.raises(NotReadable):
        read_number(text)


@pytest.mark.parametrize("text", ["/", "／", "-", "—", "无"])
def test_signs_for_none_are_zero(text):
    assert read_number(text).value == 0


@pytest.mark.parametrize("text", [None, "", "  ", "不详", "待定", "未知", "?"])
def test_blank_is_unknown(text):
    assert read_number(text) is None
    assert read_date(text) is None


@given(st.dates(min_value=dt.date(1900, 1, 1), max_value=dt.date(2100, 12, 31)))
def test_dates_survive_in_every_form(day):
    forms = [
        day.isoformat(),
        f"{day.year}年{day.month}月{day.day}日",
        f"{day.year}/{day.month}/{day.day}",
    ]
    for text in [*forms, f"{day.isoformat()} 00:00:00"]:
        assert read_date(text).value == day.isoformat()


@pytest.mark.parametrize(
    "text", ["1998-13-01", "1998-02-30", "98年", "36000", "1700", "9999年", "1998-1999年"]
)
def test_what_is_no_date_is_refused(text):
    with pytest.raises(NotReadable):
        read_date(text)
