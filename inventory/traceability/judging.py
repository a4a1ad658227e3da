"""Whether stock may be issued: gathers what is known of it, set by set, and has it judged by the rules."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from inventory.catalogue.models import Part, PartClass, Tracking, UsageDriver
from inventory.catalogue.rules import Aircraft
from inventory.kernel.errors import Conflict
from inventory.kernel.lookup import portions
from inventory.kernel.texts import gettext as _
from inventory.traceability.acceptance import Acceptance, Paper
from inventory.traceability.condition import Condition
from inventory.traceability.kinds import Form, PartGroup
from inventory.traceability.lives import Limit, Period
from inventory.traceability.models import (
    AcceptanceRule,
    LifeLimit,
    Lot,
    LotReading,
    OperatorPeriod,
    ReleaseDocument,
)
from inventory.traceability.rules import GROUPS, Unit, judge
from inventory.traceability.verdicts import Failure, Verdict
from inventory.traceability.watch import described, met, papers_of


@dataclass(frozen=True, slots=True)
class Stock:
    """Stock of a part in one condition, with its serial or lot number where it has one."""

    part: UUID
    condition: Condition
    lot: UUID | None = None


def require_issuable(session: Session, stocks: Collection[Stock], aircraft: Aircraft | None, at: datetime) -> None:
    """Raise Conflict for the first stock that may not go into an aircraft at an instant, naming the rule that fails.

    Without an aircraft only what holds for all of them is judged. The number of statements does not grow with stocks.
    """
    for unit, verdict in verdicts(session, list(dict.fromkeys(stocks)), aircraft, at):
        for failure in verdict.failures:
            raise not_issuable(unit.part, unit.number, failure, "lot")


def not_issuable(part: str, number: str | None, failure: Failure, field: str) -> Conflict:
    """Return the refusal of a piece, or of stock without a number, that may not be issued; the rule names itself."""
    what = part if number is None else f"{part} {number}"
    return Conflict(
        _("{what} may not be issued. {why} (rule: {rule})").format(what=what, why=failure.text, rule=failure.rule),
        code="not_acceptable",
        field=field,
    )


def verdicts(
    session: Session, stocks: Sequence[Stock], aircraft: Aircraft | None, at: datetime
) -> list[tuple[Unit, Verdict]]:
    """Return what each stock is to the rules, and the verdict on it, in the order given."""
    rules = [] if aircraft is None else _rules(session, aircraft.registry_authority)
    on = at.astimezone(UTC).date()
    return [(unit, judge(unit, aircraft, rules, on)) for unit in _units(session, stocks, at)]


def asks_for_papers(session: Session, part_class: PartClass, at: datetime) -> bool:
    """Tell whether any authority's rules in force want a document with a class of parts."""
    on, group = at.astimezone(UTC).date(), GROUPS.get(part_class, PartGroup.COMPONENT)
    rules = _acceptances(session, select(AcceptanceRule).where(AcceptanceRule.part_group == group))
    return any(rule.holds(on) and (rule.forms or rule.dual_forms) for rule in rules)


def _rules(session: Session, authority: str | None) -> list[Acceptance]:
    return _acceptances(session, select(AcceptanceRule).where(AcceptanceRule.authority == authority))


def _acceptances(session: Session, query: Select[AcceptanceRule]) -> list[Acceptance]:
    return [
        Acceptance(
            code=row.code,
            authority=row.authority,
            group=row.part_group,
            usage=row.usage,
            forms=frozenset(map(Form, row.forms)),
            dual_forms=frozenset(map(Form, row.dual_forms)),
            batch_trace=row.batch_trace,
            excluded_remarks=frozenset(row.excluded_remarks),
            starts_on=row.starts_on,
            ends_on=row.ends_on,
        )
        for row in session.scalars(query.order_by(AcceptanceRule.code))
    ]


def _units(session: Session, stocks: Sequence[Stock], at: datetime) -> list[Unit]:
    keys = sorted({one.lot for one in stocks if one.lot is not None})
    parts: dict[UUID, Part] = {}
    lots: dict[UUID, Lot] = {}
    for some in portions(sorted({one.part for one in stocks})):
        parts.update((part.id, part) for part in session.scalars(select(Part).where(Part.id.in_(some))))
    for some in portions(keys):
        lots.update((lot.id, lot) for lot in session.scalars(select(Lot).where(Lot.id.in_(some))))
    papers = papers_of(session, keys)
    watched = met(session, lots.values(), papers)
    limits = _limits(session, sorted(parts))
    limited = [key for key in keys if lots[key].part_id in limits]
    periods, read = _periods(session, limited), _read(session, limited, at)
    units = []
    for one in stocks:
        part, lot = parts[one.part], None if one.lot is None else lots[one.lot]
        unit = Unit(
            part=part.part_number,
            group=GROUPS.get(part.part_class, PartGroup.COMPONENT),
            condition=one.condition,
            tracked=part.tracking is not Tracking.NONE,
            ages=part.shelf_life_days is not None,
            limits=limits.get(part.id, ()),
        )
        if lot is not None:
            unit = replace(
                unit,
                number=lot.number,
                made_on=lot.made_on,
                expires_on=lot.expires_on,
                papers=[_paper(document) for document in papers[lot.id]],
                periods=periods[lot.id],
                read=read[lot.id],
                watched=[described(entry) for entry in watched.get(lot.id, ())],
            )
        units.append(unit)
    return units


def _paper(document: ReleaseDocument) -> Paper:
    return Paper(
        form=document.form,
        tracking_number=document.tracking_number,
        dated=document.dated,
        status=document.status,
        authority=document.authority,
        releases_under=frozenset(document.releases_under),
        batch=document.batch,
        remarks=f"{document.remarks}\n{document.limitations}",
    )


def _limits(session: Session, parts: Sequence[UUID]) -> dict[UUID, list[Limit]]:
    found: defaultdict[UUID, list[Limit]] = defaultdict(list)
    for some in portions(parts):
        rows = select(LifeLimit).where(LifeLimit.part_id.in_(some)).order_by(LifeLimit.driver)
        for row in session.scalars(rows):
            found[row.part_id].append(Limit(row.driver, row.most))
    return dict(found)


def _periods(session: Session, lots: Sequence[UUID]) -> defaultdict[UUID, list[Period]]:
    found: defaultdict[UUID, list[Period]] = defaultdict(list)
    for some in portions(lots):
        for row in session.scalars(select(OperatorPeriod).where(OperatorPeriod.lot_id.in_(some))):
            found[row.lot_id].append(Period(row.operator, row.starts_on, row.ends_on, row.hours, row.cycles))
    return found


def _read(session: Session, lots: Sequence[UUID], at: datetime) -> defaultdict[UUID, dict[UsageDriver, Decimal]]:
    """Return {number's key: {driver: use since new}} by the last readings up to an instant."""
    found: defaultdict[UUID, dict[UsageDriver, Decimal]] = defaultdict(dict)
    for some in portions(lots):
        rows = (
            select(LotReading.lot_id, LotReading.driver, LotReading.since_new)
            .where(LotReading.lot_id.in_(some), LotReading.read_at <= at)
            .order_by(LotReading.read_at)
        )
        for lot, driver, since_new in session.execute(rows):
            found[lot][driver] = since_new
    return found
