import datetime as dt

import pytest

from errors import PolicyError
from policy.reader import (
    STANDARDS,
    check_date,
    check_keys,
    check_source,
    check_text,
    check_texts,
    document_titles,
    parse_rules,
    read_rules,
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: 2\na: 3", "第 3 行的键 a 重复"),
        ("x:\n  b: 1\n  b: 2", "第 3 行的键 b 重复"),
        ("on: 1", "加引号"),
        ("2020: 1", "加引号"),
        ("a: [1, 2", "不是正确的 YAML"),
        ("a: 2000-02-30", "日期不存在"),
        ("- a", "最外层"),
        ("", "最外层"),
        ("a: !!python/object/apply:os.system ['true']", "不是正确的 YAML"),
    ],
)
def test_what_is_doubtful_is_refused_with_file_and_key(text, message) -> None:
    with pytest.raises(PolicyError, match=message) as caught:
        parse_rules(text, name="规则.yaml")
    assert str(caught.value).startswith("规则.yaml：")


def test_a_missing_or_unreadable_file_is_said_by_name(tmp_path) -> None:
    with pytest.raises(PolicyError, match=r"none\.yaml"):
        read_rules(tmp_path / "none.yaml")
    (tmp_path / "gbk.yaml").write_bytes("a: 中".encode("gbk"))
    with pytest.raises(PolicyError, match="UTF-8"):
        read_rules(tmp_path / "gbk.yaml")


def test_missing_and_unknown_keys_name_what_would_be_right() -> None:
    with pytest.raises(PolicyError, match="缺少 b"):
        check_keys({"a": 1}, where="例", required=("a", "b"))
    with pytest.raises(PolicyError, match="不认识的键 c，可用的键是：a、b"):
        check_keys({"a": 1, "c": 2}, where="例", required=("a",), optional=("b",))
    with pytest.raises(PolicyError, match="键: 值"):
        check_keys([1], where="例", required=("a",))
    assert check_keys({"a": 1}, where="例", required=("a",)) == {"a": 1}


def test_values_of_the_wrong_kind_are_refused() -> None:
    with pytest.raises(PolicyError, match="应是文字"):
        check_text(3, where="例")
    with pytest.raises(PolicyError, match="应是列表"):
        check_texts("a", where="例")
    with pytest.raises(PolicyError, match=r"例\[1\] 应是文字"):
        check_texts(["a", ""], where="例")
    with pytest.raises(PolicyError, match="应是日期"):
        check_date(dt.datetime(2000, 1, 1), where="例")
    with pytest.raises(PolicyError, match="文件 章节"):
        check_source("yuncheng-2024", where="例")
    assert check_date(dt.date(2000, 1, 1), where="例") == dt.date(2000, 1, 1)


def test_all_nine_source_plans_are_registered() -> None:
    assert set(document_titles()) >= {
        "yuncheng-2024",
        "yangjiang-2021",
        "chuxiong-2020",
        "liuzhou-2022",
        "provincial-review",
        "school-works",
        "city-pilot",
        "sanjiu-dongguan",
        "litong-parking",
    }


def test_every_standards_file_reads_strictly() -> None:
    files = sorted(STANDARDS.glob("*.yaml"))
    assert len(files) >= 5
    for path in files:
        assert read_rules(path)
