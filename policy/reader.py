"""Strict reading of rule files: what is doubtful is refused, with file, key and what would be right.

A rule file decides about money, so a duplicate or misspelt key, a value without a source or a text where a
date belongs must never be passed over.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Hashable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from errors import PolicyError

__all__ = [
    "STANDARDS",
    "check_date",
    "check_keys",
    "check_source",
    "check_text",
    "check_texts",
    "document_titles",
    "parse_rules",
    "read_rules",
]

STANDARDS = Path(__file__).parent / "standards"


class _StrictLoader(yaml.SafeLoader):
    """SafeLoader that refuses duplicate keys, anchors' merges included."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[Hashable] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            line = key_node.start_mark.line + 1
            if not isinstance(key, str):
                raise PolicyError(f'第 {line} 行的键 {key!r} 不是文字，请加引号，例如 "{key}"。')
            if key in seen:
                raise PolicyError(
                    f"第 {line} 行的键 {key} 重复，同一层里每个键只能写一次，请删去一个。"
                )
            seen.add(key)
        return super().construct_mapping(node, deep)

    def construct_yaml_timestamp(self, node: yaml.ScalarNode) -> Any:
        """Name the line of a date that looks like one and is none, as 2000-02-30."""
        try:
            return super().construct_yaml_timestamp(node)
        except (ValueError, AttributeError) as err:
            line = node.start_mark.line + 1
            raise PolicyError(
                f"第 {line} 行的日期不存在：{node.value}，请写成 2000-12-31 的样子。"
            ) from err


_StrictLoader.add_constructor("tag:yaml.org,2002:timestamp", _StrictLoader.construct_yaml_timestamp)


def read_rules(path: Path) -> dict[str, Any]:
    """Read one rule file.

    Parameters
    ----------
    path : Path
        UTF-8 YAML whose top level is a mapping.

    Returns
    -------
    dict

    Raises
    ------
    PolicyError
        If the file is missing, no YAML, or has a duplicate key.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as err:
        raise PolicyError(
            f"规则文件 {path.name} 无法读取，请检查文件是否存在并为 UTF-8 编码。"
        ) from err
    return parse_rules(text, name=path.name)


def parse_rules(text: str, *, name: str) -> dict[str, Any]:
    """Read the text of a rule file.

    Parameters
    ----------
    text : str
        YAML.
    name : str
        File name for messages.

    Returns
    -------
    dict

    Raises
    ------
    PolicyError
        As `read_rules`.

    Examples
    --------
    >>> parse_rules("section: 三", name="例.yaml")
    {'section': '三'}
    """
    try:
        # Derived from SafeLoader: builds plain values only, no objects.
        rules = yaml.load(text, Loader=_StrictLoader)  # noqa: S506
    except PolicyError as err:
        raise PolicyError(f"{name}：{err}") from err
    except (yaml.YAMLError, ValueError) as err:  # the latter of an explicit tag, as !!int 甲
        mark = getattr(err, "problem_mark", None)
        line = f"第 {mark.line + 1} 行" if mark else ""
        raise PolicyError(f"{name}：{line}不是正确的 YAML，请检查缩进、冒号和括号。") from err
    if not isinstance(rules, dict):
        raise PolicyError(f"{name}：最外层应是“键: 值”，请参照其他规则文件填写。")
    return rules


@cache
def document_titles() -> Mapping[str, str]:
    """Titles of the source plans by short name.

    Examples
    --------
    >>> document_titles()["yuncheng-2024"]
    '2024年云城区城镇老旧小区改造工作实施方案'
    """
    entries = read_rules(STANDARDS / "documents.yaml")
    return {
        key: check_text(
            entry.get("title") if isinstance(entry, dict) else entry, where=f"documents.yaml：{key}"
        )
        for key, entry in entries.items()
    }


def check_keys(
    entry: object, *, where: str, required: Collection[str], optional: Collection[str] = ()
) -> dict[str, Any]:
    """Refuse an entry with a key missing or unknown.

    Parameters
    ----------
    entry : object
        What stands in the file.
    where : str
        File and key, for the message.
    required, optional : collection of str
        Keys that must and may be there.

    Returns
    -------
    dict
        The entry.

    Raises
    ------
    PolicyError
    """
    if not isinstance(entry, dict):
        raise PolicyError(f"{where} 应是“键: 值”，需要的键有：{'、'.join(required)}。")
    missing = [key for key in required if key not in entry]
    if missing:
        raise PolicyError(f"{where} 缺少 {'、'.join(missing)}，请补上。")
    unknown = [str(key) for key in entry if key not in (*required, *optional)]
    if unknown:
        allowed = "、".join((*required, *optional))
        raise PolicyError(f"{where} 有不认识的键 {'、'.join(unknown)}，可用的键是：{allowed}。")
    return entry


def check_text(value: object, *, where: str) -> str:
    """Refuse anything but a text with something in it."""
    if not isinstance(value, str) or not value.strip():
        raise PolicyError(f"{where} 应是文字，现在是 {value!r}，请改正（数字和日期请加引号）。")
    return value


def check_texts(value: object, *, where: str) -> list[str]:
    """Refuse anything but a list of texts."""
    if not isinstance(value, list):
        raise PolicyError(f"{where} 应是列表，写成 [甲, 乙] 的样子，现在是 {value!r}。")
    return [check_text(item, where=f"{where}[{k}]") for k, item in enumerate(value)]


def check_date(value: object, *, where: str) -> dt.date:
    """Refuse anything but a date without a time."""
    if not isinstance(value, dt.date) or isinstance(value, dt.datetime):
        raise PolicyError(f"{where} 应是日期，写成 2000-12-31 的样子，现在是 {value!r}。")
    return value


def check_source(value: object, *, where: str) -> tuple[str, str]:
    """Refuse a source that is not “short name of the document, section”.

    Returns
    -------
    tuple of str
        Document and section.

    Examples
    --------
    >>> check_source("yuncheng-2024 三", where="例")
    ('yuncheng-2024', '三')
    """
    text = check_text(value, where=where)
    document, _, section = text.partition(" ")
    if document not in document_titles() or not section.strip():
        known = "、".join(document_titles())
        raise PolicyError(
            f"{where} 是“{text}”，应写成“文件 章节”，如“yuncheng-2024 三”；文件可为：{known}。"
        )
    return document, section.strip()
