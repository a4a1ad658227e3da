"""The rules of the money in the demonstration: calendar, rates, terms of the control, envelopes of the AOG desks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from fieldops.finance.budgets.queries import budget_lines
from fieldops.finance.budgets.schemas import NewBudgetLine, NewCostCentre
from fieldops.finance.budgets.service import add_cost_centres, open_lines
from fieldops.finance.calendars.queries import period_by_code
from fieldops.finance.calendars.rules import Pattern
from fieldops.finance.calendars.schemas import NewCalendar
from fieldops.finance.calendars.service import add_calendar, close_period
from fieldops.finance.categories import Category
from fieldops.finance.control.authority import grant_authority
from fieldops.finance.control.authority_schemas import NewAuthority
from fieldops.finance.control.term_schemas import Terms
from fieldops.finance.control.terms import set_approval_limits, set_terms
from fieldops.finance.rates.schemas import NewRate
from fieldops.finance.rates.service import add_rates
from inventory.kernel.actor import SYSTEM
from inventory.kernel.texts import gettext as _

LIMITS: dict[str, Decimal | None] = {
    "regional_manager": Decimal(20_000),
    "finance": Decimal(100_000),
    "administrator": None,
}
"""What each role may approve, in the currency of the demonstration."""

TERMS = Terms.model_validate(
    {
        "bands": [{"action": "warn", "percent": "90"}, {"action": "approve", "percent": "100"}],
        "personal": [
            {"role": "dispatcher", "amount": "2000"},
            {"role": "aog_controller", "amount": "20000"},
            {"role": "central_planner", "amount": "20000"},
            {"role": "regional_manager", "amount": "20000"},
            {"role": "finance", "amount": "100000"},
        ],
        "four_eyes_above": "250000",
    }
)

RATES = {"CNY": Decimal("0.1395"), "EUR": Decimal("1.08")}
"""What a unit is worth in USD; estimates."""

CALENDAR, AOG_DESK = "GROUP", "AOG-DESK"
ENVELOPE, ENVELOPE_DOCUMENT_MAX = Decimal(20_000), Decimal(5_000)


def load_control(session: Session, start: date, regions: Sequence[str], currency: str, now: datetime) -> None:
    """Enter all of it for the year of `start`; the months before the last one are closed."""
    set_approval_limits(session, LIMITS, currency)
    set_terms(session, TERMS, version=0)
    first, last = date(start.year, 1, 1), date(start.year, 12, 31)
    add_rates(
        session,
        SYSTEM,
        [
            NewRate(currency=code, valid_from=first, rate=worth, source=_("Estimate of the demonstration"))
            for code, worth in RATES.items()
        ],
    )
    calendar = NewCalendar(code=CALENDAR, name=_("Calendar of the group"), pattern=Pattern.MONTHS, first_day=first)
    add_calendar(session, SYSTEM, calendar)
    for month in range(1, start.month - 1):
        code = f"{start.year}-P{month:02d}"
        version = period_by_code(session, CALENDAR, code).version
        close_period(session, SYSTEM, CALENDAR, code, _("The month is complete"), now, version=version)
    centres = [
        NewCostCentre(code=f"CC-{code}", name=_("Service {region}").format(region=code), region=code)
        for code in regions
    ]
    add_cost_centres(session, SYSTEM, centres)
    envelopes = [
        NewBudgetLine(
            region=code,
            category=Category.EXPEDITE,
            cost_centre=f"CC-{code}",
            programme=AOG_DESK,
            period_start=first,
            period_end=date(start.year + 1, 1, 1),
            currency=currency,
            budget=ENVELOPE,
        )
        for code in regions
    ]
    open_lines(session, SYSTEM, envelopes, now)
    for line in budget_lines(session):
        if line.programme == AOG_DESK:
            wanted = NewAuthority(
                region=line.region,
                line=line.id,
                document_max=ENVELOPE_DOCUMENT_MAX,
                valid_from=first,
                valid_until=last,
                reason=_("AOG desk at night and on weekends"),
            )
            grant_authority(session, SYSTEM, wanted, now)
