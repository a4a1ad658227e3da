"""When a number was made and expires: by its papers, and by the shelf life of its part."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine, update

from inventory.catalogue.models import Part
from inventory.kernel.actor import SYSTEM, Actor
from inventory.kernel.engine import reading, writing
from inventory.kernel.errors import DomainError, Invalid
from inventory.traceability.paper_schemas import LotDates
from inventory.traceability.queries import lot_page
from inventory.traceability.schemas import NewLot
from inventory.traceability.service import add_lots, set_dates
from tests.conftest import NOW
from tests.inventory.traceability.pieces import IN_SEA, INSPECTOR, load_pieces, move, posted

MADE, EXPIRES = date(2026, 2, 1), date(2026, 2, 11)


@pytest.fixture
def world(any_engine: Engine) -> Engine:
    """Numbered pieces; SEAL-1 keeps for ten days."""
    load_pieces(any_engine)
    with writing(any_engine, SYSTEM) as session:
        session.execute(update(Part).where(Part.part_number == "SEAL-1").values(shelf_life_days=10))
    return any_engine


def add(engine: Engine, number: str, **told: Any) -> None:
    """Add a lot of SEAL-1."""
    with writing(engine, SYSTEM, clock=lambda: NOW) as session:
        add_lots(session, SYSTEM, [NewLot.model_validate({"part": "SEAL-1", "number": number, "kind": "lot"} | told)])


def enter(engine: Engine, number: str, *, actor: Actor = INSPECTOR, part: str = "SEAL-1", **told: Any) -> None:
    """Enter days of a number."""
    with writing(engine, actor, clock=lambda: NOW) as session:
        set_dates(session, actor, LotDates.model_validate({"part": part, "number": number} | told))


def dates(engine: Engine, number: str) -> tuple[date | None, date | None]:
    """Return when a lot of SEAL-1 was made and expires."""
    with reading(engine, SYSTEM) as session:
        (lot,) = lot_page(session, limit=9, part="SEAL-1", number=number)
        return lot.made_on, lot.expires_on


def test_a_number_expires_when_the_shelf_life_of_its_part_is_over(world: Engine) -> None:
    add(world, "L8", made_on=MADE)
    add(world, "L9", made_on=MADE, expires_on="2026-02-05")
    assert [dates(world, one) for one in ("L8", "L9")] == [(MADE, EXPIRES), (MADE, date(2026, 2, 5))]


def test_what_has_a_shelf_life_is_issued_once_its_age_is_known(world: Engine) -> None:
    posted(world, move("ADJUSTMENT", "UTH", "SEAL-1/L1"))
    with pytest.raises(DomainError, match="not known when this expires"):
        posted(world, move("UTH", "CUSTOMER", "SEAL-1/L1"))
    enter(world, "L1", made_on="2026-03-01")
    assert dates(world, "L1") == (date(2026, 3, 1), date(2026, 3, 11))
    posted(world, move("UTH", "CUSTOMER", "SEAL-1/L1"))


@pytest.mark.parametrize(
    ("enters", "text"),
    [
        (lambda world: enter(world, "L1", made_on=MADE, expires_on="2026-01-31"), "expires before it was made"),
        (lambda world: enter(world, "L7", made_on=MADE), "Number L7 of part SEAL-1 is not known"),
        (
            lambda world: enter(world, "S1", actor=IN_SEA, part="DISK-1", made_on=MADE),
            "Number S1 of part DISK-1 is not",
        ),
    ],
)
def test_wrong_days_are_refused(world: Engine, enters: Callable[[Engine], None], text: str) -> None:
    posted(world, move("ADJUSTMENT", "TSN", "DISK-1/S1"))
    with pytest.raises(Invalid, match=text):
        enters(world)
