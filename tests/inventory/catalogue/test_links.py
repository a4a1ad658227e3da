"""Adding, reading and removing what replaces what and what is built of what."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError
from sqlalchemy import Engine, select

from inventory.catalogue.link_queries import (
    component_page,
    components_of,
    interchange_by_key,
    interchange_page,
    replacements_of,
    used_in,
)
from inventory.catalogue.link_schemas import ComponentOut, InterchangeOut, NewComponent, NewInterchange
from inventory.catalogue.link_service import add_components, add_interchanges, remove_component, remove_interchange
from inventory.catalogue.rules import Aircraft
from inventory.catalogue.service import part_ids
from inventory.kernel.actor import SYSTEM, Actor, Scope
from inventory.kernel.audit import AuditRow
from inventory.kernel.engine import reading, writing
from inventory.kernel.errors import Conflict, DomainError, Forbidden, Invalid, NotFound, Stale
from tests.inventory.catalogue.parts import have_parts
from tests.rivals import at_once
from tests.statements import statements

ON = date(2026, 3, 2)
FIRST = UUID(int=0)
WHOLE: dict[str, Any] = {
    "starts_on": "2025-07-01",
    "ends_on": "2027-07-01",
    "effectivity": [{"aircraft_type": "TP60", "first_serial": 101, "last_serial": None}],
    "modifications": ["MOD-2", "MOD-1"],
    "ship_set": True,
    "needs_acceptance": True,
    "accepted_by": ["OP-A"],
}


def link(part: str, alternative: str, kind: str = "one_way", **more: Any) -> NewInterchange:
    """An alternative, from a fixed day on where it is a new number."""
    usual = {"source": "IPC 1"} | ({"starts_on": "2025-01-01"} if kind == "supersedes" else {})
    return NewInterchange.model_validate({"part": part, "alternative": alternative, "kind": kind} | usual | more)


def chain(numbers: str, kind: str = "supersedes") -> list[NewInterchange]:
    """Alternatives from each part to the next."""
    return [link(one, other, kind) for one, other in pairwise(numbers)]


def holds(assembly: str, component: str, quantity: str = "1", position: str = "") -> NewComponent:
    """A component of an assembly."""
    return NewComponent(assembly=assembly, component=component, quantity=Decimal(quantity), position=position)


def add(engine: Engine, links: list[NewInterchange] | list[NewComponent]) -> None:
    """Add links of one kind."""
    with writing(engine, SYSTEM) as session:
        if isinstance(links[0], NewInterchange):
            add_interchanges(session, SYSTEM, links)
        else:
            add_components(session, SYSTEM, links)


def interchanges(engine: Engine, part: str | None = None) -> list[InterchangeOut]:
    """Return the alternatives that there are."""
    with reading(engine, SYSTEM) as session:
        key = None if part is None else part_ids(session, [part])[part]
        return interchange_page(session, after=FIRST, limit=99, part=key)


def components(engine: Engine) -> list[ComponentOut]:
    """Return the components that there are."""
    with reading(engine, SYSTEM) as session:
        return component_page(session, after=FIRST, limit=99)


def test_an_alternative_comes_back_as_it_was_added(any_engine: Engine) -> None:
    have_parts(any_engine, *"ABC")
    new = link("A", "B", "two_way", **WHOLE)
    add(any_engine, [new, link("B", "C")])
    told, other = interchanges(any_engine)
    assert told.model_dump(exclude={"id", "version"}) == new.model_dump()
    assert told.version == 1
    assert interchanges(any_engine, "A") == [told]
    assert interchanges(any_engine, "B") == [told, other]
    with reading(any_engine, SYSTEM) as session:
        assert interchange_by_key(session, told.id) == told
        assert interchange_page(session, after=told.id, limit=1) == [other]


@pytest.mark.parametrize(
    ("aircraft", "found"),
    [
        (Aircraft("TP60", serial="120", operator="OP-A", modifications=frozenset({"MOD-1", "MOD-2"})), "ABC"),
        (Aircraft("TP60", serial="120", operator="OP-B", modifications=frozenset({"MOD-1", "MOD-2"})), "AC"),
        (Aircraft("TP60", serial="99", operator="OP-A", modifications=frozenset({"MOD-1", "MOD-2"})), "AC"),
        (None, "AC"),
    ],
)
def test_replacements_are_those_for_the_aircraft(any_engine: Engine, aircraft: Aircraft | None, found: str) -> None:
    have_parts(any_engine, *"ABCD")
    add(any_engine, [link("A", "B", "two_way", **WHOLE), link("C", "A", "two_way"), link("D", "A")])
    with reading(any_engine, SYSTEM) as session:
        assert "".join(one.part for one in replacements_of(session, "A", aircraft, ON)) == found


def selects(seen: list[str]) -> int:
    """Return how many of the statements read."""
    return len([one for one in seen if one.startswith(("SELECT", "WITH"))])


@pytest.mark.parametrize("length", [2, 40])
def test_a_walk_takes_two_statements_however_long(any_engine: Engine, length: int) -> None:
    numbers = [f"P-{i:02}" for i in range(length)]
    have_parts(any_engine, *numbers)
    pairs = list(pairwise(numbers))
    kinds = ("supersedes", "two_way", "one_way")
    add(any_engine, [link(one, other, kinds[i % 3]) for i, (one, other) in enumerate(pairs)])
    add(any_engine, [holds(one, other, "2") for one, other in pairs])
    with reading(any_engine, SYSTEM) as session, statements(any_engine) as seen:
        assert [one.part for one in replacements_of(session, numbers[0], None, ON)] == numbers
        assert selects(seen) == 2
        assert [one.part for one in components_of(session, numbers[0])] == numbers[1:]
        assert selects(seen) == 4
        assert [one.part for one in used_in(session, numbers[-1])] == numbers[-2::-1]
        assert selects(seen) == 6


@pytest.mark.parametrize("count", [1, 30])
def test_adding_takes_as_many_statements_for_many_links_as_for_one(engine: Engine, count: int) -> None:
    numbers = [f"P-{i:02}" for i in range(31)]
    have_parts(engine, *numbers)
    pairs = list(pairwise(numbers))[:count]
    with statements(engine) as seen:
        add(engine, [link(one, other, "supersedes") for one, other in pairs])
        assert selects(seen) == 3
        add(engine, [holds(one, other) for one, other in pairs])
        assert selects(seen) == 7


@pytest.mark.parametrize(
    ("before", "new", "code", "told"),
    [
        ("", chain("AB") + chain("BA"), "supersession_cycle", "A → B → A|B → A → B"),
        ("ABC", chain("CA"), "supersession_cycle", "A → B → C → A|B → C → A → B|C → A → B → C"),
        ("ABCD", [link("A", "E"), link("D", "B", "supersedes")], "supersession_cycle", "C → D → B → C"),
        ("AB", chain("AB"), "interchange_exists", "B for A by “IPC 1” is there already"),
        ("", [link("A", "B"), link("A", "B")], "interchange_exists", "B for A"),
        ("", [link("A", "NONE")], "unknown_part", "NONE"),
    ],
)
def test_a_refused_alternative_adds_nothing(
    engine: Engine, before: str, new: list[NewInterchange], code: str, told: str
) -> None:
    have_parts(engine, *"ABCDE")
    if before:
        add(engine, chain(before))
    kept = interchanges(engine)
    with writing(engine, SYSTEM) as session, pytest.raises(DomainError, match=told) as refusal:
        add_interchanges(session, SYSTEM, new)
    assert refusal.value.code == code
    assert interchanges(engine) == kept


def test_what_goes_both_ways_is_no_circle(engine: Engine) -> None:
    have_parts(engine, *"ABC")
    add(engine, [*chain("ABC"), link("C", "A"), link("B", "A", "two_way"), link("A", "B", "supersedes", source="SB 2")])
    assert len(interchanges(engine)) == 5


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"alternative": "A"}, "cannot replace itself"),
        ({"kind": "supersedes", "starts_on": None}, "add starts_on"),
        ({"starts_on": "2026-01-02", "ends_on": "2026-01-01"}, "ends_on is before starts_on"),
        ({"accepted_by": ["OP-A"]}, "needs no acceptance"),
        ({"effectivity": [{"aircraft_type": "TP60", "first_serial": 9, "last_serial": 8}]}, "end before they begin"),
        ({"effectivity": [{"aircraft_type": "TP60", "first_serial": "P9"}]}, "first_serial"),
        ({"source": ""}, "source"),
    ],
)
def test_a_wrong_alternative_is_refused(wrong: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        link("A", **({"alternative": "B"} | wrong))


def test_a_removed_alternative_is_gone_but_for_the_trail(any_engine: Engine) -> None:
    have_parts(any_engine, *"ABC")
    add(any_engine, chain("ABC"))
    gone, left = interchanges(any_engine)
    with pytest.raises(Stale), writing(any_engine, SYSTEM) as session:
        remove_interchange(session, SYSTEM, gone.id, 2)
    with writing(any_engine, SYSTEM) as session:
        remove_interchange(session, SYSTEM, gone.id, 1)
    assert interchanges(any_engine) == [left]
    with pytest.raises(NotFound), writing(any_engine, SYSTEM) as session:
        remove_interchange(session, SYSTEM, gone.id, 1)
    with reading(any_engine, SYSTEM) as session:
        trail = session.scalars(select(AuditRow).where(AuditRow.action == "deleted")).one()
    assert (trail.subject, trail.subject_key, (trail.before or {})["source"]) == ("interchange", str(gone.id), "IPC 1")


def test_an_assembly_is_told_through_all_its_levels(any_engine: Engine) -> None:
    have_parts(any_engine, "GEAR", "WHEEL", "BOLT", "LAMP")
    new = [
        holds("GEAR", "WHEEL", "2"),
        holds("WHEEL", "BOLT", "4", "item 40"),
        holds("WHEEL", "BOLT", "1", "item 50"),
    ]
    add(any_engine, new)
    assert [one.model_dump(exclude={"id", "version"}) for one in components(any_engine)] == [
        one.model_dump() for one in new
    ]
    with reading(any_engine, SYSTEM) as session:
        gear = part_ids(session, ["GEAR"])["GEAR"]
        assert [one.component for one in component_page(session, after=FIRST, limit=9, assembly=gear)] == ["WHEEL"]
        held = [(one.part, one.level, one.quantity) for one in components_of(session, "GEAR")]
        holding = [(one.part, one.level, one.quantity) for one in used_in(session, "BOLT")]
        assert components_of(session, "LAMP") == used_in(session, "LAMP") == []
    assert held == [("WHEEL", 1, Decimal(2)), ("BOLT", 2, Decimal(10))]
    assert holding == [("WHEEL", 1, Decimal(5)), ("GEAR", 2, Decimal(10))]


@pytest.mark.parametrize(
    ("new", "code", "told"),
    [
        ([holds("C", "A")], "assembly_cycle", "A → B → C → A|B → C → A → B|C → A → B → C"),
        ([holds("D", "E"), holds("E", "D")], "assembly_cycle", "D → E"),
        ([holds("A", "B")], "component_exists", "A holds B at this position already"),
        ([holds("A", "D"), holds("A", "D")], "component_exists", "A holds D"),
        ([holds("A", "NONE")], "unknown_part", "NONE"),
    ],
)
def test_a_refused_component_adds_nothing(engine: Engine, new: list[NewComponent], code: str, told: str) -> None:
    have_parts(engine, *"ABCDE")
    add(engine, [holds("A", "B"), holds("B", "C")])
    kept = components(engine)
    with writing(engine, SYSTEM) as session, pytest.raises(DomainError, match=told) as refusal:
        add_components(session, SYSTEM, new)
    assert refusal.value.code == code
    assert components(engine) == kept
    with pytest.raises(ValidationError, match="cannot hold itself"):
        holds("A", "A")


def test_a_removed_component_is_gone(engine: Engine) -> None:
    have_parts(engine, *"AB")
    add(engine, [holds("A", "B")])
    (gone,) = components(engine)
    with pytest.raises(Stale), writing(engine, SYSTEM) as session:
        remove_component(session, SYSTEM, gone.id, 3)
    with writing(engine, SYSTEM) as session:
        remove_component(session, SYSTEM, gone.id, 1)
    assert components(engine) == []
    with pytest.raises(NotFound), writing(engine, SYSTEM) as session:
        remove_component(session, SYSTEM, gone.id, 1)


@pytest.mark.parametrize(
    "walk", [components_of, used_in, lambda session, part: replacements_of(session, part, None, ON)]
)
def test_a_walk_from_an_unknown_part_is_refused(engine: Engine, walk: Any) -> None:
    with reading(engine, SYSTEM) as session, pytest.raises(Invalid, match="NONE"):
        walk(session, "NONE")


def test_links_are_for_the_staff_of_the_whole_network(engine: Engine) -> None:
    have_parts(engine, *"AB")
    regional = Actor("sea", permissions=frozenset({"catalogue.write"}), scope=Scope(regions=frozenset({"SEA"})))
    with pytest.raises(Forbidden), writing(engine, regional) as session:
        add_interchanges(session, regional, chain("AB"))
    with pytest.raises(Forbidden), writing(engine, regional) as session:
        add_components(session, regional, [holds("A", "B")])
    with reading(engine, regional) as session:
        assert [one.part for one in replacements_of(session, "A", None, ON)] == ["A"]


def test_rivals_close_no_circle_together(any_engine: Engine) -> None:
    numbers = [f"P-{i}" for i in range(6)]
    have_parts(any_engine, *numbers)

    def supersede(i: int) -> bool:
        try:
            add(any_engine, [link(numbers[i], numbers[(i + 1) % 6], "supersedes")])
        except Conflict as refusal:
            return refusal.code != "supersession_cycle"
        return True

    assert sorted(at_once(6, supersede)) == [False] + [True] * 5
    assert len(interchanges(any_engine)) == 5


def test_many_links_are_added_in_batches(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("inventory.catalogue.link_service.BATCH", 2)
    have_parts(engine, *"ABCDEF")
    add(engine, chain("ABCDEF"))
    assert len(interchanges(engine)) == 5
    with pytest.raises(Invalid, match="NONE"):
        add(engine, [*chain("AB", "one_way"), *chain("BC", "one_way"), link("C", "NONE")])
    with pytest.raises(Conflict, match="→"):
        add(engine, [link("A", "C", "two_way"), link("A", "D", "two_way"), link("F", "A", "supersedes")])
    assert len(interchanges(engine)) == 5
