import datetime as dt

import pandas as pd
import pytest

from errors import PolicyError
from policy.build_bands import build_band, build_bands, build_limits


@pytest.mark.parametrize(
    ("built_on", "title"),
    [
        ("1985-12-31", "2000年以前"),
        ("1999-12-31", "2000年以前"),
        ("2000-01-01", "2000年"),
        ("2000-06-30", "2000年"),
        ("2000-12-31", "2000年"),
        ("2001-01-01", "2001—2005年"),
        ("2005-12-31", "2001—2005年"),
        ("2006-01-01", "2006年及以后"),
        (None, "未知"),
        ("不详", "未知"),
    ],
)
def test_the_day_before_of_and_after_each_line(built_on, title) -> None:
    titles = {band.id: band.title for band in build_bands()}
    assert titles[build_band(pd.Series([built_on]))[0]] == title


def test_index_and_name_are_kept() -> None:
    built = pd.Series({"x": "1990-12-31", "y": None})
    found = build_band(built)
    assert found.name == "build_band"
    assert list(found.index) == ["x", "y"]
    assert build_band(built[:0]).empty


def test_every_line_has_its_source() -> None:
    limits = {(limit.document, limit.last_day) for limit in build_limits()}
    assert ("chuxiong-2020", dt.date(1999, 12, 31)) in limits
    assert ("yangjiang-2021", dt.date(2000, 12, 31)) in limits
    assert ("liuzhou-2022", dt.date(2005, 12, 31)) in limits
    assert [len(band.limits) for band in build_bands()] == [1, 2, 2, 0, 0]


LIMIT = "{date: 2000-12-31, before: false, text: 建成, source: yangjiang-2021 三}"
BANDS = (
    "[{id: a, title: 甲, until: 2000-12-31}, {id: b, title: 乙, until: null}, "
    "{id: unknown, title: 未知, until: null}]"
)


@pytest.mark.parametrize(
    ("limits", "bands", "message"),
    [
        (LIMIT.replace("2000-12-31", "'2000'"), BANDS, "date 应是日期"),
        (LIMIT.replace("2000-12-31", "2001-02-30"), BANDS, "日期不存在"),
        (LIMIT.replace("false", "'否'"), BANDS, "before 应是"),
        (LIMIT.replace(", source: yangjiang-2021 三", ""), BANDS, "缺少 source"),
        (LIMIT.replace("yangjiang-2021", "somewhere"), BANDS, "应写成“文件 章节”"),
        (LIMIT.replace("2000-12-31", "2003-12-31"), BANDS, "2003-12-31"),
        (LIMIT, BANDS.replace("{id: b, title: 乙, until: null}, ", ""), "从早到晚"),
        (LIMIT, "[]", "至少一项"),
    ],
)
def test_a_malformed_file_is_refused_with_file_and_key(tmp_path, limits, bands, message) -> None:
    path = tmp_path / "bands.yaml"
    path.write_text(
        f"checked_on: 2026-11-20\nlimits: [{limits}]\nbands: {bands}\n", encoding="utf-8"
    )
    with pytest.raises(PolicyError, match=message) as caught:
        build_bands(path)
    assert str(caught.value).startswith("bands.yaml：")
