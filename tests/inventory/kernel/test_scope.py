"""What a scope sees and writes: through ORM statements, on flush, in bulk inserts, and never more."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, func, insert, not_, or_, select, text, true, union_all, update
from sqlalchemy.orm import Session, aliased

from fieldops.dispatch.models import Job, JobPart, JobQualification
from fieldops.finance.budgets.models import BudgetEntry, BudgetLine
from fieldops.migrations.tables import metadata
from fieldops.workforce.models import Shift, Technician
from inventory.kernel.actor import NETWORK, SYSTEM, Actor, Scope
from inventory.kernel.base import Base
from inventory.kernel.engine import dialect_insert, reading, writing
from inventory.kernel.errors import Forbidden
from inventory.kernel.outbox import OutboxEvent, emit
from inventory.kernel.scope import declaration, unscoped
from inventory.ledger.models import StockBalance, StockMove
from inventory.network.models import Place, Region
from inventory.planning.models import StockTarget
from tests.worlds import LOADED_AT, load_tiny

SEA = Actor("sea", scope=Scope(regions=frozenset({"SEA"})))
CN = Actor("cn", scope=Scope(regions=frozenset({"CN"})))
NOBODY = Actor("nobody")


@pytest.fixture
def world(any_engine: Engine) -> Engine:
    """The small world."""
    load_tiny(any_engine)
    return any_engine


def jobs(engine: Engine, actor: Actor) -> list[str]:
    """Return the numbers of the jobs that an actor sees."""
    with reading(engine, actor) as session:
        return list(session.scalars(select(Job.number).order_by(Job.number)))


@pytest.mark.parametrize("table", sorted(Base.__subclasses__(), key=repr))
def test_every_table_says_who_sees_and_writes_it(table: type[Base]) -> None:
    assert table.metadata is metadata
    declaration(table)


@pytest.mark.parametrize(
    ("scope", "seen"),
    [
        (NETWORK, ["J-1", "J-2", "J-3", "J-4", "J-5"]),
        (Scope(regions=frozenset({"CN", "SEA"})), ["J-1", "J-2", "J-3", "J-4", "J-5"]),
        (Scope(regions=frozenset({"SEA"})), ["J-1", "J-3", "J-5"]),
        (Scope(areas=frozenset({"CN"})), ["J-2", "J-4"]),
        (Scope(places=frozenset({"VTE"})), ["J-3"]),
        (Scope(regions=frozenset({"CN"}), places=frozenset({"VTE"})), ["J-2", "J-3", "J-4"]),
        (Scope(regions=frozenset({"CN"}), granted=frozenset({"SEA"})), ["J-1", "J-2", "J-3", "J-4", "J-5"]),
        (Scope(aog_everywhere=True), ["J-1"]),
        (Scope(operator=uuid4()), []),
        (Scope(), []),
    ],
)
def test_a_scope_sees_its_regions_areas_and_places(world: Engine, scope: Scope, seen: list[str]) -> None:
    assert jobs(world, Actor("someone", scope=scope)) == seen


def test_of_others_stock_only_the_central_depots_is_seen(world: Engine) -> None:
    with reading(world, SEA) as session:
        held = select(Place.code).join(StockBalance, StockBalance.place_id == Place.id).distinct()
        assert set(session.scalars(held)) == {"XIY", "VTE"}
    with reading(world, CN) as session:
        assert set(session.scalars(held)) == {"XIY", "TSN"}


def statements_of(session: Session) -> Iterator[tuple[str, list[str]]]:
    """Yield the jobs that a session finds, asked for in every form that a statement takes."""
    other = aliased(Job)
    inner = select(Job.number.label("number"), Job.place_id.label("place_id")).subquery()
    named = select(Job.number.label("number")).cte()
    yield "entities", [job.number for job in session.scalars(select(Job))]
    yield "columns", list(session.scalars(select(Job.number)))
    yield "alias", list(session.scalars(select(other.number)))
    at_places = select(other.number).select_from(Place).join(other, other.place_id == Place.id)
    yield "joined alias", list(session.scalars(at_places))
    beside = select(other.number).select_from(Job).join(other, other.number != "").distinct()
    yield "alias joined to the table itself", list(session.scalars(beside))
    yield "subquery", list(session.scalars(select(inner.c.number)))
    yield "joined subquery", list(session.scalars(select(inner.c.number).join(Place, Place.id == inner.c.place_id)))
    yield "cte", list(session.scalars(select(named.c.number)))
    yield "union", list(session.scalars(union_all(select(Job.number), select(Job.number).where(Job.number == ""))))
    yield (
        "from a place",
        list(session.scalars(select(Job.number).select_from(Place).join(Job, Job.place_id == Place.id))),
    )
    yield "in", list(session.scalars(select(Job.number).where(Job.id.in_(select(Job.id)))))
    yield "legacy query", [job.number for job in session.query(Job)]
    exists = select(Job.id).where(Job.place_id == Place.id).exists()
    places = list(session.scalars(select(Place.code).where(exists)))
    yield "exists", sorted({number for code in places for number in {"UTH": ["J-1", "J-5"], "VTE": ["J-3"]}[code]})


def test_every_form_of_statement_is_scoped(world: Engine) -> None:
    with reading(world, SEA) as session:
        assert session.scalar(select(func.count()).select_from(Job)) == 3
        for form, found in statements_of(session):
            assert sorted(found) == ["J-1", "J-3", "J-5"], form


def test_a_row_of_another_region_is_not_found_by_its_key(world: Engine) -> None:
    with reading(world, SYSTEM) as session:
        key = session.scalars(select(Job.id).where(Job.number == "J-2")).one()
    with reading(world, SEA) as session:
        assert session.get(Job, key) is None
    with reading(world, CN) as session:
        assert session.get(Job, key) is not None


@pytest.mark.parametrize("table", [Job, JobQualification, Technician, Shift, BudgetLine, BudgetEntry, StockTarget])
def test_two_regions_share_no_row_and_together_see_all(world: Engine, table: type[Base]) -> None:
    def count(actor: Actor) -> int:
        with reading(world, actor) as session:
            return session.scalar(select(func.count()).select_from(table)) or 0

    assert 0 < count(SEA) < count(SYSTEM)
    assert count(SEA) + count(CN) == count(SYSTEM)
    assert count(NOBODY) == 0


def test_a_scoped_session_takes_no_statement_that_carries_no_criterion(world: Engine) -> None:
    for statement in (text("SELECT number FROM job"), select(Job.__table__.c.number)):
        with reading(world, SEA) as session, pytest.raises(RuntimeError, match="ORM statements only"):
            session.execute(statement)


def test_unscoped_ends_with_its_block(world: Engine) -> None:
    with reading(world, SEA) as session:
        with unscoped(session):
            assert len(session.scalars(select(Job.number)).all()) == 5
        assert len(session.scalars(select(Job.number)).all()) == 3


def test_updates_and_deletes_reach_only_ones_own_rows(world: Engine) -> None:
    with writing(world, SEA) as session:
        changed = session.execute(update(Job).values(title="seen").execution_options(synchronize_session=False))
        assert changed.rowcount == 3  # type: ignore[attr-defined]
        session.execute(delete(JobPart).execution_options(synchronize_session=False))
    with reading(world, SYSTEM) as session:
        assert session.scalar(select(func.count()).select_from(Job).where(Job.title == "seen")) == 3
        assert session.scalar(select(func.count()).select_from(JobPart)) == 0  # all three needs are of SEA


def by_key(session: Session, row: dict[str, Any], _places: dict[str, Any]) -> None:
    """Change a row of another region in an UPDATE that takes its rows as parameters."""
    session.execute(update(Technician), [{"id": row["id"], "name": "changed"}])


def moved_out(session: Session, _row: dict[str, Any], places: dict[str, Any]) -> None:
    """Move a row of one's own into another region by a statement."""
    session.execute(update(Technician).where(Technician.code == "T-2").values(base_id=places["XIY"]))


