"""What the page of a part shows: where it is in the network, what stands in for it, its pieces, moves and needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy.orm import Session

from fieldops.dispatch.queries import JobNeed, needs_of
from fieldops.planning.stock_picture import MICRO, Due, Standing, dues, standings
from inventory.availability.promise import promise
from inventory.availability.reservation_queries import reservation_page
from inventory.availability.reservation_schemas import ReservationOut
from inventory.availability.schemas import PromiseOut
from inventory.catalogue.link_queries import component_page, interchange_page, used_in
from inventory.catalogue.link_schemas import ComponentOut, InterchangeOut
from inventory.catalogue.queries import part_by_number
from inventory.catalogue.rules import Contained
from inventory.catalogue.schemas import PartOut
from inventory.catalogue.service import part_ids
from inventory.ledger.models import ReservationState
from inventory.ledger.queries import FIRST_KEY, BalanceKey, balance_page, move_page
from inventory.ledger.schemas import BalanceOut, MoveOut
from inventory.network.models import SITE_TIERS, Tier
from inventory.network.queries import Shelf, shelves
from inventory.planning.stock_plans.queries import per_day
from inventory.traceability.paper_queries import papers_of_numbers
from inventory.traceability.paper_schemas import DocumentOut
from inventory.traceability.queries import lot_page
from inventory.traceability.schemas import LotOut

ROWS_MAX = 50
_LAST_MOVE = 2**62


@dataclass(frozen=True, slots=True)
class Pieces:
    """What lies on shelves, cell by cell, with its numbers and papers; `next` is the key that the rest is after."""

    rows: list[BalanceOut]
    lots: Mapping[str, LotOut]
    papers: Mapping[str, Sequence[DocumentOut]]
    next: tuple[str, UUID] | None


@dataclass(frozen=True, slots=True)
class Moves:
    """The newest moves; `older` is the number that those further back are below."""

    rows: list[MoveOut]
    older: int | None


@dataclass(frozen=True, slots=True)
class Links:
    """What may stand in for a part, what it is built of, and what it is built into."""

    interchange: list[InterchangeOut]
    components: list[ComponentOut]
    assemblies: list[Contained]


@dataclass(frozen=True, slots=True)
class PartView:
    """A part as its page shows it; `jobs` is None for whoever may not know of them, `promise` where none was asked."""

    part: PartOut
    places: list[tuple[Shelf, Standing]]
    pieces: Pieces
    moves: Moves
    links: Links
    jobs: list[JobNeed] | None
    kept: list[ReservationOut]
    due: list[Due]
    destinations: list[Shelf]
    promise: PromiseOut | None
    per_day: Mapping[str, float]

    def cover_days(self, one: Standing, quantity: int) -> float | None:
        """Return how long a quantity, in millionths, lasts at a place; None where no plan knows what is asked there."""
        rate = self.per_day.get(one.row)
        return quantity / MICRO / rate if rate else None


@dataclass(frozen=True, slots=True)
class Further:
    """Where the lists of the page go on: after a piece, below a move."""

    after: tuple[str, UUID] = ("", FIRST_KEY)
    before: int = _LAST_MOVE


def part_view(
    session: Session,
    number: str,
    now: datetime,
    further: Further,
    *,
    region: str | None,
    jobs: bool,
    targets: bool,
    wanted: tuple[str, Decimal] | None,
) -> PartView:
    """Return what the page of a part shows, in a fixed number of statements; raises NotFound for an unknown number."""
    part = part_by_number(session, number)
    key = part_ids(session, [number])[number]
    seen = shelves(session, tiers=(*SITE_TIERS, Tier.KIT))
    at = {one.code: one for one in seen}
    found = standings(session, [one.id for one in seen], [key], now, targets=targets)
    order = {one.code: place for place, one in enumerate(seen)}
    return PartView(
        part=part,
        places=sorted(((at[one.row], one) for one in found), key=lambda both: order[both[0].code]),
        pieces=_pieces(session, number, further.after),
        moves=_moves(session, number, further.before),
        links=Links(
            interchange=interchange_page(session, after=FIRST_KEY, limit=ROWS_MAX, part=key),
            components=component_page(session, after=FIRST_KEY, limit=ROWS_MAX, assembly=key),
            assemblies=used_in(session, number),
        ),
        jobs=needs_of(session, number, limit=ROWS_MAX) if jobs else None,
        kept=reservation_page(session, part=number, state=ReservationState.HELD, limit=ROWS_MAX),
        due=dues(session, part=number, limit=ROWS_MAX),
        destinations=[one for one in seen if one.tier is not Tier.KIT and region in (None, one.region)],
        promise=promise(session, number, wanted[0], now, wanted[1]) if wanted else None,
        per_day=per_day(session, key) if targets else {},
    )


def _pieces(session: Session, number: str, after: tuple[str, UUID]) -> Pieces:
    start: BalanceKey = (after[0], number, after[1])
    found = balance_page(session, after=start, limit=ROWS_MAX + 1, part=number)
    shown = found[:ROWS_MAX]
    numbers = sorted({one.lot for _key, one in shown if one.lot is not None})
    (place, _part, cell), more = (shown[-1][0] if shown else start), len(found) > ROWS_MAX
    return Pieces(
        rows=[one for _key, one in shown],
        lots={one.number: one for one in lot_page(session, part=number, numbers=numbers, limit=ROWS_MAX)},
        papers=papers_of_numbers(session, number, numbers),
        next=(place, cell) if more else None,
    )


def _moves(session: Session, number: str, before: int) -> Moves:
    found = move_page(session, before=before, limit=ROWS_MAX + 1, part=number)
    return Moves(found[:ROWS_MAX], found[ROWS_MAX - 1].id if len(found) > ROWS_MAX else None)
