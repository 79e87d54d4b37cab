"""Proof that nothing is missing: what the source plans ask for, and the rules that carry it.

`standards/listed_rules.yaml` lists the documents clause by clause. A clause without a rule, a rule that is not there,
a rule from another section, and a rule that no clause asks for are refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pandas as pd

from errors import PolicyError
from policy.documents import document
from policy.profiles import Profile, Rule, profiles
from policy.reader import STANDARDS, check_keys, check_text, check_texts, read_rules

__all__ = ["COVERAGE_COLUMNS", "ListedRule", "coverage_table", "gaps", "listed_rules"]

COVERAGE_COLUMNS = ("文件", "章节", "要求", "规则", "由程序判定")
JUDGED, SHOWN = "是", "仅显示"


@dataclass(frozen=True, kw_only=True)
class ListedRule:
    """One thing that a document asks for.

    Attributes
    ----------
    document, section : str
        Where it stands.
    says : str
        What it asks, in ours.
    rules : tuple of str
        Ids of the rules that carry it.
    """

    document: str
    section: str
    says: str
    rules: tuple[str, ...]


@cache
def listed_rules(path: Path = STANDARDS / "listed_rules.yaml") -> tuple[ListedRule, ...]:
    """Read what the documents ask for, in their order.

    Raises
    ------
    PolicyError
        If the file is malformed, or names a document that is not in the list.

    Examples
    --------
    >>> [entry.rules for entry in listed_rules() if entry.section == "八(一)" and "1000" in entry.says]
    [('chuxiong-2020/min_contribution',)]
    """
    found = []
    for key, entries in read_rules(path).items():
        where = f"{path.name}：{key}"
        document(key)
        if not isinstance(entries, list) or not entries:
            raise PolicyError(f"{where} 应是列表，每条写 section、says、rules。")
        found += [_listed(key, entry, f"{where}[{k}]") for k, entry in enumerate(entries)]
    return tuple(found)


def gaps(
    listed: Iterable[ListedRule] | None = None, plans: Mapping[str, Profile] | None = None
) -> tuple[str, ...]:
    """Find what is missing on either side; nothing if all is covered.

    Parameters
    ----------
    listed : iterable of ListedRule, optional
        `listed_rules` by default.
    plans : mapping, optional
        Profiles by id; the source plans by default.

    Returns
    -------
    tuple of str
        Chinese sentences, each naming clause or rule.

    Examples
    --------
    >>> gaps()
    ()
    """
    listed = tuple(listed_rules() if listed is None else listed)
    plans = profiles() if plans is None else plans
    known = {rule.id: rule for plan in plans.values() for rule in plan.rules.values()}
    asked = {key for entry in listed for key in entry.rules}
    return (
        *(problem for entry in listed for problem in _problems(entry, known)),
        *(
            f"规则 {key} 没有列进 listed_rules.yaml，请补一条。"
            for key in known
            if key not in asked
        ),
    )


def coverage_table() -> pd.DataFrame:
    """Table of what is asked, one row a rule, in the order of the list.

    Returns
    -------
    DataFrame
        Columns `COVERAGE_COLUMNS`, all texts; 规则 is title and id, 由程序判定 是 or 仅显示.

    Raises
    ------
    PolicyError
        If something is missing; all of it is told at once.
    """
    missing = gaps()
    if missing:
        raise PolicyError("\n".join(missing))
    known = {rule.id: rule for plan in profiles().values() for rule in plan.rules.values()}
    rows = [_row(entry, known[key]) for entry in listed_rules() for key in entry.rules]
    return pd.DataFrame(rows, columns=list(COVERAGE_COLUMNS), dtype=object)


def _listed(key: str, entry: object, where: str) -> ListedRule:
    values = check_keys(entry, where=where, required=("section", "says", "rules"))
    names = check_texts(values["rules"], where=f"{where}.rules")
    if not names:
        raise PolicyError(f"{where}.rules 是空的，每条要求至少对应一条规则，请补上规则名。")
    return ListedRule(
        document=key,
        section=check_text(values["section"], where=f"{where}.section"),
        says=check_text(values["says"], where=f"{where}.says"),
        rules=tuple(f"{key}/{name}" for name in names),
    )


def _problems(entry: ListedRule, known: Mapping[str, Rule]) -> Iterable[str]:
    at = f"{entry.document} {entry.section}“{entry.says}”"
    if not entry.rules:
        yield f"{at}没有对应的规则，请补上。"
    for key in entry.rules:
        rule = known.get(key)
        if rule is None:
            yield f"{at}对应的规则 {key} 不存在，请改正规则名或补写规则。"
        elif rule.document != entry.document or not rule.section.startswith(entry.section):
            yield f"{at}对应的规则 {key} 出自 {rule.document} {rule.section}，章节不一致，请核对。"


def _row(entry: ListedRule, rule: Rule) -> tuple[str, ...]:
    name = f"{rule.title}（{rule.id}）"
    judged = JUDGED if rule.judged else SHOWN
    return document(entry.document).short, rule.section, entry.says, name, judged
