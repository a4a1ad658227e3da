"""Those who manage users: what they may change, and what nobody may."""

from __future__ import annotations

from threading import Thread
from time import monotonic
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import Engine, func, select, text

from fieldops.identity import service
from fieldops.identity.accounts import revoke_token
from fieldops.identity.queries import user_row
from fieldops.identity.roles import ROLES, seed_roles
from fieldops.identity.schemas import Rights, UserChange
from inventory.kernel.actor import NETWORK as EVERYWHERE
from inventory.kernel.actor import SYSTEM, Actor
from inventory.kernel.audit import AuditRow
from inventory.kernel.engine import reading, writing
from inventory.kernel.errors import Conflict, DomainError
from tests.conftest import NOW
from tests.fieldops.identity.site import (
    NETWORK,
    PASSWORD,
    Site,
    add_user,
    code_of,
    furnish,
    in_system_session,
    region,
)

USERS = "/api/v1/users"
NAMED = ("role", "code", "permission")
HEAD = {"roles": ["dispatcher"], "memberships": [{"kind": "region", "code": "SEA"}]}


@pytest.fixture
def admin(site: Site) -> httpx.Client:
    """A browser of the administrator."""
    return site.signed_in("admin")


def expect(answer: httpx.Response, status: int, code: str) -> None:
    """Check that a request was refused for one reason."""
    assert (answer.status_code, code_of(answer)) == (status, code)


def test_a_user_is_added_given_a_password_and_comes_in(site: Site, admin: httpx.Client) -> None:
    added = admin.post(USERS, json={"name": "Mei.Lin", "display_name": "林美", "language": "zh_CN", **HEAD})
    assert added.status_code == 201
    assert added.headers["ETag"] == '"1"'
    told = added.json()
    assert (told["name"], told["display_name"], told["has_password"]) == ("mei.lin", "林美", False)
    expect(site.client().post("/api/v1/session", json={"name": "mei.lin", "password": ""}), 401, "wrong_credentials")
    assert admin.put(f"{USERS}/mei.lin/password", json={"password": PASSWORD}).status_code == 204
    assert site.signed_in("mei.lin").get("/api/v1/session").json()["regions"] == ["SEA"]
    assert admin.get(f"{USERS}/mei.lin").json()["last_login_at"] == "2026-03-01T09:00:00Z"
    expect(admin.post(USERS, json={"name": "MEI.LIN", "display_name": "x"}), 409, "name_exists")
    assert [one["name"] for one in admin.get(USERS).json()["items"]] == ["admin", "dora", "fin", "mei.lin"]
    assert admin.get(USERS, params={"limit": 2}).json()["next"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"name": "two words"}, "invalid_request"),
        ({"name": "系统"}, "invalid_request"),
        ({"name": "System"}, "invalid_request"),
        ({"language": "fr"}, "invalid_request"),
        ({"email": "no address"}, "invalid_request"),
        ({"password": PASSWORD}, "invalid_request"),
        ({"roles": ["boss"]}, "role_missing"),
        ({"memberships": [{"kind": "region", "code": "MARS"}]}, "unknown_region"),
        ({"memberships": [{"kind": "place", "code": "MARS"}]}, "unknown_place"),
        ({"memberships": [{"kind": "area", "code": "MARS"}]}, "unknown_area"),
        ({"memberships": [{"kind": "region"}]}, "invalid_request"),
        ({"memberships": [{"kind": "network", "code": "CN"}]}, "invalid_request"),
    ],
)
def test_what_is_wrong_with_a_user_is_said(admin: httpx.Client, change: dict[str, Any], code: str) -> None:
    answer = admin.post(USERS, json={"name": "new", "display_name": "New", **change})
    expect(answer, 422, code)
    expect(admin.get(f"{USERS}/new"), 404, "unknown_user")


