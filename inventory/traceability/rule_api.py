"""Routes of life limits, acceptance rules, the watch list and verdicts."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Query, Response

from inventory.catalogue.rules import Aircraft
from inventory.catalogue.service import part_ids
from inventory.kernel.edge import Acting, Here, Page, Paged, Reading, Writing
from inventory.kernel.errors import Invalid
from inventory.kernel.fields import Code, Instant
from inventory.kernel.routes import Changing, Elsewhere, Route, needs, tag
from inventory.kernel.texts import gettext as _
from inventory.traceability import paper_queries, rule_service
from inventory.traceability.condition import Condition
from inventory.traceability.judging import Stock, verdicts
from inventory.traceability.kinds import WatchKind
from inventory.traceability.queries import UNSEEN, lot_by_number
from inventory.traceability.rule_schemas import (
    EntryOut,
    FailureOut,
    LimitOut,
    NewLimit,
    NewRule,
    RemainingOut,
    RuleOut,
    RuleTerms,
    VerdictOut,
)

ENTRIES_MAX = 1_000

router = APIRouter(prefix="/stock", tags=["stock"], route_class=Route)


@router.get("/lots/verdict", responses=UNSEEN, dependencies=[needs("stock.read", Elsewhere.REFUSED)])
def verdict(
    session: Reading,
    edge: Here,
    part: Annotated[Code, Query(description="A part number.")],
    number: Annotated[Code, Query(description="A serial or lot number.")],
    condition: Annotated[Condition, Query(description="The condition that it is in.")] = Condition.SERVICEABLE,
    aircraft_type: Annotated[
        Code | None, Query(description="Type of the aircraft; left out, the verdict is on what holds for all aircraft.")
    ] = None,
    registry_authority: Annotated[
        Code | None, Query(description="The authority of the aircraft's registry, as the acceptance rules name it.")
    ] = None,
    at: Annotated[Instant | None, Query(description="The instant; now, if left out.")] = None,
) -> VerdictOut:
    """Tell whether a serial or lot number may be issued for an aircraft, which rules fail, and what life is left."""
    if aircraft_type is None and registry_authority is not None:
        raise Invalid(
            _("Name the type of the aircraft too, or nothing of it"), code="wrong_parameters", field="aircraft_type"
        )
    aircraft = None if aircraft_type is None else Aircraft(aircraft_type, registry_authority=registry_authority)
    lot = lot_by_number(session, part, number)
    instant = at or edge.clock()
    ((_unit, found),) = verdicts(session, [Stock(lot.part_id, condition, lot.id)], aircraft, instant)
    return VerdictOut(
        part=part,
        number=number,
        condition=condition,
        registry_authority=registry_authority,
        at=instant,
        acceptable=found.acceptable,
        failures=[FailureOut.model_validate(one) for one in found.failures],
        remaining=[RemainingOut.model_validate(one) for one in found.remaining],
    )


@router.get("/life-limits", dependencies=[needs("catalogue.read", Elsewhere.SHARED)])
def life_limits(session: Reading, paging: Paged, part: str | None = None) -> Page[LimitOut]:
    """List how long parts may be used."""
    after = paging.after(("", ""))
    if part is not None:
        part_ids(session, [part])
    rows = paper_queries.limit_page(session, after=after, limit=paging.rows, part=part)
    return paging.page(rows, lambda one: (one.part, one.driver))


@router.post("/life-limits", status_code=201, dependencies=[needs("catalogue.write", Elsewhere.NETWORK)])
def set_life_limits(
    session: Writing, actor: Acting, limits: Annotated[list[NewLimit], Body(min_length=1, max_length=ENTRIES_MAX)]
) -> list[NewLimit]:
    """Set how long parts may be used; a limit replaces the one before of the same part and driver."""
    rule_service.set_limits(session, actor, limits)
    return limits


@router.get("/acceptance-rules", dependencies=[needs("stock.read", Elsewhere.SHARED)])
def acceptance_rules(
    session: Reading,
    paging: Paged,
    authority: Annotated[str | None, Query(description="The authority of a registry.")] = None,
) -> Page[RuleOut]:
    """List which papers parts need for the aircraft of each authority."""
    (after,) = paging.after(("",))
    rows = paper_queries.rule_page(session, after=after, limit=paging.rows, authority=authority)
    return paging.page(rows, lambda one: (one.code,))


@router.post("/acceptance-rules", status_code=201, dependencies=[needs("stock.inspect", Elsewhere.NETWORK)])
def add_acceptance_rules(
    session: Writing, actor: Acting, rules: Annotated[list[NewRule], Body(min_length=1, max_length=ENTRIES_MAX)]
) -> list[NewRule]:
    """Add acceptance rules, all or none."""
    rule_service.add_rules(session, actor, rules)
    return rules


@router.get("/acceptance-rules/{code}", dependencies=[needs("stock.read", Elsewhere.SHARED)])
def acceptance_rule(session: Reading, response: Response, code: str) -> RuleOut:
    """Return an acceptance rule."""
    rule = rule_service.rule_by_code(session, code)
    tag(response, rule.version)
    return RuleOut.model_validate(rule)


@router.put("/acceptance-rules/{code}", dependencies=[needs("stock.inspect", Elsewhere.NETWORK)])
def change_acceptance_rule(
    session: Writing, actor: Acting, response: Response, version: Changing, code: str, terms: RuleTerms
) -> RuleOut:
    """Give an acceptance rule other terms."""
    rule = rule_service.change_rule(session, actor, code, terms, version)
    tag(response, rule.version)
    return RuleOut.model_validate(rule)


@router.get("/watch", dependencies=[needs("stock.read", Elsewhere.SHARED)])
def watch_list(
    session: Reading,
    paging: Paged,
    watch_kind: Annotated[WatchKind | None, Query(description="What an entry names.")] = None,
    open_only: Annotated[bool, Query(description="Leave out what is closed.")] = False,
) -> Page[EntryOut]:
    """List what is watched for, oldest first."""
    (after,) = paging.after((paper_queries.FIRST_KEY,))
    rows = paper_queries.entry_page(session, after=after, limit=paging.rows, kind=watch_kind, open_only=open_only)
    return paging.page(rows, lambda one: (one.id,))