def taken_over(session: Session, row: dict[str, Any], places: dict[str, Any]) -> None:
    """Take a row of another region over by an upsert that looks like one's own."""
    upsert = dialect_insert(session, Technician)
    taking = upsert.on_conflict_do_update(index_elements=["id"], set_={"base_id": upsert.excluded.base_id})
    session.execute(taking, [row | {"base_id": places["VTE"]}])


def in_bulk(session: Session, row: dict[str, Any], _places: dict[str, Any]) -> None:
    """Change a row of another region by a method that passes by every hook."""
    session.bulk_update_mappings(Technician.__mapper__, [{"id": row["id"], "name": "changed"}])


@pytest.mark.parametrize("way", [by_key, moved_out, taken_over, in_bulk])
def test_what_no_criterion_can_hold_is_refused(world: Engine, way: Callable[..., None]) -> None:
    with reading(world, SYSTEM) as session:
        foreign = session.scalars(select(Technician).where(Technician.code == "T-1")).one()
        row = {column.key: getattr(foreign, column.key) for column in Technician.__mapper__.column_attrs}
        places = dict(session.execute(select(Place.code, Place.id)).all())
    with pytest.raises(RuntimeError), writing(world, SEA) as session:
        way(session, row, places)
    with reading(world, SYSTEM) as session:
        assert session.get_one(Technician, row["id"]).base_id == row["base_id"]


