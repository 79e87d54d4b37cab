"""Writes 规则覆盖.md: what each source plan asks for, clause by clause, and the rule that carries it.

``python -m docs.coverage``; a test fails when the file is not what this writes.
"""

from __future__ import annotations

from pathlib import Path

from policy.coverage import COVERAGE_COLUMNS, coverage_table

__all__ = ["PAGE", "coverage_page"]

PAGE = Path(__file__).parent / "规则覆盖.md"

_INTRO = """# 规则覆盖

各份文件的要求与程序里规则的对照表。本页由程序写出（`python -m docs.coverage`），请勿手改。

- “由程序判定”为“是”的，每个小区都有结论（符合、需论证、不符合）并注明条款。
- “仅显示”的，在页面“政策”上列出，供查阅，或用于日程、拨付、报表等计算。
- 文字是我们的概括，数字和章节号与原文一致；原文缺标题的部分，章节写原文小标题或段落次序。
"""


def coverage_page() -> str:
    """Write the page: an introduction, a count, and one table a document.

    Returns
    -------
    str
        Markdown with a line break at the end.
    """
    table = coverage_table()
    judged = int((table["由程序判定"] == "是").sum())
    parts = [
        _INTRO,
        f"共 {table['文件'].nunique()} 份文件、{len(table)} 条规则，其中由程序判定 {judged} 条。\n",
    ]
    for title, rows in table.groupby("文件", sort=False):
        lines = [" | ".join(_cell(cell) for cell in row) for row in rows.itertuples(index=False)]
        head = [" | ".join(COVERAGE_COLUMNS), " | ".join("---" for _ in COVERAGE_COLUMNS)]
        body = "\n".join(f"| {line} |" for line in [*head, *lines])
        parts.append(f"## {title}\n\n{body}\n")
    return "\n".join(parts)


def _cell(text: object) -> str:
    return str(text).replace("|", "\\|").replace("\n", " ")


def _main() -> None:
    PAGE.write_text(coverage_page(), encoding="utf-8", newline="\n")
    print(f"{PAGE.name}: {len(coverage_table())} rules")


if __name__ == "__main__":
    _main()
