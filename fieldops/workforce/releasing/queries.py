"""Reads of the rules by which people may work and sign, as they are told and as the decision takes them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import TypeVar

from pydantic import BaseModel
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from fieldops.workforce.facts import AccessTerms, Approval, ReleaseTerms, RuleBook
from fieldops.workforce.kinds import CertificateKind
from fieldops.workforce.releasing import models
from fieldops.workforce.releasing.schemas import NewApproval
from fieldops.workforce.releasing.service import Rule
from fieldops.workforce.rest import RestRule
from inventory.kernel.lookup import portions

Told = TypeVar("Told", bound=BaseModel)


def rule_pages(table: type[Rule], told: type[Told]) -> Callable[..., list[Told]]:
    """Return the function that reads pages of the rules of a table, by code."""

    def page(session: Session, *, after: str = "", limit: int) -> list[Told]:
        query = select(table).where(table.code > after).order_by(table.code).limit(limit)
        return [told.model_validate(rule) for rule in session.scalars(query)]

    return page


def rules_by_code(table: type[Rule], told: type[Told]) -> Callable[[Session, Collection[str]], dict[str, Told]]:
    """Return the function that reads {code: rule} of those among some codes that there are."""

    def read(session: Session, codes: Collection[str]) -> dict[str, Told]:
        found = (
            rule
            for some in portions(sorted(codes))
            for rule in session.scalars(select(table).where(table.code.in_(some)))
        )
        return {rule.code: told.model_validate(rule) for rule in found}

    return read


def approval_page(session: Session, *, after: str = "", limit: int) -> list[NewApproval]:
    """Return up to `limit` approvals of the organisation after a number, in that order."""
    table = models.OrganisationApproval
    query = select(table).where(table.number > after).order_by(table.number).limit(limit)
    return [NewApproval.model_validate(one) for one in session.scalars(query)]


def rule_book(session: Session, *, places: Collection[str], countries: Collection[str]) -> RuleBook:
    """Return all release rules and approvals, and the access rules of some places and countries."""
    access = models.AccessRule
    here = select(access).where(or_(access.place.in_(sorted(places)), access.country.in_(sorted(countries))))
    return RuleBook(
        releases=tuple(_release(one) for one in session.scalars(select(models.ReleaseRule).order_by("code"))),
        approvals=tuple(_approval(one) for one in session.scalars(select(models.OrganisationApproval))),
        access=tuple(_access(one) for one in session.scalars(here.order_by(access.code))),
    )


def rest_rules(session: Session, on: date) -> dict[str | None, RestRule]:
    """Return {country: the rest rule in force on a day}; that under None holds for countries without their own.

    Of several for one country the last by code holds.
    """
    table = models.RestRule
    query = select(table).where(
        or_(table.starts_on.is_(None), table.starts_on <= on), or_(table.ends_on.is_(None), table.ends_on >= on)
    )
    return {one.country: _rest(one) for one in session.scalars(query.order_by(table.code))}


def _rest(one: models.RestRule) -> RestRule:
    return RestRule(
        code=one.code,
        duty_max=_hours(one.duty_max_h),
        break_max=_hours(one.break_h),
        rest_min=_hours(one.rest_min_h),
        night_from=time(one.night_from_h),
        night_to=time(one.night_to_h),
        night_rest=_hours(one.night_rest_h),
        weekly_rest=_hours(one.weekly_rest_h),
        travel_counts=one.travel_counts,
        regular_day=_hours(one.regular_day_h),
        overtime_month=None if one.overtime_month_h is None else _hours(one.overtime_month_h),
    )


def _release(one: models.ReleaseRule) -> ReleaseTerms:
    return ReleaseTerms(
        code=one.code,
        authority=one.authority,
        seat=one.seat,
        standards=frozenset(one.standards),
        categories=frozenset(one.categories),
        validation=one.validation,
        rating=one.rating,
        authorisation=one.authorisation,
        scope=one.scope,
        approval=one.approval,
        experience_months=one.experience_months,
        within_months=one.within_months,
        trainings=tuple(one.trainings),
        margin_days=one.margin_days,
        starts=_start(one.starts_on),
        ends=_end(one.ends_on),
    )


def _approval(one: models.OrganisationApproval) -> Approval:
    return Approval(
        one.number,
        one.authority,
        frozenset(one.aircraft_types),
        frozenset(one.levels),
        _at(one.valid_from),
        _at(one.valid_until + timedelta(days=1)),
    )


def _access(one: models.AccessRule) -> AccessTerms:
    return AccessTerms(
        code=one.code,
        place=one.place,
        country=one.country,
        kinds=_kinds(one.kinds),
        security_level=one.security_level,
        starts=_start(one.starts_on),
        ends=_end(one.ends_on),
    )


def _kinds(told: Sequence[str]) -> tuple[CertificateKind, ...]:
    return tuple(CertificateKind(kind) for kind in told)


def _hours(count: Decimal) -> timedelta:
    return timedelta(hours=float(count))


def _at(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _start(day: date | None) -> datetime | None:
    return None if day is None else _at(day)


def _end(day: date | None) -> datetime | None:
    return None if day is None else _at(day + timedelta(days=1))
