"""The right to the plan's routes: only for a living session, only from its browser."""

from __future__ import annotations

import pytest
from streamlit.web.server.starlette.starlette_app_utils import generate_xsrf_token_string

from ui.tokens import Grants, browser_mark


class Sessions:
    """Streamlit's sessions, as far as the rights ask."""

    def __init__(self, *alive: str) -> None:
        self.alive = set(alive)

    def __call__(self, session_id: str) -> bool:
        return session_id in self.alive


def test_a_right_ends_with_its_session():
    sessions = Sessions("a")
    grants = Grants(sessions)
    grant = grants.give("a", mark=None, wid="w")
    assert grants.check(grant.token, mark=None) is grant
    sessions.alive.clear()
    assert grants.check(grant.token, mark=None) is None


def test_an_unknown_token_is_no_right():
    grants = Grants(Sessions("a"))
    grants.give("a", mark=None, wid="w")
    assert grants.check("", mark=None) is None
    assert grants.check("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", mark=None) is None


def test_tokens_are_long_and_all_different():
    grants = Grants(Sessions("a"))
    tokens = {grants.give("a", mark=None, wid="w").token for _ in range(200)}
    assert len(tokens) == 200
    assert min(map(len, tokens)) >= 32


def test_a_right_is_good_only_in_its_browser():
    grants = Grants(Sessions("a"))
    grant = grants.give("a", mark="one browser", wid="w")
    assert grants.check(grant.token, mark="one browser") is grant
    assert grants.check(grant.token, mark="another") is None
    assert grants.check(grant.token, mark=None) is None


def test_rights_of_dead_sessions_are_dropped():
    sessions = Sessions("a", "b")
    grants = Grants(sessions)
    old = grants.give("a", mark=None, wid="w")
    sessions.alive.remove("a")
    grants.give("b", mark=None, wid="w")
    sessions.alive.add("a")
    assert not grants.holds(old)


def test_the_mark_stays_while_streamlit_masks_its_cookie_anew():
    secret = bytes(range(16))
    first = generate_xsrf_token_string(secret, 1)
    second = generate_xsrf_token_string(secret, 1)
    assert first != second
    assert browser_mark(first) == browser_mark(second) == browser_mark(f'"{first}"')
    assert browser_mark(first) != browser_mark(generate_xsrf_token_string(None, 1))


@pytest.mark.parametrize("cookie", [None, "", "2|zz|00|1", "2|||1", "1|2|3", "a|b|c|d|e"])
def test_a_cookie_of_another_kind_has_no_mark(cookie):
    assert browser_mark(cookie) is None


def test_the_tag_changes_with_the_painting_only():
    grant = Grants(Sessions("a")).give("a", mark=None, wid="w")
    first = grant.paint(b"\0\1")
    assert grant.paint(b"\0\1") == first
    assert grant.paint(b"\0\2") != first