def test_a_change_names_the_version_that_it_changes(admin: httpx.Client) -> None:
    expect(admin.patch(f"{USERS}/dora", json={"display_name": "D"}), 428, "version_required")
    changed = admin.patch(f"{USERS}/dora", json={"display_name": "D"}, headers={"If-Match": '"1"'})
    assert (changed.json()["display_name"], changed.headers["ETag"]) == ("D", '"2"')
    for method, path, body in (("PATCH", "dora", {"display_name": "E"}), ("PUT", "dora/rights", HEAD)):
        expect(admin.request(method, f"{USERS}/{path}", json=body, headers={"If-Match": '"1"'}), 412, "stale")
    empty = admin.patch(f"{USERS}/dora", json={"language": None}, headers={"If-Match": '"2"'})
    expect(empty, 422, "cannot_be_empty")


def test_signing_in_is_no_change_of_the_user(site: Site, admin: httpx.Client) -> None:
    site.signed_in("dora")
    assert admin.get(f"{USERS}/dora").headers["ETag"] == '"1"'


def test_new_rights_hold_at_once_and_end_the_sessions(site: Site, admin: httpx.Client) -> None:
    browser = site.signed_in("dora")
    program, _told = site.with_token("dora")
    assert program.get("/api/v1/session").json()["roles"] == ["dispatcher"]
    rights = {"roles": ["auditor"], "memberships": [{"kind": "network"}]}
    given = admin.put(f"{USERS}/dora/rights", json=rights, headers={"If-Match": '"1"'})
    assert (given.json()["roles"], given.headers["ETag"]) == (["auditor"], '"2"')
    assert browser.get("/api/v1/session").status_code == 401
    told = program.get("/api/v1/session").json()
    assert (told["roles"], told["regions"]) == (["auditor"], None)


def test_a_role_is_changed_for_all_who_have_it(site: Site, admin: httpx.Client) -> None:
    program, _told = site.with_token("dora")
    role = admin.get("/api/v1/roles/dispatcher")
    assert set(role.json()["permissions"]) == ROLES["dispatcher"]
    kept = sorted(ROLES["dispatcher"] - {"dispatch.write"} | {"audit.read"})
    etag = {"If-Match": role.headers["ETag"]}
    changed = admin.put("/api/v1/roles/dispatcher", json={"permissions": kept}, headers=etag)
    assert (changed.json()["permissions"], changed.headers["ETag"]) == (kept, '"2"')
    assert program.get("/api/v1/session").json()["permissions"] == kept
    expect(admin.put("/api/v1/roles/dispatcher", json={"permissions": kept}, headers=etag), 412, "stale")
    wrong = admin.put("/api/v1/roles/dispatcher", json={"permissions": ["*"]}, headers={"If-Match": '"2"'})
    expect(wrong, 422, "invalid_request")
    fixed = admin.put("/api/v1/roles/administrator", json={"permissions": []}, headers=etag)
    expect(fixed, 409, "administrator_is_fixed")
    expect(admin.put("/api/v1/roles/boss", json={"permissions": []}, headers=etag), 404, "unknown_role")
    assert len(admin.get("/api/v1/roles").json()["items"]) == 13
    in_system_session(site.engine, seed_roles)
    assert admin.get("/api/v1/roles/dispatcher").json()["permissions"] == kept, "seeding changes no role that is there"


def test_the_last_administrator_stays(site: Site, admin: httpx.Client) -> None:
    first = {"If-Match": '"1"'}
    expect(admin.patch(f"{USERS}/admin", json={"enabled": False}, headers=first), 409, "last_administrator")
    expect(admin.put(f"{USERS}/admin/rights", json=HEAD, headers=first), 409, "last_administrator")
    add_user(site.engine, "local-admin", ["administrator"], [region("CN")])
    expect(admin.patch(f"{USERS}/admin", json={"enabled": False}, headers=first), 409, "last_administrator")
    assert admin.get("/api/v1/session").status_code == 200, "nothing was changed"
    add_user(site.engine, "second", ["administrator"], [NETWORK])
    assert admin.patch(f"{USERS}/admin", json={"enabled": False}, headers=first).status_code == 200
    expect(admin.get("/api/v1/session"), 401, "session_ended")