def test_what_is_only_seen_is_not_changed_by_an_update_either(world: Engine) -> None:
    guest = Actor("guest", scope=Scope(regions=frozenset({"SEA"}), granted=frozenset({"CN"})))

    def changed(actor: Actor, statement: Any) -> int:
        with writing(world, actor) as session:
            done = session.execute(statement.execution_options(synchronize_session=False))
            return done.rowcount  # type: ignore[attr-defined, no-any-return]

    assert changed(guest, update(Technician).values(name="changed")) == 2  # those of SEA
    with reading(world, SYSTEM) as session:
        central = session.scalars(select(Place.id).where(Place.code == "XIY")).one()
    assert changed(SEA, update(StockBalance).where(StockBalance.place_id == central).values(quantity=0)) == 0


def test_what_was_loaded_beyond_the_scope_is_not_found_afterwards(world: Engine) -> None:
    with reading(world, SEA) as session:
        with unscoped(session):
            foreign = session.scalars(select(Job).where(Job.number == "J-2")).one()
        assert session.get(Job, foreign.id) is None


def test_a_row_of_another_region_is_neither_made_nor_changed_nor_moved(world: Engine) -> None:
    with reading(world, SYSTEM) as session:
        places = dict(session.execute(select(Place.code, Place.id)).all())
        mine = session.scalars(select(Job.id).where(Job.number == "J-3")).one()
        part = session.scalars(select(StockTarget.part_id)).first()
    with pytest.raises(Forbidden), writing(world, SEA) as session:
        session.add(StockTarget(part_id=part, place_id=places["TSN"], quantity=Decimal(1)))
    with pytest.raises(Forbidden), writing(world, SEA) as session:
        session.get_one(Job, mine).place_id = places["XIY"]
    with pytest.raises(Forbidden), writing(world, CN) as session:
        session.execute(insert(StockTarget), [{"part_id": part, "place_id": places["UTH"], "quantity": Decimal(9)}])
    with pytest.raises(Forbidden), writing(world, SEA) as session:
        session.add(Region(code="NEW", name="Nobody's"))
    with writing(world, SEA) as session:
        session.get_one(Job, mine).place_id = places["UTH"]
    assert jobs(world, Actor("uth", scope=Scope(places=frozenset({"UTH"})))) == ["J-1", "J-3", "J-5"]


def test_a_grant_to_read_is_none_to_write(world: Engine) -> None:
    guest = Actor("guest", scope=Scope(regions=frozenset({"CN"}), granted=frozenset({"SEA"})))
    with pytest.raises(Forbidden), writing(world, guest) as session:
        session.scalars(select(Job).where(Job.number == "J-1")).one().title = "changed"


