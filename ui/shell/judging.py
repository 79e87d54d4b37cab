"""The step of the shell that judges the compounds of a plan by one or several rule profiles."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from ui.shell.parser import UsageError
from ui.shell.steps import DONE, FOUND, Outcome, opened

# What a step needs is imported when it runs, so that `--help` and a refused argument answer at once.
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from policy.judging import Judgement
    from policy.profiles import Profile

__all__ = ["judge"]


def judge(options: argparse.Namespace) -> Outcome:
    """Judge all compounds by the profiles that are named, by default the plan's own choice."""
    from policy.judging import judge as judged_by

    with opened(options) as plan:
        chosen = _chosen(options.rules, plan.settings())
        compounds, votes = plan.read("compounds"), plan.records("votes")
    found = [judged_by(compounds, profile, votes=votes) for profile in chosen]
    verdicts = [row for judgement in found for row in _verdicts(judgement)]
    missed = sum(row["state"] != "符合" for row in verdicts)
    result = {
        "verdicts": verdicts,
        "summary": {one.profile.id: _summary(one) for one in found},
        "cap": {one.profile.id: _cap(one) for one in found},
        "notes": [_nothing_judged(one.profile) for one in found if not one.rows],
    }
    return (FOUND if missed else DONE), result if options.json else _to_be_read(result, options)


def _chosen(given: str | None, settings: Mapping[str, Any]) -> list[Profile]:
    """Profiles by their ids, each once, in the order given."""
    from policy.own_rules import find_profile
    from ui.rule_profiles import adopted_profile

    if given is None:
        return [adopted_profile(settings)]
    ids = [one.strip() for one in given.replace("，", ",").split(",")]
    if not all(ids):
        raise UsageError(
            "--rules 应写规则方案的编号，几个之间用逗号隔开，如 --rules liuzhou-2022,chuxiong-2020。"
        )
    return [find_profile(one, settings) for one in dict.fromkeys(ids)]


def _verdicts(judgement: Judgement) -> Iterator[dict[str, Any]]:
    """Verdicts in the order of the compounds, each in the order of the profile."""
    names = judgement.judging.column("name")
    for at, (uid, name) in enumerate(zip(judgement.index, names, strict=True)):
        for rows in judgement.rows:
            yield {"compound": uid, "name": name, **rows.verdict(at).to_dict()}


def _summary(judgement: Judgement) -> dict[str, Any]:
    """Count verdicts by state, and compounds by what the rules of 准入 say together."""
    from policy.verdicts import STATES

    counts = judgement.counts()
    admitted = judgement.overall("准入").value_counts()
    asked = any(rows.rule.group == "准入" for rows in judgement.rows)
    return {
        "title": judgement.profile.title,
        **{state: int(counts[state].sum()) for state in STATES},
        "compounds": {state: int(admitted.get(state, 0)) for state in STATES} if asked else None,
    }


def _cap(judgement: Judgement) -> dict[str, Any] | None:
    """How much of the cap on late compounds the year's task uses; None if the profile has none."""
    cap = judgement.cap
    if cap is None:
        return None
    return {
        "rule": cap.rule.id,
        "counted_by": cap.counted.name,
        "cap": None if cap.cap is None else float(cap.cap),
        "total": float(cap.total),
        "late": float(cap.late),
        "share": None if cap.share is None else float(cap.share),
        "more": cap.more,
        "more_within": cap.more_within,
        "excess": cap.excess,
        **cap.verdict.to_dict(),
    }


def _nothing_judged(profile: Profile) -> str:
    return f"“{profile.title}”没有可以逐个小区判定的规则。"


def _to_be_read(result: dict[str, Any], options: argparse.Namespace) -> dict[str, Any]:
    """Leave out what holds, unless it is asked for: who reads the screen looks for what does not."""
    if options.all:
        return result
    open_ones = [row for row in result["verdicts"] if row["state"] != "符合"]
    hidden = len(result["verdicts"]) - len(open_ones)
    notes = [*result["notes"], *([f"另有 {hidden:,} 条符合，加 --all 列出。"] if hidden else [])]
    return {**result, "verdicts": open_ones, "notes": notes}
