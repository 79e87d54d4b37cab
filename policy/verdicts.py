"""Verdicts: what a rule says about one compound, 片区 or plan, with the clause it rests on.

Never a bare boolean: a verdict carries rule, document and section, the value met and the limit, and has three
states. 需论证 is said where a value is unknown, where the plan leaves its own figure blank, and where what
stands limits the answer (the 15 % cap).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, get_args

from policy.documents import cite

__all__ = ["FAILS", "HOLDS", "OPEN", "SIGNS", "STATES", "State", "Verdict", "worst"]

State = Literal["符合", "需论证", "不符合"]

# From good to bad.
STATES: tuple[State, ...] = get_args(State)
HOLDS, OPEN, FAILS = STATES
SIGNS: dict[State, str] = {HOLDS: "✓", OPEN: "?", FAILS: "✗"}


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What one rule says.

    Attributes
    ----------
    rule : str
        Id of the rule: profile and name, as ``chuxiong-2020/build_date``.
    title : str
        The rule in a few words.
    state : {"符合", "需论证", "不符合"}
    document, section : str
        Where the rule stands.
    found, limit : str
        The value met and what it was held against, with units; may be empty.
    message : str
        A whole Chinese sentence: what, why, and what would be right or is missing.
    """

    rule: str
    title: str
    state: State
    document: str
    section: str
    found: str = ""
    limit: str = ""
    message: str

    @property
    def clause(self) -> str:
        """Reference as the screen shows it behind the verdict.

        Examples
        --------
        >>> Verdict(rule="liuzhou-2022/share", title="出资", state="符合", document="liuzhou-2022",
        ...         section="四(三)", message="。").clause
        '〔柳政规〔2022〕3号 四(三)〕'
        """
        return cite(self.document, self.section)

    @property
    def sign(self) -> str:
        """✓, ? or ✗, so that a verdict is never told by colour alone."""
        return SIGNS[self.state]

    def to_dict(self) -> dict[str, Any]:
        """Return the verdict as plain values, ready for JSON."""
        return {
            "rule": self.rule,
            "title": self.title,
            "state": self.state,
            "document": self.document,
            "section": self.section,
            "clause": self.clause,
            "found": self.found,
            "limit": self.limit,
            "message": self.message,
        }


def worst(states: Iterable[State]) -> State:
    """State of several together: one ✗ fails all, one ? leaves all open; none at all holds.

    Examples
    --------
    >>> worst(["符合", "需论证"]), worst(["需论证", "不符合"]), worst([])
    ('需论证', '不符合', '符合')
    """
    return max(states, key=STATES.index, default=HOLDS)