def test_stock_moves_stay_within_ones_places_and_virtual_ones(world: Engine) -> None:
    with reading(world, SYSTEM) as session:
        places = dict(session.execute(select(Place.code, Place.id)).all())
        part = session.scalars(select(StockBalance.part_id)).first()

    def move(origin: str, destination: str) -> None:
        with writing(world, SEA) as session:
            row = {
                "move_id": uuid4(),
                "part_id": part,
                "from_place_id": places[origin],
                "to_place_id": places[destination],
                "from_cell": uuid4(),
                "to_cell": uuid4(),
                **dict.fromkeys(("condition", "to_condition"), "serviceable"),
                **dict.fromkeys(("hold", "to_hold"), "none"),
                **dict.fromkeys(("owner", "to_owner"), "own"),
                "quantity": Decimal(1),
                "document": "D",
                "actor": "sea",
                "moved_at": LOADED_AT,
                "recorded_at": LOADED_AT,
                "digest": 0,
            }
            session.execute(insert(StockMove), [row])

    move("VTE", "UTH")
    move("VTE", "CUSTOMER")
    for origin, destination in (("XIY", "VTE"), ("VTE", "TSN")):
        with pytest.raises(Forbidden):
            move(origin, destination)


def test_an_event_is_heard_where_it_is_meant_for(world: Engine) -> None:
    with writing(world, SEA) as session:
        for audience, area, place in (("*", None, None), ("-", None, None), ("SEA", "SEA", "UTH"), ("CN", "CN", "XIY")):
            emit(session, "tested", {}, LOADED_AT + timedelta(days=1), audience=audience, area=area, place=place)

    def heard(scope: Scope) -> set[str]:
        with reading(world, Actor("someone", scope=scope)) as session:
            return set(session.scalars(select(OutboxEvent.audience).where(OutboxEvent.kind == "tested")))

    assert heard(NETWORK) == {"*", "-", "SEA", "CN"}
    assert heard(Scope(regions=frozenset({"SEA"}))) == {"*", "SEA"}
    assert heard(Scope(places=frozenset({"UTH"}))) == {"*", "SEA"}
    assert heard(Scope(places=frozenset({"VTE"}))) == {"*"}
    assert heard(Scope(areas=frozenset({"CN"}))) == {"*", "CN"}


FILTERS = (
    lambda job: job.number != "",
    lambda job: or_(job.number == "J-2", job.number == "J-1"),
    lambda job: job.priority == "ROUTINE",
    lambda job: or_(true(), job.priority == "AOG"),
    lambda job: not_(job.number == "J-3"),
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    actor=st.sampled_from([SEA, CN]),
    shapes=st.lists(st.sampled_from(["subquery", "cte", "alias", "union", "exists", "in"]), max_size=3),
    chosen=st.lists(st.sampled_from(FILTERS), max_size=2),
    limit=st.none() | st.integers(1, 9),
)
def test_no_query_finds_a_row_of_another_region(
    world: Engine, actor: Actor, shapes: list[str], chosen: list[Any], limit: int | None
) -> None:
    mine = {"SEA": {"J-1", "J-3", "J-5"}, "CN": {"J-2", "J-4"}}[next(iter(actor.scope.regions or ()))]
    target: Any = Job
    query = select(Job.id, Job.number, Job.priority)
    for shape in shapes:
        if shape == "alias":
            target = aliased(Job)
            query = select(target.id, target.number, target.priority).where(
                target.id.in_(select(query.subquery().c.id))
            )
        elif shape == "exists":
            query = query.where(select(Place.id).where(Place.code != "").exists())
        elif shape == "in":
            query = select(Job.id, Job.number, Job.priority).where(Job.number.in_(select(query.subquery().c.number)))
            target = Job
        else:
            inner = union_all(query, query) if shape == "union" else query
            target = (inner.cte() if shape == "cte" else inner.subquery()).c
            query = select(target.id, target.number, target.priority)
    for one in chosen:
        query = query.where(one(target))
    with reading(world, actor) as session:
        found = {number for _key, number, _priority in session.execute(query.limit(limit))}
    assert found <= mine
    if not chosen and limit is None:
        assert found == mine