def test_where_nobody_manages_users_the_others_can_still_be_changed(engine: Engine) -> None:
    in_system_session(engine, seed_roles)
    add_user(engine, "plain", ["dispatcher"])
    in_system_session(engine, lambda session: service.set_rights(session, SYSTEM, "plain", Rights(), 1))
    disabled = UserChange(enabled=False)
    in_system_session(engine, lambda session: service.change_user(session, SYSTEM, "plain", disabled, 2))


def test_the_trail_names_each_right_that_is_given_or_taken(any_engine: Engine) -> None:
    furnish(any_engine)
    add_user(any_engine, "mei", ["dispatcher", "engineer"], [region("CN"), region("SEA")])
    fewer = Rights(roles=frozenset({"engineer", "auditor"}), memberships=frozenset({region("SEA")}))
    with reading(any_engine, SYSTEM) as session:
        since = session.scalar(select(func.max(AuditRow.id)))
    in_system_session(any_engine, lambda session: service.set_rights(session, SYSTEM, "mei", fewer, 1))
    kept = ROLES["engineer"] - {"catalogue.write"} | {"audit.read"}
    in_system_session(any_engine, lambda session: service.set_permissions(session, SYSTEM, "engineer", kept, 1))
    tables = ("user_role", "membership", "role_permission")
    with reading(any_engine, SYSTEM) as session:
        rows = session.scalars(select(AuditRow).where(AuditRow.subject.in_(tables), AuditRow.id > since)).all()
        told = {(row.action, *((row.before or row.after or {}).get(key) for key in NAMED)) for row in rows}
    assert told == {
        ("deleted", "dispatcher", None, None),
        ("created", "auditor", None, None),
        ("deleted", None, "CN", None),
        ("deleted", "engineer", None, "catalogue.write"),
        ("created", "engineer", None, "audit.read"),
    }


@pytest.mark.postgres
def test_two_administrators_cannot_remove_each_other_at_once(postgres_engine: Engine) -> None:
    furnish(postgres_engine)
    add_user(postgres_engine, "second", ["administrator"], [NETWORK])
    refused: list[str] = []

    def disable(name: str) -> None:
        with writing(postgres_engine, SYSTEM, clock=lambda: NOW) as session:
            service.change_user(session, SYSTEM, name, UserChange(enabled=False), 1)

    def disable_second() -> None:
        try:
            disable("second")
        except Conflict as conflict:
            refused.append(conflict.code)

    rival = Thread(target=disable_second)
    with writing(postgres_engine, SYSTEM, clock=lambda: NOW) as session:
        service.change_user(session, SYSTEM, "admin", UserChange(enabled=False), 1)
        rival.start()
        wait_for_a_waiter(postgres_engine)
    rival.join(timeout=60)
    assert refused == ["last_administrator"]


def wait_for_a_waiter(engine: Engine) -> None:
    """Return once a transaction waits for another's lock."""
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    deadline = monotonic() + 30
    while True:
        with engine.connect() as connection:
            if connection.scalar(waiting):
                return
        assert monotonic() < deadline, "nobody waits"


LIMITED = Actor(id="limited", permissions=frozenset({"users.write", "stock.read"}), scope=EVERYWHERE)


