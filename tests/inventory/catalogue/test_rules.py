"""Which parts may replace another on an aircraft, and what assemblies hold in all, without a database."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.catalogue.models import InterchangeKind
from inventory.catalogue.rules import (
    Aircraft,
    Contained,
    Effectivity,
    Link,
    Replacement,
    cycle_among,
    exploded,
    replacements,
)

ON = date(2026, 3, 2)
DAY = timedelta(days=1)
AIRCRAFT = Aircraft("TP60", serial="0150", operator="OP-A", modifications=frozenset({"MOD-1", "MOD-2"}))
TWO_WAY, ONE_WAY, SUPERSEDES = InterchangeKind.TWO_WAY, InterchangeKind.ONE_WAY, InterchangeKind.SUPERSEDES


def link(part: str, alternative: str, kind: InterchangeKind = ONE_WAY, **more: Any) -> Link:
    """A link that holds everywhere and always, where nothing else is said."""
    return Link(part, alternative, kind, **({"source": f"IPC {part}{alternative}"} | more))


def numbers(links: list[Link], part: str = "A", aircraft: Aircraft | None = AIRCRAFT) -> list[str]:
    """Return the numbers of what may stand in, in order."""
    return [one.part for one in replacements(links, part, aircraft, ON)]


@pytest.mark.parametrize(
    ("conditions", "holds"),
    [
        ({}, True),
        ({"starts_on": ON}, True),
        ({"starts_on": ON + DAY}, False),
        ({"ends_on": ON}, True),
        ({"ends_on": ON - DAY}, False),
        ({"starts_on": ON - DAY, "ends_on": ON + DAY}, True),
        ({"effectivity": (Effectivity("TP60"),)}, True),
        ({"effectivity": (Effectivity("TP70"),)}, False),
        ({"effectivity": (Effectivity("TP70"), Effectivity("TP60"))}, True),
        ({"effectivity": (Effectivity("TP60", 150, 150),)}, True),
        ({"effectivity": (Effectivity("TP60", 151),)}, False),
        ({"effectivity": (Effectivity("TP60", None, 149),)}, False),
        ({"effectivity": (Effectivity("TP60", 1, 99), Effectivity("TP60", 120))}, True),
        ({"modifications": frozenset({"MOD-1", "MOD-2"})}, True),
        ({"modifications": frozenset({"MOD-1", "MOD-3"})}, False),
        ({"needs_acceptance": True, "accepted_by": frozenset({"OP-A", "OP-B"})}, True),
        ({"needs_acceptance": True, "accepted_by": frozenset({"OP-B"})}, False),
        ({"needs_acceptance": True}, False),
    ],
)
def test_a_link_is_followed_where_it_holds(conditions: dict[str, Any], holds: bool) -> None:
    assert numbers([link("A", "B", **conditions)]) == (["A", "B"] if holds else ["A"])


@pytest.mark.parametrize(
    ("conditions", "aircraft", "holds"),
    [
        ({}, None, True),
        ({"effectivity": (Effectivity("TP60"),)}, None, False),
        ({"modifications": frozenset({"MOD-1"})}, None, False),
        ({"needs_acceptance": True, "accepted_by": frozenset({"OP-A"})}, None, False),
        ({"effectivity": (Effectivity("TP60"),)}, Aircraft("TP60"), True),
        ({"effectivity": (Effectivity("TP60", 1),)}, Aircraft("TP60"), False),
        ({"effectivity": (Effectivity("TP60", 1),)}, Aircraft("TP60", serial="P1"), False),
        ({"needs_acceptance": True, "accepted_by": frozenset({"OP-A"})}, Aircraft("TP60"), False),
    ],
)
def test_what_is_not_known_of_an_aircraft_is_not_taken_for_granted(
    conditions: dict[str, Any], aircraft: Aircraft | None, holds: bool
) -> None:
    assert numbers([link("A", "B", **conditions)], aircraft=aircraft) == (["A", "B"] if holds else ["A"])


@pytest.mark.parametrize(
    ("kind", "of_old", "of_new"), [(TWO_WAY, "AB", "BA"), (ONE_WAY, "AB", "B"), (SUPERSEDES, "AB", "B")]
)
def test_a_link_has_a_direction(kind: InterchangeKind, of_old: str, of_new: str) -> None:
    links = [link("A", "B", kind, starts_on=ON)]
    assert ("".join(numbers(links, "A")), "".join(numbers(links, "B"))) == (of_old, of_new)


def test_the_order_is_by_steps_then_both_ways_then_the_newest_supersession_then_the_number() -> None:
    links = [
        link("A", "Z", TWO_WAY),
        link("A", "Y"),
        link("A", "X"),
        link("A", "S1", SUPERSEDES, starts_on=ON - 90 * DAY),
        link("A", "S2", SUPERSEDES, starts_on=ON - 9 * DAY),
        link("Z", "C", TWO_WAY),
        link("Z", "B"),
        link("A", "LATER", SUPERSEDES, starts_on=ON + DAY),
    ]
    assert numbers(links) == ["A", "Z", "S2", "S1", "X", "Y", "C", "B"]


def test_a_chain_of_supersessions_goes_as_far_as_the_day() -> None:
    links = [link(a, b, SUPERSEDES, starts_on=ON + days * DAY) for a, b, days in (("A", "B", -9), ("B", "C", 0))]
    links.append(link("C", "D", SUPERSEDES, starts_on=ON + DAY))
    assert numbers(links) == ["A", "B", "C"]
    chain = replacements(links, "A", AIRCRAFT, ON)[-1].steps
    assert [(step.replaces, step.by, step.source, step.superseded_on) for step in chain] == [
        ("A", "B", "IPC AB", ON - 9 * DAY),
        ("B", "C", "IPC BC", ON),
    ]


def test_a_ship_set_is_one_on_the_whole_way_and_avoided_where_there_is_another() -> None:
    links = [link("A", "B", TWO_WAY, ship_set=True), link("B", "C"), link("A", "D")]
    told = {one.part: one.ship_set for one in replacements(links, "A", AIRCRAFT, ON)}
    assert told == {"A": False, "B": True, "C": True, "D": False}
    either = [link("A", "B", ship_set=True, source="IPC 1"), link("A", "B", source="IPC 2")]
    assert [one.ship_set for one in replacements(either, "A", AIRCRAFT, ON)] == [False, False]


def test_a_way_that_is_cut_is_gone_round() -> None:
    links = [link("A", "B", ends_on=ON - DAY), link("A", "C"), link("C", "B"), link("B", "D")]
    assert numbers(links) == ["A", "C", "B", "D"]


PARTS = st.sampled_from("ABCDEFG")
LINKS = st.lists(
    st.builds(
        Link,
        part=PARTS,
        alternative=PARTS,
        kind=st.sampled_from(InterchangeKind),
        source=st.sampled_from(["IPC 1", "IPC 2"]),
        starts_on=st.sampled_from([ON - 9 * DAY, ON, ON + DAY]),
        ends_on=st.sampled_from([None, ON - DAY, ON]),
        effectivity=st.sampled_from([(), (Effectivity("TP60", 100, 200),), (Effectivity("TP60", 1, 99),)]),
        modifications=st.sampled_from([frozenset(), frozenset({"MOD-1"}), frozenset({"MOD-3"})]),
        ship_set=st.booleans(),
        needs_acceptance=st.booleans(),
        accepted_by=st.sampled_from([frozenset({"OP-A"}), frozenset({"OP-B"})]),
    ).filter(lambda one: one.part != one.alternative),
    max_size=25,
)


def shortest(links: list[Link], aircraft: Aircraft | None) -> dict[str, int]:
    """Return {part: steps} of all that can be reached from A, found by widening the set until it stays."""
    known = {"A": 0}
    for steps in range(1, 9):
        for one in links:
            for origin, end in [(one.part, one.alternative), (one.alternative, one.part)]:
                passable = one.holds(aircraft, ON) and (origin == one.part or one.kind is TWO_WAY)
                if passable and known.get(origin) == steps - 1:
                    known.setdefault(end, steps)
    return known


@given(LINKS, st.sampled_from([AIRCRAFT, None, Aircraft("TP60")]), st.randoms(use_true_random=False))
def test_every_way_is_a_shortest_one_of_links_that_hold_whatever_their_order(
    links: list[Link], aircraft: Aircraft | None, random: Any
) -> None:
    found = replacements(links, "A", aircraft, ON)
    assert found[0] == Replacement("A")
    assert {one.part: len(one.steps) for one in found} == shortest(links, aircraft)
    assert len({one.part for one in found}) == len(found)
    for one in found:
        visited = ["A", *(step.by for step in one.steps)]
        assert visited[-1] == one.part
        assert len(set(visited)) == len(visited)
        assert [step.replaces for step in one.steps] == visited[:-1]
        for step in one.steps:
            assert any(
                (step.kind, step.source, step.ship_set) == (way.kind, way.source, way.ship_set)
                and way.holds(aircraft, ON)
                and (
                    (step.replaces, step.by) == (way.part, way.alternative)
                    or (way.kind is TWO_WAY and (step.by, step.replaces) == (way.part, way.alternative))
                )
                for way in links
            )
    assert [one.rank for one in found] == sorted(one.rank for one in found)
    shuffled = list(links)
    random.shuffle(shuffled)
    assert replacements(shuffled, "A", aircraft, ON) == found


@given(st.lists(st.tuples(PARTS, PARTS), max_size=20))
def test_a_cycle_is_found_where_there_is_one(edges: list[tuple[str, str]]) -> None:
    cycle = cycle_among(edges)
    left = set(edges)
    while ends := {edge for edge in left if edge[1] not in {origin for origin, _end in left}}:
        left -= ends
    assert bool(cycle) is bool(left)
    assert not cycle or cycle[0] == cycle[-1]
    assert set(pairwise(cycle)) <= set(edges)


def test_an_assembly_holds_what_its_components_hold() -> None:
    uses = [
        ("GEAR", "WHEEL", Decimal(2)),
        ("GEAR", "BOLT", Decimal("3.5")),
        ("WHEEL", "BOLT", Decimal(10)),
        ("WHEEL", "BOLT", Decimal(2)),
        ("BOLT", "NUT", Decimal("0.5")),
    ]
    assert exploded(uses, "GEAR") == [
        Contained("WHEEL", 1, Decimal(2)),
        Contained("BOLT", 2, Decimal("27.5")),
        Contained("NUT", 3, Decimal("13.75")),
    ]
    assert str(exploded([("A", "B", Decimal(60)), ("B", "C", Decimal("0.5"))], "A")[1].quantity) == "30.000000"
    huge = exploded([(one, other, Decimal(10**12)) for one, other in pairwise("ABCDE")], "A")[-1]
    assert huge.quantity == 10**48
    assert exploded([], "GEAR") == []


@given(st.lists(st.tuples(PARTS, PARTS, st.integers(1, 5)), max_size=14))
def test_quantities_add_up_over_every_way(pairs: list[tuple[str, str, int]]) -> None:
    downward = [(min(one, other), max(one, other), Decimal(count)) for one, other, count in pairs if one != other]

    def all_ways(top: str, level: int) -> list[tuple[str, int, Decimal]]:
        direct = [(end, level, quantity) for origin, end, quantity in downward if origin == top]
        return direct + [
            (part, depth, quantity * more)
            for end, _level, quantity in direct
            for part, depth, more in all_ways(end, level + 1)
        ]

    ways = all_ways("A", 1)
    reached = {"A", *(part for part, _level, _quantity in ways)}
    found = exploded([use for use in downward if use[0] in reached], "A")
    assert {one.part: (one.level, one.quantity) for one in found} == {
        part: (max(level for name, level, _q in ways if name == part), sum(q for name, _l, q in ways if name == part))
        for part in reached - {"A"}
    }
