"""The form of one rule of 我市方案: its figures by unit, the reason, the paper it rests on; or no such rule."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from html import escape
from typing import Any

import streamlit as st

from errors import ConflictError, PlanningError, PolicyError
from policy.own_rules import own_profile
from policy.profiles import Rule, profiles, read_rule_value
from policy.rule_kinds import KINDS, value_title
from policy.rule_units import plain_value, value_text
from ui import messages, policy_edits, session
from ui.panels import policy_values
from ui.policy_edits import Change
from ui.policy_scene import PolicyScene
from ui.words import safe

__all__ = ["RuleForm", "begin", "shown"]

PANEL = "policy_rule_form"
MAX_WHY, MAX_PAPER, MAX_SECTION = 200, 80, 40


@dataclass(frozen=True)
class RuleForm:
    """The rule whose form is open, and what stood when it was opened.

    Attributes
    ----------
    profile, rule : str
        Own profile, and name of the rule.
    before, parent : Rule
        The rule as it was read, and as the parent has it.
    seen : dict or None
        Its change as it was read.
    problems : dict
        What is wrong, by figure; the empty name is the rule as a whole.
    theirs : str
        What somebody else has written meanwhile.
    """

    profile: str
    rule: str
    before: Rule
    parent: Rule
    seen: Change | None
    problems: dict[str, str] = field(default_factory=dict)
    theirs: str = ""


def begin(scene: PolicyScene, rule: str) -> None:
    """Open the form of a rule as it is now."""
    session.forget(PANEL)
    profile = scene.profile
    form = RuleForm(
        profile=profile.id,
        rule=rule,
        before=profile.rules[rule],
        parent=profiles()[profile.parent or profile.id].rules[rule],
        seen=policy_edits.held_change(scene.view.settings, profile.id, rule),
    )
    session.put(session.RULE_FORM, form)


def _end() -> None:
    session.take(session.RULE_FORM)
    session.forget(PANEL)


def shown(scene: PolicyScene) -> bool:
    """Draw the form if one is open for this profile; tells whether it did."""
    form: RuleForm | None = session.get(session.RULE_FORM)
    if form is None or form.profile != scene.profile.id:
        return False
    rule = form.before
    st.html(
        f"<div class='rule'><h4>{escape(rule.title)}</h4>{escape(rule.text)}"
        f"<div class='clause'>{escape(rule.clause)}</div></div>"
    )
    with st.form(session.widget(PANEL, "form"), border=False):
        left, right = st.columns(2)
        saved = left.form_submit_button("保存", type="primary", width="stretch")
        right.form_submit_button("取消", width="stretch", on_click=_end)
        if form.problems.get(""):
            st.error(safe(form.problems[""]))
        if form.theirs:
            st.info(safe(form.theirs))
        given = _figures(form)
        change = _reasons(form)
    _drop(scene, form)
    if saved:
        _save(scene, form, given, change)
        st.rerun()
    return True


def _figures(form: RuleForm) -> dict[str, Any]:
    """Draw a field for each figure of the rule, and folded those that it could have."""
    rule = form.before
    given = {}
    for name, value in rule.values.items():
        given[name] = _figure(form, name, value.value)
    others = [name for name in KINDS[rule.kind].units if name not in rule.values]
    if others:
        with st.expander(f"原方案没有、可以补充的（{len(others)}）"):
            for name in others:
                given[name] = _figure(form, name, None)
    if not given:
        st.caption("这条规则没有数值，可以改依据和理由，或在下面写明不用这一条。")
    return given


def _figure(form: RuleForm, name: str, value: Any) -> Any:
    given = policy_values.show(
        form.before.kind, name, value, key=session.widget(PANEL, form.rule, name)
    )
    if name in form.problems:
        st.html(f"<div class='problem'>{escape(form.problems[name])}</div>")
    parent = _parent_text(form, name)
    if parent:
        st.caption(f"原方案：{safe(parent)}")
    return given


def _parent_text(form: RuleForm, name: str) -> str:
    """Say what the parent has, where the copy says something else."""
    mine, theirs = form.before.values.get(name), form.parent.values.get(name)
    if mine == theirs:
        return ""
    return "无此项" if theirs is None else value_text(theirs.value, theirs.unit)


def _reasons(form: RuleForm) -> Change:
    """Draw what a change rests on."""
    held = form.seen or {}
    why = st.text_input(
        "改动理由",
        value=held.get("why", ""),
        placeholder="如：按市政府会议纪要",
        max_chars=MAX_WHY,
        key=session.widget(PANEL, "why"),
    )
    left, right = st.columns([3, 2])
    paper = left.text_input(
        "我市依据文件",
        value=held.get("document", ""),
        placeholder="可不填",
        max_chars=MAX_PAPER,
        key=session.widget(PANEL, "document"),
    )
    section = right.text_input(
        "章节",
        value=held.get("section", ""),
        placeholder="如：三(二)",
        max_chars=MAX_SECTION,
        key=session.widget(PANEL, "section"),
    )
    if "document" in form.problems:
        st.html(f"<div class='problem'>{escape(form.problems['document'])}</div>")
    change: Change = {"why": why.strip()} if why.strip() else {}
    if paper.strip() or section.strip():
        change |= {"document": paper.strip(), "section": section.strip()}
    return change


def _drop(scene: PolicyScene, form: RuleForm) -> None:
    with st.expander("本市不用这一条…"), st.form(session.widget(PANEL, "drop"), border=False):
        why = st.text_input(
            "不用的理由", max_chars=MAX_WHY, key=session.widget(PANEL, "drop_why")
        ).strip()
        if st.form_submit_button("不用这一条", width="stretch"):
            if why:
                change = {"dropped": True, "why": why}
                _write(scene, form, change, f"不用规则：{form.before.title}")
            else:
                messages.problem("请写明不用这一条的理由，以后别人才看得懂。")
            st.rerun()


def _save(scene: PolicyScene, form: RuleForm, given: dict[str, Any], change: Change) -> None:
    """Read all fields; if all are right write the change, else show beside each what is wrong."""
    values, problems = _read(form, given)
    if ("document" in change) and not (change["document"] and change["section"]):
        problems["document"] = "依据要同时写文件和章节，请补上另一项。"
    if problems:
        session.put(session.RULE_FORM, replace(form, problems=problems))
        return
    if values:
        change = {"values": values, **change}
    if (change or None) == form.seen:
        messages.done("没有改动")
        _end()
        return
    _write(scene, form, change or None, f"修改规则：{form.before.title}")


def _read(form: RuleForm, given: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Raw values that differ from the parent, and what can not be read."""
    values: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for name, raw in given.items():
        theirs = form.parent.values.get(name)
        if raw is None and theirs is None:
            continue
        where = f"“{value_title(form.before.kind, name)}”"
        try:
            read = read_rule_value(form.before.kind, name, raw, where=where)
        except PolicyError as error:
            problems[name] = str(error)
            continue
        if read != theirs:
            values[name] = plain_value(read.value)
    return values, problems


def _write(scene: PolicyScene, form: RuleForm, change: Change | None, label: str) -> None:
    try:
        policy_edits.change_rule(
            scene, form.profile, form.rule, change, seen=form.seen, label=label
        )
    except ConflictError as error:
        session.put(session.RULE_FORM, _after_conflict(scene, form, error))
    except PlanningError as error:
        session.put(session.RULE_FORM, replace(form, problems={"": str(error)}))
    else:
        messages.done(f"{label}（可撤销）")
        _end()


def _after_conflict(scene: PolicyScene, form: RuleForm, error: ConflictError) -> RuleForm:
    """Keep what was filled in; the next save is made knowing what the other has written."""
    theirs: Change | None = error.theirs or None
    entry = {
        "title": "现在的值",
        "parent": scene.profile.parent,
        "changes": {} if theirs is None else {form.rule: theirs},
    }
    now = own_profile("now", entry).rules.get(form.rule)
    if now is None:
        said = "对方已写明不用这一条"
    else:
        said = "；".join(
            f"{value_title(now.kind, name)} {value.text}" for name, value in now.values.items()
        )
    return replace(
        form, seen=theirs, problems={"": str(error)}, theirs=f"现在的值：{said or '无数值'}"
    )
