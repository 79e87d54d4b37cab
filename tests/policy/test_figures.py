"""Figures without a source, with a source that is none, or with a value that is no number, are refused."""

import math

import pytest

from errors import PolicyError
from policy.figures import check_words, longest_word, read_figure, read_span

FIGURE = {
    "value": 4,
    "unit": "m",
    "source": "gb-50016",
    "clause": "7.1.8",
    "confidence": "高",
    "text": "消防车道净宽",
}


def test_a_figure_is_read_with_its_clause() -> None:
    figure = read_figure(FIGURE, where="例")
    assert figure.value == 4.0
    assert figure.cited == "〔GB 50016-2014（2018年版） 7.1.8〕"


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"value": "4"}, "0 或更大"),
        ({"value": -1}, "0 或更大"),
        ({"value": True}, "0 或更大"),
        ({"value": math.nan}, "0 或更大"),
        ({"value": math.inf}, "0 或更大"),
        ({"source": "gb-1"}, "文件的简称"),
        ({"clause": None}, "写章节"),
        ({"source": "tool"}, "写章节"),
        ({"confidence": "很高"}, "高、中、低"),
        ({"clause": 7.1}, "文字"),
        ({"text": " "}, "文字"),
        ({"extra": 1}, "不认识的键 extra"),
    ],
)
def test_what_is_doubtful_is_refused(changed, says) -> None:
    with pytest.raises(PolicyError, match=says):
        read_figure({**FIGURE, **changed}, where="例")


def test_a_range_may_be_open_upwards_but_not_upside_down() -> None:
    rest = {key: value for key, value in FIGURE.items() if key != "value"}
    assert read_span({**rest, "low": 150, "high": None}, where="例").high == math.inf
    with pytest.raises(PolicyError, match="上限 20 小于下限 30"):
        read_span({**rest, "low": 30, "high": 20}, where="例")


def test_a_word_stands_for_one_thing() -> None:
    with pytest.raises(PolicyError, match="写了两次（a、b）"):
        check_words({"a": ["Park"], "b": ["park"]}, ("a", "b"), where="例")


def test_the_longest_chinese_word_decides_and_latin_words_count_whole() -> None:
    words = {"卫生": "waste", "卫生服务站": "health", "park": "green"}
    assert longest_word("城东社区卫生服务站", words) == "health"
    assert longest_word(" Park ", words) == "green"
    assert longest_word("parking", words) is None
    assert longest_word(float("nan"), words) is None
