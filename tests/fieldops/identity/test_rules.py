"""Who is slowed down, and what memberships open."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from fieldops.identity.models import MemberKind
from fieldops.identity.roles import PERMISSIONS, ROLE_NAMES, ROLES
from fieldops.identity.rules import (
    ATTEMPT_WINDOW,
    ATTEMPTS_OF_ACCOUNT,
    BLOCK_MAX,
    STRIKES_FORGOTTEN,
    attempted,
    fresh,
    idle_max,
    scope_of,
    wait_s,
)
from tests.conftest import NOW

CODES = st.sampled_from(["CN", "SEA", "EAF"])


@given(
    roles=st.frozensets(st.sampled_from(sorted(ROLES))),
    memberships=st.lists(st.tuples(st.sampled_from(list(MemberKind)), CODES)),
    operator=st.none() | st.uuids(),
)
def test_a_scope_holds_what_the_memberships_name_and_nothing_else(
    roles: frozenset[str], memberships: list[tuple[MemberKind, str]], operator: UUID | None
) -> None:
    scope = scope_of(roles, memberships, operator)
    named = {kind: {code for one, code in memberships if one is kind} for kind in MemberKind}
    assert scope.everything == bool(named[MemberKind.NETWORK])
    if scope.regions is not None:
        assert scope.regions == named[MemberKind.REGION]
    assert scope.areas == named[MemberKind.AREA]
    assert scope.places == named[MemberKind.PLACE]
    assert scope.aog_everywhere == ("aog_controller" in roles)
    assert scope.operator == operator
    assert scope.granted == frozenset()


@given(st.frozensets(st.sampled_from(sorted(ROLES))))
def test_finance_is_signed_out_sooner(roles: frozenset[str]) -> None:
    assert idle_max(roles) == timedelta(minutes=15 if "finance" in roles else 30)


def test_the_roles_as_delivered() -> None:
    assert len(ROLES) == 13
    assert ROLES.keys() == ROLE_NAMES.keys()
    assert all(permissions <= PERMISSIONS for permissions in ROLES.values())
    assert ROLES["administrator"] == PERMISSIONS
    assert {one for one in PERMISSIONS if one.endswith(".read")} == ROLES["auditor"]
    assert ROLES["customer"] == {"events.read", "customers.read", "fleet.read"}
    assert [role for role in ROLES if "users.write" in ROLES[role]] == ["administrator"]


class Lockout(RuleBasedStateMachine):
    """An attacker tries as it likes; compared with a list of the attempts that were let through."""

    def __init__(self) -> None:
        super().__init__()
        self.now: datetime = NOW
        self.throttle = fresh(NOW)
        self.let_through: list[datetime] = []
        self.blocks: list[timedelta] = []

    @rule(seconds=st.sampled_from([0, 1, 10, 59, 60, 120, 900]))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule()
    def a_long_quiet(self) -> None:
        self.now = max(self.now, self.throttle.blocked_until) + STRIKES_FORGOTTEN + timedelta(seconds=1)
        self.blocks.clear()

    @rule(tries=st.integers(1, 12))
    def attempts(self, tries: int) -> None:
        for _try in range(tries):
            if wait_s(self.throttle, self.now):
                return
            self.throttle = attempted(self.throttle, ATTEMPTS_OF_ACCOUNT, self.now)
            if wait_s(self.throttle, self.now):
                self.blocks.append(self.throttle.blocked_until - self.now)
            else:
                self.let_through.append(self.now)

    @invariant()
    def nobody_waits_for_longer_than_the_most(self) -> None:
        assert self.throttle.blocked_until - self.now <= BLOCK_MAX

    @invariant()
    def few_are_let_through_in_any_window(self) -> None:
        # a window that ends and one that begins may touch, never more
        recent = [one for one in self.let_through if one > self.now - ATTEMPT_WINDOW]
        assert len(recent) <= 2 * ATTEMPTS_OF_ACCOUNT

    @invariant()
    def each_block_is_longer_until_the_longest(self) -> None:
        expected = [min(ATTEMPT_WINDOW * 2**strike, BLOCK_MAX) for strike in range(len(self.blocks))]
        assert self.blocks == expected


TestLockout = Lockout.TestCase


def test_a_year_of_attacks_does_not_break_the_arithmetic() -> None:
    throttle, now = fresh(NOW), NOW
    for _block in range(2_000):
        while not wait_s(throttle, now):
            throttle = attempted(throttle, ATTEMPTS_OF_ACCOUNT, now)
        now = throttle.blocked_until
    assert throttle.blocked_until - throttle.since == BLOCK_MAX
