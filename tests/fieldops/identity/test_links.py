"""One-time login links of demonstrations."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from sqlalchemy import select

from fieldops.identity.links import DEMO_ROLES, demo_links, login_link, require_loopback
from fieldops.identity.models import Credential, LoginLink, User
from fieldops.identity.queries import user_by_name, user_row
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import reading, writing
from inventory.kernel.errors import Conflict, Forbidden, Invalid
from inventory.kernel.installation import DEMO_DATE, set_fact
from tests.conftest import NOW
from tests.fieldops.identity.site import Site, in_system_session


@pytest.fixture
def demo(site: Site) -> Site:
    """A site with a demonstration."""
    in_system_session(site.engine, lambda session: set_fact(session, DEMO_DATE, "2026-03-02"))
    return site


def link_to(site: Site, whom: str) -> str:
    """The path of a new link."""
    with writing(site.engine, SYSTEM, clock=site.clock) as session:
        return urlsplit(login_link(session, site.address, whom, site.clock.now)).path


def press(client: httpx.Client, path: str, hesitate: Callable[[], None] = lambda: None) -> httpx.Response:
    """Open a link and press its button, after hesitating."""
    page = client.get(path)
    hesitate()
    assert page.status_code == 200, page.text
    found = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert found is not None
    return client.post(path, data={"csrf": found.group(1)})


def test_a_link_signs_in_once_and_looking_does_not_use_it_up(demo: Site) -> None:
    path = link_to(demo, "dora")
    for _scanner in range(3):
        page = demo.client().get(path)
        assert "Dora" in page.text
        assert page.headers["cache-control"] == "no-store"
    browser = demo.client()
    answer = press(browser, path)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert browser.get("/api/v1/session").json()["name"] == "dora"
    assert demo.audited()[-1] == ("unknown", "signed_in", "dora")
    again = demo.client().get(path)
    assert again.status_code == 401
    assert "fieldops user link" in again.text


def test_a_link_needs_the_page_that_shows_its_button(demo: Site) -> None:
    path = link_to(demo, "dora")
    assert demo.client().post(path).status_code == 403
    press(demo.client(), path)


def test_a_link_lasts_ten_minutes(demo: Site) -> None:
    path = link_to(demo, "dora")
    demo.clock.turn(minutes=9, seconds=59)
    late = press(demo.client(), path, hesitate=lambda: demo.clock.turn(seconds=1))
    assert late.status_code == 401
    assert demo.client().get(path).status_code == 401


def test_a_link_of_a_disabled_user_opens_nothing(demo: Site) -> None:
    path = link_to(demo, "dora")
    in_system_session(demo.engine, lambda session: setattr(user_row(session, "dora"), "enabled", False))
    assert press(demo.client(), path).status_code == 401
    assert "signed_in" not in [action for _actor, action, _key in demo.audited()]


def test_a_link_is_for_this_machine_only(demo: Site) -> None:
    path = link_to(demo, "dora")
    for method in ("GET", "POST"):
        answer = demo.client().request(method, path, headers={"Host": "fieldops.example.org"})
        assert answer.status_code == 403
    press(demo.client(), path)


@pytest.mark.parametrize("client", ["127.0.0.1", "127.0.0.2", "::1", "::ffff:127.0.0.1"])
def test_this_machine_is_known_by_its_addresses(client: str) -> None:
    require_loopback("localhost", client)


@pytest.mark.parametrize("client", ["192.0.2.1", "::ffff:192.0.2.1", "2001:db8::1", "-", ""])
def test_another_machine_that_says_localhost_is_refused(client: str) -> None:
    with pytest.raises(Forbidden) as refused:
        require_loopback("localhost", client)
    assert refused.value.code == "link_not_local"


def test_without_a_demonstration_there_are_no_links(site: Site) -> None:
    with pytest.raises(Conflict) as refused:
        link_to(site, "dora")
    assert refused.value.code == "no_demo"


def test_a_link_made_before_the_demonstration_ended_opens_nothing(demo: Site) -> None:
    path = link_to(demo, "dora")
    with demo.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM installation_fact")
    assert press(demo.client(), path).status_code == 409


def test_every_role_of_the_demonstration_has_a_user_without_a_password(demo: Site) -> None:
    def links(session: Any) -> list[tuple[str, str]]:
        return demo_links(session, demo.address, NOW)

    first = in_system_session(demo.engine, links)
    again = in_system_session(demo.engine, links)
    assert [role for role, _link in first] == [role for role, _link in again] == list(DEMO_ROLES)
    assert len({link for _role, link in first + again}) == 2 * len(DEMO_ROLES) == 24
    with reading(demo.engine, SYSTEM) as session:
        for role in DEMO_ROLES:
            told = user_by_name(session, f"demo.{role}")
            assert (told.roles, told.has_password) == ([role], False)
        assert user_by_name(session, "demo.regional_manager").memberships[0].kind == "region"
        assert user_by_name(session, "demo.finance").memberships[0].kind == "network"
        assert user_by_name(session, "demo.aog_controller").memberships == []
        kept = session.scalars(select(LoginLink.digest)).all()
        assert not {link.rpartition("/")[2] for _role, link in first} & set(kept)
        assert len(session.scalars(select(Credential).join(User, User.id == Credential.user_id)).all()) == 3 + 12
    path = urlsplit(dict(again)["regional_manager"]).path
    browser = demo.client()
    press(browser, path)
    assert browser.get("/api/v1/session").json()["regions"] == ["CN"]


def test_a_demonstration_user_who_was_disabled_is_left_out(demo: Site) -> None:
    def links(session: Any) -> list[str]:
        return [role for role, _link in demo_links(session, demo.address, NOW)]

    in_system_session(demo.engine, links)
    in_system_session(demo.engine, lambda session: setattr(user_row(session, "demo.finance"), "enabled", False))
    assert set(DEMO_ROLES) - set(in_system_session(demo.engine, links)) == {"finance"}


def test_a_link_is_for_a_user_or_a_role(demo: Site) -> None:
    with pytest.raises(Invalid) as refused:
        link_to(demo, "nobody")
    assert refused.value.code == "neither_user_nor_role"
    assert "dispatcher" in refused.value.message
