"""From rows to actors: never more than the roles and memberships give, in few statements."""

from __future__ import annotations

from datetime import datetime
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from fieldops.identity import accounts
from fieldops.identity.actors import load_actor
from fieldops.identity.models import ApiToken, User
from fieldops.identity.queries import user_row
from fieldops.identity.roles import PERMISSIONS, ROLES
from fieldops.identity.schemas import NewToken
from inventory.kernel.actor import NETWORK as EVERYWHERE
from inventory.kernel.actor import SYSTEM, Actor, Scope
from inventory.kernel.engine import reading, writing
from inventory.kernel.errors import DomainError, Unauthenticated
from tests.conftest import NOW
from tests.fieldops.identity.site import NETWORK, add_user, furnish, in_system_session, region
from tests.statements import statements

NUMBERS = count()
PERMISSION = st.sampled_from(sorted(PERMISSIONS))


def actor_of(engine: Engine, name: str, limited_to: frozenset[str] | None = None) -> Actor:
    """A user as an actor."""
    with reading(engine, SYSTEM) as session:
        return load_actor(session, user_row(session, name).id, NOW, limited_to=limited_to)


def test_an_actor_costs_two_statements(any_engine: Engine) -> None:
    furnish(any_engine)
    add_user(any_engine, "many", ROLES, [region("CN"), region("SEA")])
    with reading(any_engine, SYSTEM) as session:
        keys = session.scalars(select(User.id)).all()
        for key in keys:
            with statements(any_engine) as seen:
                load_actor(session, key, NOW)
            assert len(seen) == 2


def test_who_has_no_role_may_do_nothing_nowhere(engine: Engine) -> None:
    furnish(engine)
    add_user(engine, "plain")
    actor = actor_of(engine, "plain")
    assert (actor.permissions, actor.roles, actor.scope) == (frozenset(), frozenset(), Scope())


def test_grants_in_force_are_asked_for_the_scope_at_the_instant(engine: Engine) -> None:
    furnish(engine)
    asked: list[tuple[Scope, datetime]] = []

    def granted(_session: Session, scope: Scope, now: datetime) -> frozenset[str]:
        asked.append((scope, now))
        return frozenset({"SEA"})

    with reading(engine, SYSTEM) as session:
        actor = load_actor(session, user_row(session, "dora").id, NOW, granted=granted)
    assert asked == [(Scope(regions=frozenset({"CN"})), NOW)]
    assert actor.scope.granted == {"SEA"}
    assert not actor.scope.holds_region("SEA")


def test_a_disabled_user_is_nobody(engine: Engine) -> None:
    furnish(engine)
    in_system_session(engine, lambda session: setattr(user_row(session, "dora"), "enabled", False))
    with pytest.raises(Unauthenticated) as refused:
        actor_of(engine, "dora")
    assert refused.value.code == "account_disabled"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(
    roles=st.frozensets(st.sampled_from(sorted(ROLES)), max_size=3),
    everywhere=st.booleans(),
    regions=st.frozensets(st.sampled_from(["CN", "SEA"])),
    limit=st.none() | st.frozensets(PERMISSION),
    maker=st.frozensets(PERMISSION),
)
def test_no_token_goes_beyond_its_user_or_its_maker(
    furnished: Engine,
    roles: frozenset[str],
    everywhere: bool,
    regions: frozenset[str],
    limit: frozenset[str] | None,
    maker: frozenset[str],
) -> None:
    name = f"user{next(NUMBERS)}"
    add_user(furnished, name, roles, [*map(region, regions), *([NETWORK] if everywhere else [])], password=None)
    theirs = frozenset().union(*(ROLES[role] for role in roles))
    user = actor_of(furnished, name)
    assert user.permissions == theirs
    assert user.scope.regions == (None if everywhere else regions)

    acting = Actor(id="maker", permissions=maker, scope=EVERYWHERE)
    allowed = (theirs if limit is None else limit) <= maker & theirs
    new = NewToken(name="t", permissions=limit)
    with writing(furnished, SYSTEM, clock=lambda: NOW) as session:
        if not allowed:
            with pytest.raises(DomainError, match="right"):
                accounts.issue_token(session, acting, user_row(session, name), new, NOW)
            return
        issued = accounts.issue_token(session, acting, user_row(session, name), new, NOW)
    with reading(furnished, SYSTEM) as session:
        kept = session.get_one(ApiToken, issued.id).permissions
    by_token = actor_of(furnished, name, None if kept is None else frozenset(kept))
    assert by_token.permissions == (theirs if limit is None else limit)
    assert by_token.permissions <= user.permissions
    assert by_token.scope == user.scope


def test_a_token_loses_what_its_user_loses(engine: Engine) -> None:
    furnish(engine)
    assert actor_of(engine, "dora", frozenset({"audit.read", "dispatch.read"})).permissions == {"dispatch.read"}


@pytest.fixture
def furnished(engine: Engine) -> Engine:
    """A database with roles and regions, which the examples of one test share."""
    furnish(engine)
    return engine
