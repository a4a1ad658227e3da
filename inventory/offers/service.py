"""Use cases of help between regions: ask, grant or refuse, withdraw, take as AOG controller, review."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy.orm import Session

from inventory.catalogue.models import Part
from inventory.catalogue.service import part_ids
from inventory.kernel.actor import SYSTEM, Actor
from inventory.kernel.errors import Conflict, Forbidden, Invalid
from inventory.kernel.installation import fact, set_fact
from inventory.kernel.numbering import next_number
from inventory.kernel.outbox import emit
from inventory.kernel.texts import gettext as _
from inventory.network.models import Place
from inventory.network.service import place_ids, region_ids
from inventory.offers.models import IN_FORCE, Grant, GrantState
from inventory.offers.queries import offered
from inventory.offers.schemas import AogWait, Decision, NewGrant

WAIT_MIN = "aog_wait_min"
"""Installation fact: how many minutes an AOG request waits for its region before the controller may take it."""
_WAIT_MIN_DEFAULT = 30
_REVIEW = timedelta(days=1)
PERIOD_MAX = timedelta(days=92)
"""How long a grant may last at most."""


def ask(session: Session, actor: Actor, wanted: NewGrant, now: datetime) -> Grant:
    """Ask another region for help; raises Forbidden for a region that is not the actor's, Invalid for a wrong period,
    an unknown part, place or region, a destination outside the asking region, and more than the other offers."""
    actor.require_region(wanted.asking_region)
    regions = region_ids(session, [wanted.asking_region, wanted.granting_region])
    starts = wanted.starts_at or now
    if not (now < wanted.ends_at and starts < wanted.ends_at <= starts + PERIOD_MAX):
        raise Invalid(
            _("A grant ends after now and its start, and lasts {days} days at most; correct ends_at").format(
                days=PERIOD_MAX.days
            ),
            code="wrong_period",
            field="ends_at",
        )
    part = destination = None
    # stock names all three, access none
    if wanted.part is not None and wanted.destination is not None and wanted.quantity is not None:
        destination = session.get_one(Place, place_ids(session, [wanted.destination])[wanted.destination])
        if destination.region_id != regions[wanted.asking_region]:
            raise Invalid(
                _("{place} is not in {region}; name a destination in the asking region").format(
                    place=wanted.destination, region=wanted.asking_region
                ),
                code="wrong_destination",
                field="destination",
            )
        part = session.get_one(Part, part_ids(session, [wanted.part])[wanted.part])
        _require_offered(session, wanted.granting_region, part, destination, wanted.quantity, now)
    grant = Grant(
        number=f"G-{next_number(session, 'grant'):06d}",
        kind=wanted.kind,
        asking_region=wanted.asking_region,
        granting_region=wanted.granting_region,
        part_id=None if part is None else part.id,
        quantity=wanted.quantity,
        destination_id=None if destination is None else destination.id,
        purpose=wanted.purpose,
        aog=wanted.aog,
        starts_at=starts,
        ends_at=wanted.ends_at,
        state=GrantState.REQUESTED,
        asked_by=actor.id,
        asked_at=now,
        takeable_at=now + timedelta(minutes=aog_wait_min(session)) if wanted.aog else None,
    )
    session.add(grant)
    _tell(session, grant, now)
    return grant


def decide(session: Session, actor: Actor, grant: Grant, decision: Decision, now: datetime) -> None:
    """Grant or refuse a request, as the region that is asked; raises Forbidden for others."""
    actor.require_region(grant.granting_region)
    _require_open(grant, now)
    _settle(grant, GrantState.GRANTED if decision.granted else GrantState.REFUSED, actor, decision.note, now)
    _tell(session, grant, now)


def withdraw(session: Session, actor: Actor, grant: Grant, now: datetime) -> None:
    """Take a request back as the asking region, or end a grant early as either; raises Forbidden for others.

    Who decided, and the review of a grant that was taken, stay as they are.
    """
    if not (grant.state in IN_FORCE and actor.scope.holds_region(grant.granting_region)):
        actor.require_region(grant.asking_region)
    _require(grant, GrantState.REQUESTED, *IN_FORCE)
    grant.state, grant.withdrawn_by, grant.withdrawn_at = GrantState.WITHDRAWN, actor.id, now
    _tell(session, grant, now)


def take(session: Session, actor: Actor, grant: Grant, note: str, now: datetime) -> None:
    """Grant an AOG request in the granting region's stead, as network AOG controller.

    Raises Conflict before the wait is over, for an expired request and for one that is not AOG; Forbidden for whoever
    asked, and for those of the asking region short of the whole network. The granting region reviews it within a day,
    the asking region is charged.
    """
    of_asking = actor.scope.holds_region(grant.asking_region) and not actor.scope.everything
    # the command line is no person, who could ask himself
    if of_asking or actor.id == grant.asked_by != SYSTEM.id:
        raise Forbidden(
            _("Whoever asks for help does not take it; let an AOG controller outside {region} do so").format(
                region=grant.asking_region
            ),
            code="own_request",
        )
    _require_open(grant, now)
    if grant.takeable_at is None:
        raise Conflict(_("Only AOG requests can be taken; the region decides about this one"), code="not_aog")
    if now < grant.takeable_at:
        raise Conflict(
            _("{region} has until {instant:%Y-%m-%d %H:%M} UTC to decide; take the request after that").format(
                region=grant.granting_region, instant=grant.takeable_at
            ),
            code="still_waiting",
        )
    _settle(grant, GrantState.TAKEN, actor, note, now)
    grant.review_by = now + _REVIEW
    _tell(session, grant, now)


def review(session: Session, actor: Actor, grant: Grant, finding: str, now: datetime) -> None:
    """Write down what the granting region finds about a request that was taken; raises Conflict for any other."""
    actor.require_region(grant.granting_region)
    if grant.review_by is None or grant.reviewed_at is not None:
        raise Conflict(
            _("Grant {number} waits for no review; the list shows those that do").format(number=grant.number),
            code="no_review",
        )
    grant.reviewed_by, grant.reviewed_at, grant.review = actor.id, now, finding
    _tell(session, grant, now)


def aog_wait_min(session: Session) -> int:
    """Return how many minutes an AOG request waits for its region."""
    told = fact(session, WAIT_MIN)
    return int(told) if told else _WAIT_MIN_DEFAULT


def set_aog_wait(session: Session, actor: Actor, wanted: AogWait) -> None:
    """Set how long AOG requests wait from now on; raises Forbidden short of the whole network."""
    actor.require_network()
    set_fact(session, WAIT_MIN, str(wanted.minutes))


def _require_offered(
    session: Session, region: str, part: Part, destination: Place, quantity: Decimal, now: datetime
) -> None:
    """Raise Invalid for more than the upper end of the band that a region offers; never tell what it holds."""
    band = offered(session, part, destination, region, now)
    if band is None:
        raise Invalid(
            _("{region} offers no {part} for {place}; ask a region that the list of offers names").format(
                region=region, part=part.part_number, place=destination.code
            ),
            code="not_offered",
            field="granting_region",
        )
    _least, most = band
    if most is not None and quantity > most:
        raise Invalid(
            _("{region} offers at most {most} of {part}; ask for no more").format(
                region=region, most=most, part=part.part_number
            ),
            code="beyond_offer",
            field="quantity",
        )


def _require(grant: Grant, *states: GrantState) -> None:
    if grant.state not in states:
        raise Conflict(
            _("Grant {number} is {state} already; read it again").format(number=grant.number, state=grant.state),
            code="grant_settled",
        )


def _require_open(grant: Grant, now: datetime) -> None:
    _require(grant, GrantState.REQUESTED)
    if grant.ends_at <= now:
        raise Conflict(_("The request has expired; it must be asked again"), code="grant_expired")


def _settle(grant: Grant, state: GrantState, actor: Actor, note: str | None, now: datetime) -> None:
    grant.state, grant.decided_by, grant.decided_at, grant.note = state, actor.id, now, note


def _tell(session: Session, grant: Grant, now: datetime) -> None:
    """Tell both regions, in one event each."""
    session.flush()
    for region in (grant.asking_region, grant.granting_region):
        emit(
            session,
            "grant.changed",
            {"grant": grant.number, "state": grant.state, "aog": grant.aog, "purpose": grant.purpose},
            now,
            audience=region,
        )