@pytest.mark.parametrize("name", ["dora", "admin"])
def test_nobody_gives_or_takes_rights_beyond_his_own(engine: Engine, name: str) -> None:
    furnish(engine)
    add_user(engine, "plain")

    def refused(act: Any) -> str:
        with pytest.raises(DomainError) as told, writing(engine, LIMITED, clock=lambda: NOW) as session:
            act(session)
        return told.value.code

    everywhere = Rights(roles=frozenset({"auditor"}), memberships=frozenset({NETWORK}))
    storekeeper = ROLES["storekeeper"]
    beyond = "beyond_own_rights"
    assert refused(lambda session: service.set_rights(session, LIMITED, "plain", everywhere, 1)) == beyond
    assert refused(lambda session: service.set_rights(session, LIMITED, name, Rights(), 1)) == beyond
    assert refused(lambda session: service.set_password(session, LIMITED, name, "hash")) == beyond
    assert refused(lambda session: service.change_user(session, LIMITED, name, UserChange(enabled=False), 1)) == beyond
    for permissions in (storekeeper | {"audit.read"}, storekeeper - {"stock.move"}):
        args = ("storekeeper", permissions, 1)
        assert refused(lambda session, args=args: service.set_permissions(session, LIMITED, *args)) == beyond
    assert refused(lambda session: revoke_token(session, LIMITED, user_row(session, name), UUID(int=0), NOW)) == beyond
    with writing(engine, LIMITED, clock=lambda: NOW) as session:
        service.set_password(session, LIMITED, "plain", "hash")
        service.set_permissions(session, LIMITED, "storekeeper", storekeeper - {"stock.read"}, 1)


def test_who_manages_a_region_only_sees_and_changes_no_user(site: Site) -> None:
    add_user(site.engine, "local-admin", ["administrator"], [region("CN")])
    browser = site.signed_in("local-admin")
    assert browser.get(USERS).json()["items"] == []
    expect(browser.get(f"{USERS}/dora"), 404, "unknown_user")
    expect(browser.post(USERS, json={"name": "mine", "display_name": "Mine"}), 403, "outside_region")
    first = {"If-Match": '"1"'}
    for method, path, body in (
        ("PATCH", "/users/dora", {"enabled": False}),
        ("PUT", "/users/dora/rights", HEAD),
        ("PUT", "/users/dora/password", {"password": PASSWORD}),
        ("DELETE", "/users/dora/totp", None),
        ("GET", "/tokens?user=dora", None),
        ("POST", "/tokens?user=dora", {"name": "mine"}),
    ):
        answer = browser.request(method, f"/api/v1{path}", json=body, headers=first)
        expect(answer, 404, "unknown_user")
    narrowed = browser.put("/api/v1/roles/dispatcher", json={"permissions": []}, headers=first)
    expect(narrowed, 403, "outside_region")
    assert site.signed_in("dora").get("/api/v1/session").json()["roles"] == ["dispatcher"]


def test_who_lacks_the_right_is_refused(site: Site) -> None:
    browser = site.signed_in("dora")
    for method, path in (("GET", "/users"), ("POST", "/users"), ("GET", "/roles"), ("PATCH", "/users/fin")):
        expect(browser.request(method, f"/api/v1{path}", json={}), 403, "not_permitted")
    expect(browser.get("/api/v1/tokens?user=fin"), 403, "not_permitted")


def test_a_lost_second_factor_is_taken_away(site: Site, admin: httpx.Client) -> None:
    browser = site.signed_in("dora")
    browser.post("/api/v1/session/totp", json={"password": PASSWORD})
    assert admin.delete(f"{USERS}/dora/totp").status_code == 204
    expect(admin.delete(f"{USERS}/dora/totp"), 409, "no_second_factor")


def test_the_trail_names_who_did_it_and_holds_no_secret(site: Site, admin: httpx.Client) -> None:
    admin.put(f"{USERS}/dora/password", json={"password": "a new password"})
    site.with_token("fin")
    assert ("admin", "password_set", "dora") in site.audited()
    assert ("fin", "token_issued", "fin") in site.audited()
    with site.engine.connect() as connection:
        trail = str(connection.exec_driver_sql("SELECT * FROM audit_row").all())
    assert "argon2id" not in trail
    assert "fo_" not in trail
