"""Use cases of orders up to their release: draft, change, cancel; and what every later step begins with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time
from decimal import Decimal
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified
from uuid_utils.compat import uuid7

from inventory.availability.service import give_back as give_stock_back
from inventory.availability.service import is_among, require_among
from inventory.catalogue.consistency import require_countable
from inventory.catalogue.models import Part
from inventory.kernel.actor import Actor
from inventory.kernel.base import require_version
from inventory.kernel.errors import Conflict, Invalid
from inventory.kernel.fields import LAST_DAY
from inventory.kernel.installation import CURRENCY, fact
from inventory.kernel.locks import Lock, locked
from inventory.kernel.numbering import next_number
from inventory.kernel.texts import gettext as _
from inventory.ledger.models import OWN
from inventory.network.events import tell
from inventory.network.models import Place
from inventory.network.queries import region_codes
from inventory.network.scope import places_within
from inventory.network.service import places_by_code
from inventory.orders import money
from inventory.orders.models import StockOrder, StockOrderLine
from inventory.orders.rules import SERIES, STEPS, Act, OrderKind, OrderState
from inventory.orders.schemas import NewOrder, NewOrderLine, OrderChange
from inventory.orders.ways import Ends, arrival_of, freight_of, parts_of, require_ends, require_lane
from inventory.ports import Spend

Lines = Sequence[tuple[StockOrderLine, Part]]
"""Lines of an order with their parts."""


def draft(
    session: Session,
    actor: Actor,
    wanted: NewOrder,
    now: datetime,
    *,
    made_from: tuple[UUID, str] | None = None,
) -> StockOrder:
    """Draft an order, for whoever may write one of its ends; nothing is kept or spent for it yet.

    Raises Invalid for an unknown part, place or lane, an end that the kind cannot have and a region at neither end;
    Forbidden where both ends are others'.
    """
    ends = _ends(session, wanted)
    require_ends(wanted.kind, ends)
    _require_an_end(session, actor, ends)
    parts = _require_lines(session, wanted.lines)
    order = StockOrder(
        id=uuid7(),
        kind=wanted.kind,
        state=OrderState.DRAFT,
        origin_id=None if ends.origin is None else ends.origin.id,
        destination_id=ends.destination.id,
        region=_payer(session, wanted.kind, ends, wanted.region),
        priority=wanted.priority,
        mode=wanted.mode,
        departs_at=wanted.departs_at or now,
        plan_id=None if made_from is None else made_from[0],
        proposal=None if made_from is None else made_from[1],
        made_by=actor.id,
        made_at=now,
    )
    _reckon(session, actor, order, ends, wanted.lines, parts, (wanted.freight, wanted.arrives_at))
    order.number = f"{SERIES[wanted.kind]}-{next_number(session, f'order.{wanted.kind}'):06d}"
    session.add(order)
    session.flush()
    _add_lines(session, order, wanted.lines, parts)
    announce(session, order, "drafted")
    return order


def change(
    session: Session,
    actor: Actor,
    spend: Spend,
    order: StockOrder,
    wanted: OrderChange,
    now: datetime,
    *,
    version: int | None = None,
) -> None:
    """Change a draft; money that waits or is held for it is given back, to be asked for anew at its release.

    Raises as `draft`, Stale for another version, Conflict where it is a draft no more.
    """
    held = begun(session, order, Act.CHANGE, version)
    ends = ends_of(session, held)
    _require_an_end(session, actor, ends)
    lines = tuple(_told(line, part) for line, part in lines_of(session, held))
    lines = lines if wanted.lines is None else wanted.lines
    if held.kind is OrderKind.TRANSFER and any(one.cost or one.owner != OWN for one in lines):
        raise Invalid(
            _("A transfer moves our own stock, which costs its freight only; leave cost and owner out"),
            code="not_a_purchase",
            field="lines",
        )
    parts = _require_lines(session, lines)
    money.give_back(session, actor, spend, held, _("The order was changed"), now)
    held.approval = None
    held.region = _payer(session, held.kind, ends, wanted.region or held.region)
    for name in ("priority", "mode", "departs_at"):
        if getattr(wanted, name) is not None:
            setattr(held, name, getattr(wanted, name))
    moved = {"mode", "departs_at", "lines"} & wanted.model_fields_set
    freight = wanted.freight if moved or wanted.freight is not None else held.freight
    _reckon(
        session, actor, held, ends, lines, parts, (freight, wanted.arrives_at or (None if moved else held.arrives_at))
    )
    flag_modified(held, "freight")  # new lines are a new version, too
    if wanted.lines is not None:
        session.execute(delete(StockOrderLine).where(StockOrderLine.order_id == held.id))
        _add_lines(session, held, lines, parts)
    session.flush()
    announce(session, held, "changed")


def cancel(
    session: Session,
    actor: Actor,
    spend: Spend,
    order: StockOrder,
    reason: str,
    now: datetime,
    *,
    version: int | None = None,
) -> None:
    """Give an order up that has not left: what is kept for it is free again, its money is given back.

    Raises Stale for another version, Conflict where it has left or is given up already, Forbidden for others.
    """
    held = begun(session, order, Act.CANCEL, version)
    _require_an_end(session, actor, ends_of(session, held))
    give_stock_back(session, actor, held.number, reason, now)
    money.give_back(session, actor, spend, held, reason, now)
    held.state, held.cancelled_by, held.cancelled_at, held.reason = OrderState.CANCELLED, actor.id, now, reason
    session.flush()
    announce(session, held, "cancelled")


def begun(session: Session, order: StockOrder, act: Act, version: int | None) -> StockOrder:
    """Return an order as it is now, with nobody else changing it, that an act is open to.

    Raises Stale where it is of another version than the one given, Conflict in another state or of another kind.
    """
    query = select(StockOrder).where(StockOrder.id == order.id).execution_options(populate_existing=True)
    (held,) = locked(session, Lock.STOCK, query)
    if version is not None:
        require_version(held.version, version)
    step = STEPS.get((held.state, act))
    if step is None:
        raise Conflict(
            _("Order {number} is {state}; read it again").format(number=held.number, state=held.state),
            code="order_state",
        )
    if held.kind not in step.kinds:
        raise Conflict(
            _("{number} is a {kind}: it stays a draft here; change it, or cancel it").format(
                number=held.number, kind=held.kind
            ),
            code="order_kind",
        )
    return held  # type: ignore[no-any-return]  # what the query asks for


def ends_of(session: Session, order: StockOrder) -> Ends:
    """Return the places of an order."""
    origin = None if order.origin_id is None else session.get_one(Place, order.origin_id)
    return Ends(origin, session.get_one(Place, order.destination_id))


def lines_of(session: Session, order: StockOrder) -> Lines:
    """Return the lines of an order with their parts, in their order."""
    query = (
        select(StockOrderLine, Part)
        .join(Part, Part.id == StockOrderLine.part_id)
        .where(StockOrderLine.order_id == order.id)
        .order_by(StockOrderLine.line)
    )
    return [(line, part) for line, part in session.execute(query)]


def announce(session: Session, order: StockOrder, what: str) -> None:
    """Tell both ends what became of an order."""
    ends = {key: [order.number] for key in (order.origin_id, order.destination_id) if key is not None}
    tell(session, f"order.{what}", ends)


def _ends(session: Session, wanted: NewOrder) -> Ends:
    places = places_by_code(session, {code for code in (wanted.origin, wanted.destination) if code is not None})
    return Ends(None if wanted.origin is None else places[wanted.origin], places[wanted.destination])


def _require_an_end(session: Session, actor: Actor, ends: Ends) -> None:
    """Raise Forbidden for who may write neither end."""
    if ends.origin is None or not is_among(session, actor, ends.origin.id, places_within):
        require_among(session, actor, ends.destination.id, places_within)


def _require_lines(session: Session, lines: Sequence[NewOrderLine]) -> dict[str, Part]:
    parts = parts_of(session, {one.part for one in lines})
    for one in lines:
        require_countable(one.part, parts[one.part].unit, one.quantity)
    return parts


def _payer(session: Session, kind: OrderKind, ends: Ends, wanted: str | None) -> str:
    """Return the region that pays; raises Invalid for one at neither end."""
    regions = region_codes(session)
    own, other = (ends.origin, ends.destination) if kind is OrderKind.REPAIR else (ends.destination, ends.origin)
    able = [regions[one.region_id] for one in (own, other) if one is not None and one.region_id is not None]
    if wanted is not None and wanted not in able:
        raise Invalid(
            _("{region} is at neither end of the order; one of {able} pays").format(
                region=wanted, able=", ".join(sorted(set(able)))
            ),
            code="wrong_payer",
            field="region",
        )
    return wanted or able[0]


def _reckon(
    session: Session,
    actor: Actor,
    order: StockOrder,
    ends: Ends,
    lines: Sequence[NewOrderLine],
    parts: dict[str, Part],
    told: tuple[Decimal | None, datetime | None],
) -> None:
    """Set freight, currency and arrival, those told or those of the lane, and who of the region that pays agreed."""
    freight, arrives_at = told
    lane = None
    if order.kind is OrderKind.TRANSFER:
        lane = require_lane(session, ends, order.mode, parts.values())
    order.currency = lane.currency if lane else fact(session, CURRENCY) or next(iter(parts.values())).currency
    order.freight = freight if freight is not None else freight_of(lane, lines, parts) if lane else Decimal(0)
    order.arrives_at = arrives_at or arrival_of(order.kind, lane, parts.values(), order.departs_at)
    if not order.departs_at <= order.arrives_at < datetime.combine(LAST_DAY, time(), UTC):
        raise Invalid(
            _("An order arrives after it departs, before {year}; correct arrives_at").format(year=LAST_DAY.year),
            code="wrong_period",
            field="arrives_at",
        )
    order.payer_agreed_by = actor.id if actor.scope.holds_region(order.region) else None


def _told(line: StockOrderLine, part: Part) -> NewOrderLine:
    return NewOrderLine(
        part=part.part_number,
        **{name: getattr(line, name) for name in NewOrderLine.model_fields.keys() - {"part"}},
    )


def _add_lines(session: Session, order: StockOrder, lines: Sequence[NewOrderLine], parts: Mapping[str, Part]) -> None:
    session.add_all(
        StockOrderLine(
            id=uuid7(),
            order_id=order.id,
            line=number,
            part_id=parts[one.part].id,
            **one.model_dump(exclude={"part"}),
        )
        for number, one in enumerate(lines, start=1)
    )
    session.flush()
