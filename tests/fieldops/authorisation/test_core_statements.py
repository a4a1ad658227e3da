"""What reaches rows without the criterion of an ORM statement: the keys that the rules are made of, the streams, the
exports. Each tells an actor of one region nothing of another."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Select, select

from fieldops.audit.export import as_csv, as_json_lines
from fieldops.events.queries import events_after
from inventory.kernel.actor import SYSTEM, Actor, Scope
from inventory.kernel.engine import reading
from inventory.kernel.outbox import hears
from inventory.network import scope as network_scope
from inventory.network.models import VIRTUAL_TIERS, Place, Region, Tier
from tests.fieldops.authorisation.world import World

CODES: dict[str, str] = {"UTH": "SEA", "VTE": "SEA", "XIY": "CN", "TSN": "CN", "MUC": "EU"}
scopes = st.builds(
    Scope,
    regions=st.frozensets(st.sampled_from(["SEA", "CN"]), max_size=1),
    areas=st.frozensets(st.sampled_from(["SEA", "CN"]), max_size=1),
    places=st.frozensets(st.sampled_from(sorted(CODES)), max_size=1),
    granted=st.frozensets(st.just("EU"), max_size=1),
)


def places_of(scope: Scope, *, reading: bool) -> set[str]:
    """Return the codes of the shelves within a scope, reckoned without a database."""
    regions = (scope.regions or frozenset()) | (scope.granted if reading else frozenset())
    return {place for place, region in CODES.items() if region in regions | scope.areas or place in scope.places}


def _codes(table: Any) -> Callable[[World, Select[Any]], set[str]]:
    def found(world: World, keys: Select[Any]) -> set[str]:
        with reading(world.engine, SYSTEM) as session:
            return set(session.scalars(select(table.code).where(table.id.in_(keys))))

    return found


def _of(world: World, *tiers: Tier) -> set[str]:
    with reading(world.engine, SYSTEM) as session:
        return set(session.scalars(select(Place.code).where(Place.tier.in_(tiers))))


CORE: dict[str, Callable[[World, Scope, Any], tuple[set[str], set[str]]]] = {
    "regions_within": lambda world, scope, keys: (_codes(Region)(world, keys), set(scope.regions or ())),
    "regions_seen": lambda world, scope, keys: (
        _codes(Region)(world, keys),
        set((scope.regions or frozenset()) | scope.granted),
    ),
    "region_codes_within": lambda _world, scope, codes: (set(codes), set(scope.regions or ())),
    "places_within": lambda world, scope, keys: (_codes(Place)(world, keys), places_of(scope, reading=False)),
    "places_seen": lambda world, scope, keys: (_codes(Place)(world, keys), places_of(scope, reading=True)),
    "shelves_seen": lambda world, scope, keys: (
        _codes(Place)(world, keys),
        places_of(scope, reading=True) | _of(world, Tier.CENTRAL),
    ),
    "pieces_seen": lambda world, scope, keys: (
        _codes(Place)(world, keys),
        places_of(scope, reading=True) | _of(world, Tier.CENTRAL, *VIRTUAL_TIERS),
    ),
    "reservable": lambda world, scope, keys: (
        _codes(Place)(world, keys),
        places_of(scope, reading=False) | _of(world, Tier.CENTRAL),
    ),
    "move_ends": lambda world, scope, keys: (
        _codes(Place)(world, keys),
        places_of(scope, reading=False) | _of(world, *VIRTUAL_TIERS),
    ),
}
"""By name of the function: the codes that its keys stand for, and those that they should."""


def test_every_core_statement_of_the_scope_is_tried() -> None:
    made = {
        name
        for name, function in inspect.getmembers(network_scope, inspect.isfunction)
        if function.__module__ == network_scope.__name__ and not name.startswith("_")
    }
    assert made == CORE.keys() | {"regions_around"}


@settings(max_examples=60, deadline=None)
@given(scope=scopes)
def test_core_statements_give_the_keys_of_their_scope(world: World, scope: Scope) -> None:
    for name, check in CORE.items():
        found, right = check(world, scope, getattr(network_scope, name)(scope))
        assert found == right, name
    with reading(world.engine, SYSTEM) as session:
        around = set(session.scalars(network_scope.regions_around(scope)))
    assert around == {CODES[place] for place in places_of(scope, reading=True)}


@settings(max_examples=60, deadline=None)
@given(scope=scopes)
def test_streams_and_statements_agree_about_who_hears_what(world: World, scope: Scope) -> None:
    with reading(world.engine, SYSTEM) as session:
        every = events_after(session, 0, limit=1_000)
    with reading(world.engine, Actor("somebody", scope=scope)) as session:
        heard = events_after(session, 0, limit=1_000)
    assert heard == [one for one in every if hears(scope, one.audience, one.area, one.place)]
    assert len(heard) < len(every)


@pytest.mark.parametrize("region", ["SEA", "CN"])
def test_an_export_tells_the_rows_of_the_region_alone(world: World, region: str) -> None:
    actor = Actor("somebody", scope=Scope(regions=frozenset({region})))
    *told, last = [json.loads(line) for line in "".join(as_json_lines(world.engine, actor)).splitlines()]
    assert {row["audience"] for row in told} == {region}
    assert last == {"head": None, "rows": len(told)}
    as_table = "".join(as_csv(world.engine, actor))
    assert [staff for staff in ("CN", "EU", "SEA") if f"{staff.lower()}.staff" in as_table] == [region]
