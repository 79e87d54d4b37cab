"""Who may go in: the judges of the kinds ``build_date`` and ``condition``."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from policy.build_date import judge_build_date
from policy.judged import Judging, Rows
from policy.profiles import Rule

__all__ = ["ELIGIBILITY"]

ELIGIBILITY: Mapping[str, Callable[[Rule, Judging], Rows]] = {
    "build_date": judge_build_date,
}
