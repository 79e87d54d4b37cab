"""What the buttons of the page 政策 write to the plan, one transaction each, and what is said afterwards.

A stale save is refused with both versions told; nothing that somebody else has written is overwritten unseen.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any, ParamSpec

import pandas as pd

from data.store import Plan
from errors import ConflictError, PlanningError, PolicyError
from policy.facts import fact, with_fact
from policy.own_rules import OWN_RULES, own_profile, plain_changes
from policy.profiles import Profile
from ui import messages, rule_profiles, session, visit
from ui.scene import Scene

__all__ = [
    "Change",
    "adopt",
    "change_rule",
    "copy_profile",
    "delete_vote",
    "guarded",
    "held_change",
    "remove_profile",
    "rename_profile",
    "save_vote",
    "set_fact",
]

P = ParamSpec("P")
Change = dict[str, Any]
Entries = dict[str, Any]

COMPOUNDS, VOTES = "compounds", "votes"
MOST_TITLE = 40


def guarded(action: Callable[P, None]) -> Callable[P, None]:
    """For buttons' callbacks: what goes wrong is said over the page, a stale save too."""

    @functools.wraps(action)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            action(*args, **kwargs)
        except PlanningError as error:
            messages.problem(str(error))

    return run


# --- the plan's profile, and the planner's own -----------------------------------------------------


def adopt(scene: Scene, profile_id: str) -> None:
    """Judge the plan by another profile."""
    title = rule_profiles.profile_title(scene.view.settings, profile_id)
    with _edit(scene, f"采用规则方案：{title}") as tx:
        tx.set_setting(rule_profiles.RULES, profile_id)
    messages.done(f"已采用“{title}”（可撤销）")


def copy_profile(scene: Scene, profile: Profile, title: str) -> str:
    """Make a copy of a profile that can be changed, and adopt it; returns its id."""
    title = _title(title)
    entries, version = _entries(scene.plan)
    key = _free_key(entries)
    entry = {
        "title": title,
        "parent": profile.parent or profile.id,
        "changes": plain_changes(profile),
    }
    own_profile(key, entry)
    with _edit(scene, f"另存为我市方案：{title}") as tx:
        tx.set_setting(OWN_RULES, {**entries, key: entry}, version=version)
        tx.set_setting(rule_profiles.RULES, key)
    messages.done(f"已另存为我市方案“{title}”，并采用（可撤销）")
    return key


def rename_profile(scene: Scene, key: str, title: str) -> None:
    """Give an own profile another title."""
    title = _title(title)
    entries, version = _entries(scene.plan)
    changed = {**_own_entry(entries, key), "title": title}
    _write(scene, f"我市方案改名：{title}", {**entries, key: changed}, version)
    messages.done(f"已改名为“{title}”")


def remove_profile(scene: Scene, key: str) -> None:
    """Delete an own profile; a plan that goes by it goes by its parent from now on."""
    entries, version = _entries(scene.plan)
    entry = _own_entry(entries, key)
    left = {name: one for name, one in entries.items() if name != key}
    with _edit(scene, f"删除我市方案：{entry['title']}") as tx:
        tx.set_setting(OWN_RULES, left, version=version)
        if rule_profiles.adopted(scene.view.settings) == key:
            tx.set_setting(rule_profiles.RULES, entry["parent"])
    messages.done(f"已删除“{entry['title']}”（可撤销）")


def held_change(settings: Mapping[str, Any], key: str, rule: str) -> Change | None:
    """Return the change of a rule in an own profile; None if the rule is as in the parent."""
    entry = (settings.get(OWN_RULES) or {}).get(key) or {}
    found: Change | None = (entry.get("changes") or {}).get(rule)
    return found


def change_rule(
    scene: Scene,
    key: str,
    rule: str,
    change: Change | None,
    *,
    seen: Change | None,
    label: str,
) -> None:
    """Write the change of one rule of an own profile.

    Parameters
    ----------
    scene : Scene
        This run.
    key, rule : str
        Profile and name of the rule.
    change : dict or None
        As `policy.own_rules.own_profile` takes it; None brings back what the parent says.
    seen : dict or None
        The change that stood when the planner began.
    label : str
        For the history.

    Raises
    ------
    ConflictError
        If the change is not what the planner saw any more.
    PolicyError
        If the values do not fit.
    """
    entries, version = _entries(scene.plan)
    entry = _own_entry(entries, key)
    changes = dict(entry.get("changes") or {})
    if changes.get(rule) != seen:
        raise _stale(scene, rule, changes.get(rule), change)
    changes = {name: one for name, one in changes.items() if name != rule}
    if change is not None:
        changes[rule] = change
    changed = {**entry, "changes": changes}
    own_profile(key, changed)
    _write(scene, label, {**entries, key: changed}, version)


