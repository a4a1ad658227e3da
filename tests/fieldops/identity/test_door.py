"""Signing in with a password: what is refused, how often, and that a refusal tells nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pyotp
import pytest
from argon2 import PasswordHasher
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from fieldops.identity import service
from fieldops.identity.authenticator import Authenticator
from fieldops.identity.door import Door
from fieldops.identity.models import Credential, LoginSession, LoginThrottle, User
from fieldops.identity.passwords import Passwords
from fieldops.identity.schemas import UserChange
from fieldops.identity.sessions import prune_sign_ins
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import reading
from inventory.kernel.errors import TooMany, Unauthenticated
from tests.fieldops.identity.site import (
    CHEAP,
    PASSWORD,
    CountingPasswords,
    Site,
    Ticker,
    add_user,
    code_of,
    furnish,
    in_system_session,
)

ME = "/api/v1/session"
HERE, THERE = "192.0.2.1", "192.0.2.2"


def door_of(engine: Engine, clock: Ticker, passwords: Passwords | None = None) -> Door:
    """The way in of one process."""
    return Door(engine, clock, passwords or Passwords(CHEAP))


def refusal(door: Door, name: str, password: str, *, address: str = HERE, code: str | None = None) -> str:
    """The code of the refusal of an attempt."""
    with pytest.raises((Unauthenticated, TooMany)) as refused:
        door.sign_in(name, password, code, address)
    return refused.value.code


def test_every_attempt_costs_one_check_whether_there_is_an_account_or_not(any_engine: Engine) -> None:
    furnish(any_engine)
    add_user(any_engine, "sso-only", password=None)
    add_user(any_engine, "gone")
    in_system_session(
        any_engine,
        lambda session: setattr(session.scalars(select(User).where(User.name == "gone")).one(), "enabled", 0),
    )
    passwords = CountingPasswords()
    door = door_of(any_engine, Ticker(), passwords)
    codes = [
        refusal(door, name, given)
        for name, given in (
            ("nobody", PASSWORD),
            ("sso-only", PASSWORD),
            ("gone", "wrong password"),
            ("gone", PASSWORD),
            ("dora", "wrong password"),
        )
    ]
    assert codes == ["wrong_credentials"] * 3 + ["account_disabled", "wrong_credentials"]
    assert len(passwords.checked) == 5
    door.sign_in("dora", PASSWORD, None, HERE)
    assert len(passwords.checked) == 6


def test_a_refused_attempt_checks_no_password(engine: Engine) -> None:
    furnish(engine)
    passwords = CountingPasswords()
    door = door_of(engine, Ticker(), passwords)
    for _attempt in range(5):
        assert refusal(door, "dora", "wrong") == "wrong_credentials"
    assert refusal(door, "dora", PASSWORD) == "too_many_attempts"
    assert len(passwords.checked) == 5


def test_all_processes_slow_the_same_account_down_for_longer_each_time(any_engine: Engine) -> None:
    furnish(any_engine)
    clock = Ticker()
    processes = [door_of(any_engine, clock), door_of(any_engine, clock)]
    waited = []
    for _round in range(6):
        for attempt in range(5):
            assert refusal(processes[attempt % 2], "dora", "wrong", address=f"198.51.100.{attempt}") == (
                "wrong_credentials"
            )
        with pytest.raises(TooMany) as refused:
            processes[0].sign_in("dora", PASSWORD, None, THERE)
        waited.append(refused.value.retry_after_s)
        clock.turn(seconds=refused.value.retry_after_s - 1)
        assert refusal(processes[1], "dora", PASSWORD) == "too_many_attempts"
        clock.turn(seconds=1)
    assert waited == [60, 120, 240, 480, 900, 900]
    processes[1].sign_in("dora", PASSWORD, None, HERE)
    assert refusal(processes[0], "dora", "wrong") == "wrong_credentials", "a success forgives"


def test_an_account_under_attack_does_not_stop_others_nor_one_address_the_next(engine: Engine) -> None:
    furnish(engine)
    door = door_of(engine, Ticker())
    for attempt in range(20):
        assert refusal(door, f"guess{attempt}", "wrong") == "wrong_credentials"
    assert refusal(door, "dora", PASSWORD) == "too_many_attempts"
    door.sign_in("dora", PASSWORD, None, THERE)


def test_those_who_sign_in_rightly_are_not_counted_against_their_address(engine: Engine) -> None:
    furnish(engine)
    door = door_of(engine, Ticker())
    for _login in range(25):
        door.sign_in("dora", PASSWORD, None, HERE)


def test_a_password_is_hashed_anew_when_the_parameters_change(engine: Engine) -> None:
    furnish(engine)
    stronger = Passwords(PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))

    def kept() -> str:
        with reading(engine, SYSTEM) as session:
            query = select(Credential.password_hash).join(User, User.id == Credential.user_id)
            found = session.scalars(query.where(User.name == "dora")).one()
        assert found is not None
        return found

    before = kept()
    door_of(engine, Ticker(), stronger).sign_in("dora", PASSWORD, None, HERE)
    after = kept()
    assert after != before
    assert stronger.outdated(before)
    assert not stronger.outdated(after)
    door_of(engine, Ticker(), stronger).sign_in("dora", PASSWORD, None, HERE)
    assert kept() == after


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (
            lambda session: service.set_password(session, SYSTEM, "dora", CHEAP.hash("a new password")),
            "wrong_credentials",
        ),
        (
            lambda session: service.change_user(session, SYSTEM, "dora", UserChange(enabled=False), 1),
            "account_disabled",
        ),
    ],
)
def test_what_is_taken_while_the_password_is_checked_opens_nothing(
    any_engine: Engine, change: Callable[[Session], None], code: str
) -> None:
    class Slow(Passwords):
        def matches(self, kept: str | None, password: str) -> bool:
            matched = super().matches(kept, password)
            in_system_session(any_engine, change)
            return matched

    furnish(any_engine)
    assert refusal(door_of(any_engine, Ticker(), Slow(CHEAP)), "dora", PASSWORD) == code
    with reading(any_engine, SYSTEM) as session:
        assert session.scalars(select(LoginSession)).all() == []


def test_a_second_factor_is_asked_for_and_each_code_counts_once(site: Site) -> None:
    browser = site.signed_in("dora")
    other = site.signed_in("dora")
    assert code_of(browser.put(f"{ME}/totp", json={"code": "123456"})) == "no_second_factor_waits"
    assert code_of(browser.post(f"{ME}/totp", json={"password": "wrong"})) == "wrong_password"
    enrolment = browser.post(f"{ME}/totp", json={"password": PASSWORD}).json()
    totp = pyotp.parse_uri(enrolment["address"])
    assert isinstance(totp, pyotp.TOTP)
    assert totp.secret == enrolment["secret"]
    assert (totp.issuer, totp.name) == ("fieldops", "dora")

    def code(**ahead: float) -> str:
        return totp.at(site.clock.now + timedelta(**ahead))

    assert code_of(browser.put(f"{ME}/totp", json={"code": code(minutes=5)})) == "wrong_first_code"
    confirmed = browser.put(f"{ME}/totp", json={"code": code()})
    assert confirmed.json()["second_factor"] is True
    browser.headers["X-CSRF-Token"] = confirmed.json()["csrf"]
    assert other.get(ME).status_code == 401, "the others sign in again"

    def sign_in(given: str | None) -> str | None:
        answer = site.client().post(ME, json={"name": "dora", "password": PASSWORD, "code": given})
        return None if answer.status_code == 201 else code_of(answer)

    assert sign_in(None) == "code_required"
    assert sign_in(code()) == "wrong_code", "it confirmed the factor already"
    site.clock.turn(seconds=30)
    assert sign_in(code()) is None
    assert sign_in(code()) == "wrong_code", "the same once more"
    assert sign_in(code(seconds=30)) is None, "a clock that is ahead"
    assert sign_in(code()) == "wrong_code", "older than the last"
    assert code_of(browser.post(f"{ME}/totp/remove", json={"password": "wrong"})) == "wrong_password"
    assert browser.post(f"{ME}/totp/remove", json={"password": PASSWORD}).status_code == 204
    assert sign_in(None) is None
    assert code_of(browser.post(f"{ME}/totp/remove", json={"password": PASSWORD})) == "no_second_factor"


def test_a_stolen_session_cannot_guess_the_password_for_long(site: Site) -> None:
    browser = site.signed_in("dora")
    body = {"current": "wrong", "new": "a new password"}
    answers = [browser.put(f"{ME}/password", json=body) for _guess in range(6)]
    assert [code_of(one) for one in answers] == ["wrong_password"] * 5 + ["too_many_attempts"]
    assert answers[-1].headers["Retry-After"] == "60"


@pytest.mark.parametrize("new", ["elevenchars", "x" * 129])
def test_a_password_has_12_to_128_characters(site: Site, new: str) -> None:
    answer = site.signed_in("dora").put(f"{ME}/password", json={"current": PASSWORD, "new": new})
    assert answer.status_code == 422
    assert new not in answer.text


def test_what_happens_at_the_door_is_written_down_without_what_was_typed(site: Site) -> None:
    client = site.client()
    client.post(ME, json={"name": "dora", "password": "wrong"})
    client.post(ME, json={"name": "my-password-1", "password": "dora"})
    site.signed_in("dora").delete(ME)
    happened = [row for row in site.audited() if row[0] != "system"]
    assert happened == [
        ("dora", "sign_in_failed", "dora"),
        ("unknown", "sign_in_failed", "unknown"),
        ("dora", "signed_in", "dora"),
        ("dora", "signed_out", "dora"),
    ]


def test_what_is_over_is_swept_up(site: Site) -> None:
    site.signed_in("dora")
    site.client().post(ME, json={"name": "nobody", "password": "wrong"})
    assert in_system_session(site.engine, lambda session: prune_sign_ins(session, site.clock.now)) == 0
    site.clock.turn(hours=12)
    site.signed_in("fin")
    assert in_system_session(site.engine, lambda session: prune_sign_ins(session, site.clock.now)) == 2
    with reading(site.engine, SYSTEM) as session:
        assert len(session.scalars(select(LoginSession)).all()) == 1
        assert session.scalars(select(LoginThrottle.key)).all() == ["address 127.0.0.1"]


def test_an_authenticator_makes_expensive_hashes_by_itself(engine: Engine, site: Site) -> None:
    """The cheap hashes are of the tests: nothing but the tests passes them in."""
    kept = Authenticator(engine, site.clock, site.authenticator.settings).door.passwords.hash(PASSWORD)
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
