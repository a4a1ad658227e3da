"""Stocktakes from their opening to the entries that correct the book."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from inventory.catalogue.models import Part
from inventory.kernel.actor import SYSTEM, Actor
from inventory.kernel.engine import reading, writing
from inventory.kernel.errors import Conflict, DomainError, Forbidden, Invalid, NotFound, Stale
from inventory.kernel.outbox import OutboxEvent
from inventory.kernel.priority import Priority
from inventory.ledger.models import Reservation, ReservationKind, ReservationState, Stage, StockBalance
from inventory.ledger.proof import disagreements
from inventory.ledger.queries import balance_page, move_page
from inventory.ledger.service import close_through, post
from inventory.network.models import Place, Tier
from inventory.stocktakes import service
from inventory.stocktakes.counting import count
from inventory.stocktakes.models import Stocktake, StocktakeState
from inventory.stocktakes.queries import FIRST_KEY, line_page, stocktake_by_number, stocktake_page
from inventory.stocktakes.schemas import Count, NewStocktake, Rejection
from inventory.traceability.condition import Condition, Hold
from tests.conftest import NOW
from tests.inventory.valuation.world import HOUR, build, move, opened, person, priced

LAMP, OIL, PUMP = "LAMP", "OIL", "PUMP"
NUMBER = "ST-000001"
KEEPER, MANAGER = person("keeper", "R1"), person("manager", "R1")
DAY = timedelta(days=1)


@pytest.fixture
def stocked(any_engine: Engine) -> Engine:
    """Ten lamps and a litre of oil at A, and two pumps: S1 at A, S2 at B; all since yesterday."""
    build(any_engine, NOW - DAY)
    with writing(any_engine, SYSTEM, clock=lambda: NOW - DAY) as session:
        priced(session, [(opened(LAMP, "A", 10), "5")], NOW - DAY)
        pumps = [opened(PUMP, "A", lot="S1"), opened(PUMP, "B", lot="S2")]
        post(session, SYSTEM, [opened(OIL, "A", 1), *pumps], NOW - DAY)
    return any_engine


def act(engine: Engine, what: Callable[..., Any], *told: Any, actor: Actor = KEEPER, at: datetime = NOW) -> Any:
    """Do something with the stocktake and return it as it is then."""
    with writing(engine, actor, clock=lambda: at) as session:
        what(session, actor, stocktake_by_number(session, NUMBER), *told, at)
    return seen(engine)


def start(engine: Engine, at: datetime = NOW, **told: Any) -> Any:
    """Open the stocktake of A."""
    with writing(engine, KEEPER, clock=lambda: at) as session:
        service.open_stocktake(session, KEEPER, NewStocktake(place="A", **told), at)
    return seen(engine)


def counted(engine: Engine, *counts: Count, actor: Actor = KEEPER, at: datetime = NOW) -> Any:
    """Count."""
    return act(engine, count, list(counts), actor=actor, at=at)


def seen(engine: Engine) -> Any:
    """Return the stocktake."""
    with reading(engine, KEEPER) as session:
        (told,) = stocktake_page(session, number=NUMBER)
        return told


def lines(engine: Engine) -> dict[tuple[str, str | None, Condition], Any]:
    """Return its lines by part, number and condition."""
    with reading(engine, KEEPER) as session:
        rows = line_page(session, stocktake_by_number(session, NUMBER), limit=200)
    return {(row.part, row.lot, row.condition): row for row in rows}


def shelf(engine: Engine, place: str = "A") -> dict[tuple[str, str | None, Condition], Decimal]:
    """Return what the book has at a place."""
    with reading(engine, SYSTEM) as session:
        assert disagreements(session) == []
        rows = balance_page(session, limit=200, place=place)
    return {(row.part, row.lot, row.condition): row.quantity for _key, row in rows}


def lamps(quantity: int, **more: Any) -> Count:
    return Count(part=LAMP, quantity=Decimal(quantity), **more)


OK = Condition.SERVICEABLE
REST = (Count(part=OIL, quantity=Decimal(1)), Count(part=PUMP, lot="S1", quantity=Decimal(1)))
BOOK = {(LAMP, None, OK): 10, (OIL, None, OK): 1, (PUMP, "S1", OK): 1}


def test_from_the_opening_to_the_entries(stocked: Engine) -> None:
    assert start(stocked).lines == 3
    assert counted(stocked, lamps(8), *REST).accuracy_percent == Decimal("66.67")
    told = act(stocked, service.submit)
    assert (told.state, told.differing, told.gross, told.net) == (StocktakeState.TO_APPROVE, 1, 10, -10)
    assert shelf(stocked) == BOOK
    done = act(stocked, service.approve, actor=MANAGER, at=NOW + HOUR)
    assert (done.state, done.decided_by) == (StocktakeState.POSTED, "manager")
    assert shelf(stocked) == BOOK | {(LAMP, None, OK): 8}
    with reading(stocked, SYSTEM) as session:
        entry: Any
        (entry,) = move_page(session, limit=9, document=NUMBER)
        kinds = session.scalars(select(OutboxEvent.kind).where(OutboxEvent.kind.startswith("stock.stocktake")))
        assert sorted(kinds) == ["stock.stocktake_counting", "stock.stocktake_posted", "stock.stocktake_to_approve"]
    assert (entry.origin, entry.destination, entry.quantity, entry.moved_at) == ("A", "ADJUSTMENT", 2, NOW)


def test_without_a_variance_nobody_needs_to_approve(stocked: Engine) -> None:
    start(stocked)
    counted(stocked, lamps(10), *REST)
    told = act(stocked, service.submit)
    assert (told.state, told.accuracy_percent, told.decided_by) == (StocktakeState.POSTED, 100, None)


def test_stock_that_moves_after_its_count_is_not_corrected_twice(stocked: Engine) -> None:
    start(stocked)
    counted(stocked, lamps(8), *REST)
    with writing(stocked, SYSTEM, clock=lambda: NOW + HOUR) as session:
        post(session, SYSTEM, [move(LAMP, "A", "CUSTOMER", 5), opened(OIL, "A", 2)], NOW + HOUR)
    act(stocked, service.submit, at=NOW + HOUR)
    act(stocked, service.approve, actor=MANAGER, at=NOW + 2 * HOUR)
    assert shelf(stocked) == BOOK | {(LAMP, None, OK): 3, (OIL, None, OK): 3}


def test_a_count_may_be_written_down_later(stocked: Engine) -> None:
    start(stocked)
    with writing(stocked, SYSTEM, clock=lambda: NOW + HOUR) as session:
        post(session, SYSTEM, [move(LAMP, "A", "CUSTOMER", 5)], NOW + HOUR)
    counted(stocked, lamps(10, counted_at=NOW + HOUR / 2), at=NOW + 2 * HOUR)
    line = lines(stocked)[LAMP, None, OK]
    assert (line.book, line.variance) == (10, 0)
    counted(stocked, lamps(10), at=NOW + 2 * HOUR)
    line = lines(stocked)[LAMP, None, OK]
    assert (line.book, line.variance) == (5, 5)


def test_an_entry_dated_back_before_the_count_sends_it_back(stocked: Engine) -> None:
    start(stocked)
    counted(stocked, lamps(12), *REST)
    act(stocked, service.submit)
    with writing(stocked, SYSTEM, clock=lambda: NOW + HOUR) as session:
        post(session, SYSTEM, [opened(LAMP, "A", 2, moved_at=NOW - HOUR)], NOW + HOUR)
    with pytest.raises(Conflict, match="An entry dated back changed what the book held of part LAMP"):
        act(stocked, service.approve, actor=MANAGER, at=NOW + HOUR)
    assert lines(stocked)[LAMP, None, OK].book == 10
    act(stocked, service.reject, Rejection(reason="dated back"), actor=MANAGER, at=NOW + HOUR)
    counted(stocked, lamps(12), at=NOW + 2 * HOUR)
    assert act(stocked, service.submit, at=NOW + 2 * HOUR).state is StocktakeState.POSTED
    assert shelf(stocked) == BOOK | {(LAMP, None, OK): 12}


def test_who_counted_does_not_approve_not_even_after_a_recount_by_another(stocked: Engine) -> None:
    start(stocked)
    counted(stocked, lamps(8), *REST, actor=MANAGER)
    counted(stocked, lamps(8), *REST)
    act(stocked, service.submit)
    for counter in (KEEPER, MANAGER):
        with pytest.raises(Forbidden, match="You counted in ST-000001; let somebody else approve it"):
            act(stocked, service.approve, actor=counter)


def test_what_is_sent_back_is_counted_again(stocked: Engine) -> None:
    start(stocked)
    counted(stocked, lamps(8), *REST)
    act(stocked, service.submit)
    told = act(stocked, service.reject, Rejection(reason="look behind the shelf"), actor=MANAGER)
    assert (told.state, told.reason) == (StocktakeState.COUNTING, "look behind the shelf")
    assert [row.part for row in lines(stocked).values() if row.recount] == [LAMP]
    with pytest.raises(Conflict, match="1 lines wait for a count, such as LAMP"):
        act(stocked, service.submit)
    counted(stocked, lamps(9))
    act(stocked, service.submit)
    act(stocked, service.approve, actor=MANAGER)
    assert shelf(stocked)[LAMP, None, OK] == 9


def test_a_line_that_is_named_is_counted_again(stocked: Engine) -> None:
    start(stocked)
    counted(stocked, lamps(8), *REST)
    act(stocked, service.submit)
    oil = lines(stocked)[OIL, None, OK]
    with pytest.raises(Invalid, match="is no line of ST-000001"):
        act(stocked, service.reject, Rejection(reason="why", lines=[FIRST_KEY]), actor=MANAGER)
    act(stocked, service.reject, Rejection(reason="why", lines=[oil.id]), actor=MANAGER)
    assert [row.part for row in lines(stocked).values() if row.recount] == [OIL]


def test_a_count_after_the_submission_opens_it_again(stocked: Engine) -> None:
    start(stocked)
    counted(stocked, lamps(8), *REST)
    act(stocked, service.submit)
    assert counted(stocked, lamps(9)).state is StocktakeState.COUNTING


def test_found_stock_gets_a_line(stocked: Engine) -> None:
    start(stocked, parts=[LAMP])
    counted(stocked, lamps(10), lamps(2, condition=Condition.UNSERVICEABLE), lamps(3, owner="customer:OP-A"))
    told = act(stocked, service.submit)
    assert (told.lines, told.net) == (3, 10)  # others' stock has no value of ours
    act(stocked, service.approve, actor=MANAGER)
    assert shelf(stocked)[LAMP, None, Condition.UNSERVICEABLE] == 2


def test_a_piece_that_is_missed_goes_and_comes_back_when_it_is_found(stocked: Engine) -> None:
    start(stocked, parts=[PUMP])
    counted(stocked, Count(part=PUMP, lot="S1", quantity=Decimal(0)), Count(part=PUMP, lot="S3", quantity=Decimal(1)))
    told = act(stocked, service.submit)
    assert (told.gross, told.net) == (2_000, 0)
    act(stocked, service.approve, actor=MANAGER)
    assert {key[1] for key in shelf(stocked)} == {None, "S3"}


def test_a_piece_in_another_condition_moves_there(stocked: Engine) -> None:
    start(stocked, parts=[PUMP])
    bad = Condition.UNSERVICEABLE
    counted(
        stocked,
        Count(part=PUMP, lot="S1", quantity=Decimal(0)),
        Count(part=PUMP, lot="S1", quantity=Decimal(1), condition=bad),
    )
    act(stocked, service.submit)
    act(stocked, service.approve, actor=MANAGER)
    assert shelf(stocked) == {(LAMP, None, OK): 10, (OIL, None, OK): 1, (PUMP, "S1", bad): 1}


def test_a_piece_that_the_book_has_elsewhere_is_moved_from_there_first(stocked: Engine) -> None:
    start(stocked, parts=[PUMP])
    found = Count(part=PUMP, lot="S2", quantity=Decimal(1))
    counted(stocked, Count(part=PUMP, lot="S1", quantity=Decimal(1)), found)
    assert lines(stocked)[PUMP, "S2", OK].book_place == "B"
    act(stocked, service.submit)
    with pytest.raises(Conflict, match="The book has PUMP S2 at B; move it from there to A, then count it again"):
        act(stocked, service.approve, actor=MANAGER)
    with writing(stocked, SYSTEM, clock=lambda: NOW + HOUR) as session:
        post(session, SYSTEM, [move(PUMP, "B", "A", lot="S2")], NOW + HOUR)
    counted(stocked, found, at=NOW + 2 * HOUR)
    assert act(stocked, service.submit, at=NOW + 2 * HOUR).state is StocktakeState.POSTED


def test_a_piece_in_another_cell_of_the_place_is_counted_there_too(stocked: Engine) -> None:
    with writing(stocked, SYSTEM, clock=lambda: NOW) as session:
        post(session, SYSTEM, [move(PUMP, "A", "B", lot="S1")], NOW)
    start(stocked, parts=[PUMP])
    with writing(stocked, SYSTEM, clock=lambda: NOW + HOUR) as session:
        post(session, SYSTEM, [move(PUMP, "B", "A", lot="S1", to_hold=Hold.QUARANTINE)], NOW + HOUR)
    counted(stocked, Count(part=PUMP, lot="S1", quantity=Decimal(1)), at=NOW + 2 * HOUR)
    act(stocked, service.submit, at=NOW + 2 * HOUR)
    with pytest.raises(Conflict, match="in another condition, hold or ownership; count it there as 0, too"):
        act(stocked, service.approve, actor=MANAGER, at=NOW + 2 * HOUR)


def test_stock_that_is_reserved_is_not_corrected_away(stocked: Engine) -> None:
    start(stocked)
    counted(stocked, lamps(3), *REST)
    act(stocked, service.submit)
    with writing(stocked, SYSTEM, clock=lambda: NOW) as session:
        _reserve(session, Decimal(4), NOW + DAY)
    with pytest.raises(Conflict, match="Only 3 of part LAMP are there, and more is reserved for J-1; release that"):
        act(stocked, service.approve, actor=MANAGER)
    assert shelf(stocked) == BOOK


def _reserve(session: Session, quantity: Decimal, until: datetime) -> None:
    held = session.scalars(
        select(StockBalance)
        .join(Part, Part.id == StockBalance.part_id)
        .join(Place, Place.id == StockBalance.place_id)
        .where(Part.part_number == LAMP, Place.code == "A")
    ).one()
    held.reserved = quantity
    session.add(
        Reservation(
            cell=held.cell,
            part_id=held.part_id,
            place_id=held.place_id,
            destination_id=held.place_id,
            quantity=quantity,
            kind=ReservationKind.HARD,
            state=ReservationState.HELD,
            stage=Stage.RESERVED,
            demand="J-1",
            priority=Priority.ROUTINE,
            reserved_by="keeper",
            reserved_at=NOW,
            expires_at=until,
        )
    )


def test_what_was_closed_meanwhile_is_posted_now(stocked: Engine) -> None:
    start(stocked)
    counted(stocked, lamps(8), *REST)
    act(stocked, service.submit)
    later = NOW + 2 * DAY
    with writing(stocked, SYSTEM, clock=lambda: later) as session:
        close_through(session, SYSTEM, (NOW + DAY).date(), later)
    act(stocked, service.approve, actor=MANAGER, at=later)
    with reading(stocked, SYSTEM) as session:
        (entry,) = move_page(session, limit=9, document=NUMBER)
    assert entry.moved_at == later
    assert shelf(stocked)[LAMP, None, OK] == 8


def test_what_was_issued_since_and_came_in_again_is_posted_now(stocked: Engine) -> None:
    start(stocked)
    counted(stocked, lamps(8), *REST)
    act(stocked, service.submit)
    with writing(stocked, SYSTEM, clock=lambda: NOW + HOUR) as session:
        post(session, SYSTEM, [move(LAMP, "A", "CUSTOMER", 9)], NOW + HOUR)
        post(session, SYSTEM, [opened(LAMP, "A", 5, moved_at=NOW + 2 * HOUR)], NOW + 2 * HOUR)
    act(stocked, service.approve, actor=MANAGER, at=NOW + 3 * HOUR)
    assert shelf(stocked)[LAMP, None, OK] == 4


def test_without_a_place_of_adjustments_nothing_is_posted(stocked: Engine) -> None:
    start(stocked)
    counted(stocked, lamps(8), *REST)
    act(stocked, service.submit)
    with writing(stocked, SYSTEM, clock=lambda: NOW) as session:
        session.execute(update(Place).where(Place.code == "ADJUSTMENT").values(tier=Tier.SCRAP))
    with pytest.raises(Conflict, match="add a place of the tier adjustment first"):
        act(stocked, service.approve, actor=MANAGER)


def test_a_blind_one_tells_nothing_of_the_book_while_it_is_counted(stocked: Engine) -> None:
    told = start(stocked, blind=True)
    assert (told.differing, told.accuracy_percent, told.gross, told.net) == (None,) * 4
    counted(stocked, lamps(8), *REST)
    line = lines(stocked)[LAMP, None, OK]
    assert (line.book, line.variance, line.value, line.book_place) == (None,) * 4
    assert act(stocked, service.submit).net == -10
    assert lines(stocked)[LAMP, None, OK].book == 10


def test_a_chapter_is_counted_by_itself(stocked: Engine) -> None:
    assert start(stocked, chapter="29").lines == 1
    with pytest.raises(Invalid, match="Part LAMP is not counted in ST-000001"):
        counted(stocked, lamps(10))


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        ([lamps(1), lamps(2)], "counted twice in the same way"),
        ([lamps(1, counted_at=NOW - HOUR)], "was opened at 2026-03-01 09:00 UTC; date the count after that"),
        ([lamps(1, counted_at=NOW + HOUR)], "date the count after that, up to now"),
        ([Count(part=PUMP, quantity=Decimal(1))], "count each number by itself"),
        ([Count(part=PUMP, lot="S1", quantity=Decimal(2))], "count 1, or 0 where it is not there"),
        ([Count(part=PUMP, lot="S9", quantity=Decimal(1))], "Number S9 of part PUMP is not known"),
        ([Count(part="BOLT", quantity=Decimal(1))], "BOLT"),
    ],
)
def test_a_wrong_count_changes_nothing(stocked: Engine, wrong: list[Count], text: str) -> None:
    before = start(stocked)
    with pytest.raises(DomainError, match=text):
        counted(stocked, *wrong)
    assert seen(stocked) == before


def test_a_virtual_place_has_nothing_to_count(stocked: Engine) -> None:
    with writing(stocked, SYSTEM, clock=lambda: NOW) as session, pytest.raises(Invalid, match="has no shelf to count"):
        service.open_stocktake(session, SYSTEM, NewStocktake(place="SUPPLIER"), NOW)


def test_another_regions_people_neither_open_nor_see_it(stocked: Engine) -> None:
    other = person("other", "R2")
    start(stocked)
    with reading(stocked, other) as session:
        assert stocktake_page(session, limit=9) == []
        with pytest.raises(NotFound, match="There is no stocktake ST-000001"):
            stocktake_by_number(session, NUMBER)
    with pytest.raises(Forbidden), writing(stocked, other, clock=lambda: NOW) as session:
        service.open_stocktake(session, other, NewStocktake(place="A"), NOW)


def test_what_is_posted_or_cancelled_stays_so(stocked: Engine) -> None:
    start(stocked)
    told = act(stocked, service.cancel, "opened by mistake")
    assert (told.state, told.reason) == (StocktakeState.CANCELLED, "opened by mistake")
    for what, rest in ((count, [[lamps(1)]]), (service.submit, []), (service.approve, []), (service.cancel, ["why"])):
        with pytest.raises(Conflict, match="Stocktake ST-000001 is cancelled; read it again"):
            act(stocked, what, *rest, actor=MANAGER)


def test_of_two_people_who_approve_at_once_one_is_refused(stocked: Engine) -> None:
    start(stocked)
    counted(stocked, lamps(8), *REST)
    act(stocked, service.submit)
    act(stocked, service.approve, actor=MANAGER)
    with pytest.raises(Conflict, match="is posted; read it again"):
        act(stocked, service.approve, actor=person("second", "R1"))
    with reading(stocked, SYSTEM) as session:
        assert session.scalars(select(Stocktake.state)).all() == [StocktakeState.POSTED]


def test_a_decision_is_about_the_version_that_was_read(stocked: Engine) -> None:
    start(stocked)
    counted(stocked, lamps(8), *REST)
    act(stocked, service.submit)
    with reading(stocked, KEEPER) as session:
        read = stocktake_by_number(session, NUMBER).version
    counted(stocked, lamps(7))
    act(stocked, service.submit)
    with pytest.raises(Stale), writing(stocked, MANAGER) as session:
        service.approve(session, MANAGER, stocktake_by_number(session, NUMBER), NOW, version=read)
    assert shelf(stocked) == BOOK


def test_half_a_pump_is_not_counted(stocked: Engine) -> None:
    start(stocked)
    with pytest.raises(Invalid) as refusal:
        counted(stocked, Count(part=PUMP, lot="S1", quantity=Decimal("0.5")))
    assert refusal.value.code == "fractional_quantity"