def _stale(scene: Scene, rule: str, theirs: Change | None, mine: Change | None) -> ConflictError:
    settings = scene.plan.read_table("settings").set_index("uid")
    who = settings.loc[OWN_RULES, "edited_by"] if OWN_RULES in settings.index else "他人"
    return ConflictError(
        f"这条规则在您打开之后已被 {who} 修改，您的改动没有保存，填写的内容还在。"
        "请看下面“现在的值”，仍要用您的就再按一次“保存”。",
        layer="settings",
        uid=f"{OWN_RULES}:{rule}",
        mine=mine or {},
        theirs=theirs or {},
    )


def _entries(plan: Plan) -> tuple[Entries, int]:
    """Give the own profiles as they are now, and the version of the setting."""
    settings = plan.read_table("settings").set_index("uid")
    if OWN_RULES not in settings.index:
        return {}, 0
    row = settings.loc[OWN_RULES]
    held = row["value"]
    return dict(held) if isinstance(held, dict) else {}, int(row["version"])


def _own_entry(entries: Entries, key: str) -> Entries:
    if key not in entries:
        raise PolicyError("这个我市方案已被他人删除。请另选一个规则方案，或撤销那次删除。")
    return dict(entries[key])


def _free_key(entries: Entries) -> str:
    number = len(entries) + 1
    while f"own-{number}" in entries:
        number += 1
    return f"own-{number}"


def _title(title: str) -> str:
    plain = " ".join(title.split())[:MOST_TITLE]
    if not plain:
        raise PolicyError("我市方案要有名称，请填写，如“某市2026年方案”。")
    return plain


def _write(scene: Scene, label: str, entries: Entries, version: int) -> None:
    with _edit(scene, label) as tx:
        tx.set_setting(OWN_RULES, entries, version=version)


# --- facts of compounds ----------------------------------------------------------------------------


def set_fact(scene: Scene, uids: list[str], fact_id: str, value: Any) -> None:
    """Write a fact of compounds; None makes it unknown."""
    frame, known = scene.view.frame, fact(fact_id)
    changed = [
        {"uid": uid, "version": int(version), "extra": with_fact(extra, fact_id, value)}
        for uid, version, extra in zip(
            uids, frame.loc[uids, "version"], _extras(frame, uids), strict=True
        )
    ]
    with _edit(scene, f"{known.title}：{_said(value)}（{len(uids):,} 个小区）") as tx:
        tx.update_many(COMPOUNDS, changed)
    who = f"{len(uids):,} 个小区" if len(uids) > 1 else str(frame.loc[uids[0], "name"])
    messages.done(f"{who}：{known.title} → {_said(value)}（可撤销）")


def _extras(frame: pd.DataFrame, uids: list[str]) -> list[dict[str, Any] | None]:
    return [extra if isinstance(extra, dict) else None for extra in frame.loc[uids, "extra"]]


def _said(value: Any) -> str:
    if value is None or value == "":
        return "未知"
    return ("是" if value else "否") if isinstance(value, bool) else str(value)


# --- votes -----------------------------------------------------------------------------------------


def save_vote(
    scene: Scene, values: dict[str, Any], *, name: str, uid: str | None, version: int | None
) -> str:
    """Write a vote or notice of a compound, new or changed; returns its uid."""
    with _edit(scene, f"表决公示：{name}") as tx:
        if uid is None:
            made = tx.add_record(VOTES, values)
        else:
            tx.update_record(VOTES, uid, int(version or 0), values)
            made = uid
    messages.done(f"已保存表决记录：{name}（可撤销）")
    return made


def delete_vote(scene: Scene, uid: str, version: int, *, name: str) -> None:
    """Delete a vote."""
    with _edit(scene, f"删除表决记录：{name}") as tx:
        tx.delete_record(VOTES, uid, version)
    messages.done(f"已删除表决记录：{name}（可撤销）")
    session.take(session.VOTE_FORM)


def _edit(scene: Scene, label: str) -> Any:
    return scene.plan.edit(visit.current().actor, label)
