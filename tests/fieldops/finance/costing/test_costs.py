"""The cost model on worked examples, whose arithmetic stands beside them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from fieldops.finance.costing.labour import Interval, LabourTerms, hours_worked
from fieldops.finance.costing.model import RECOVERED, ItemKind, Payer, Share, split
from fieldops.finance.costing.schemas import NewComparison, NewEstimate, Spending, comparison, estimate, items_of
from fieldops.finance.rates.rules import digits
from inventory.kernel.errors import Invalid

SPENDING: TypeAdapter[Any] = TypeAdapter(Spending)
TERMS = {"currency": "USD", "rate_per_h": "40", "source": "Labour law of the region, article 44"}


def costs(**asked: Any) -> dict[str, Decimal]:
    """Return {kind of item: amount}."""
    found: dict[str, Decimal] = {}
    for one in items_of(SPENDING.validate_python(asked)):
        found[one.kind] = found.get(one.kind, Decimal(0)) + one.amount
    return found


def dispatch(work: list[tuple[str, str]], zone: str = "Asia/Shanghai", **more: Any) -> dict[str, Decimal]:
    """Return what a dispatch costs; intervals are local."""
    tz = ZoneInfo(zone)
    told = [
        {"start": datetime.fromisoformat(a).replace(tzinfo=tz), "end": datetime.fromisoformat(b).replace(tzinfo=tz)}
        for a, b in work
    ]
    terms = TERMS | more.pop("terms", {})
    return costs(kind="dispatch", terms=terms, time_zone=zone, work=told, **more)


def test_overtime_begins_after_the_regular_hours_of_the_day() -> None:
    # Monday 08:00 to 18:30 = 10.5 h: 8 h x 40 = 320, 2.5 h x 40 x 1.5 = 150
    assert dispatch([("2026-03-02T08:00", "2026-03-02T18:30")]) == {"regular_labour": 320, "overtime_labour": 150}


def test_a_night_into_a_holiday_is_paid_by_the_clock_on_the_wall() -> None:
    # Thursday 30 April 22:00 to Friday 1 May 02:00, a holiday: 2 h x 40 = 80, 2 h x 40 x 3 = 240,
    # and all 4 h are at night: 4 h x 40 x 0.25 = 40
    found = dispatch(
        [("2026-04-30T22:00", "2026-05-01T02:00")], terms={"holidays": ["2026-05-01"], "night_premium": "0.25"}
    )
    assert found == {"regular_labour": 80, "holiday_labour": 240, "night_premium": 40}


def test_a_rest_day_is_paid_by_its_own_factor_from_the_first_hour() -> None:
    # Saturday 09:00 to 12:00: 3 h x 40 x 2 = 240
    assert dispatch([("2026-03-07T09:00", "2026-03-07T12:00")]) == {"rest_day_labour": 240}


def test_the_night_of_the_change_of_clocks_is_as_long_as_it_was() -> None:
    # Berlin, 29 March 2026: 02:00 becomes 03:00, so that 00:00 to 06:00 lasts 5 h; a Sunday: 5 x 40 x 2 = 400
    assert dispatch([("2026-03-29T00:00", "2026-03-29T06:00")], zone="Europe/Berlin") == {"rest_day_labour": 400}


def test_travel_hotel_allowance_and_call_out() -> None:
    # travel 90 min x 40 x 0.5 = 30; 120.5 km x 0.60 = 72.30; 2 nights x 85 = 170; 3 days x 110 = 330; one call-out 250
    start = datetime(2026, 3, 2, 6, tzinfo=UTC)
    terms = {"travel_time_factor": "0.5", "per_km": "0.60", "hotel_per_night": "85", "allowance_per_day": "110"}
    found = dispatch(
        [],
        terms=terms | {"call_out_fee": "250"},
        travel=[{"start": start, "end": start + timedelta(minutes=90)}],
        km="120.5",
        nights=2,
        allowance_days=3,
        call_outs=1,
        fares=[{"what": "VTE-LPQ", "amount": "140", "currency": "USD"}],
    )
    assert found == {
        "call_out": 250,
        "travel_time": 30,
        "road_travel": Decimal("72.30"),
        "hotel": 170,
        "allowance": 330,
        "fare": 140,
    }


def test_duty_is_on_the_value_with_freight_and_insurance_and_tax_on_both() -> None:
    # 30 dm3 at 6000 cm3/kg are 5 kg, less than 12.5 kg; 12.5 kg x 8 = 100; AOG x 1.5 adds 50; CIF = 2000 + 150 + 10;
    # duty 5% = 108; import tax 13% of 2268 = 294.84
    found = costs(
        kind="freight",
        tariff={"currency": "USD", "per_kg": "8", "priority_factors": {"AOG": "1.5"}, "source": "tariff"},
        weight_kg="12.5",
        volume_dm3="30",
        priority="AOG",
        customs={"value": "2000", "currency": "USD", "insurance": "10", "duty_percent": "5", "tax_percent": "13"},
    )
    assert found == {"freight": 100, "priority_surcharge": 50, "duty": 108, "import_tax": Decimal("294.84")}


def test_bulky_goods_are_charged_by_volume_and_small_ones_by_the_minimum() -> None:
    tariff = {"currency": "USD", "per_kg": "8", "minimum": "60", "source": "tariff"}
    # 90 dm3 = 90000 cm3 / 6000 = 15 kg x 8 = 120
    assert costs(kind="freight", tariff=tariff, weight_kg="3", volume_dm3="90") == {"freight": 120}
    assert costs(kind="freight", tariff=tariff, weight_kg="3") == {"freight": 60}


def test_an_exchange_bears_the_risk_of_a_core_beyond_economic_repair() -> None:
    # 3000 + 0.96 x 9000 + 0.04 x (60000 - 8000) = 3000 + 8640 + 2080
    asked = {"kind": "exchange", "currency": "USD", "fee": "3000", "repair_at_cost": "9000"}
    asked |= {"beyond_repair_probability": "0.04", "replacement_value": "60000", "core_value": "8000"}
    assert costs(**asked) == {"exchange_fee": 3000, "repair": 8640, "beyond_repair_risk": 2080}


def test_a_repair_where_no_fault_is_found_costs_its_test() -> None:
    # 0.65 x 4000 + 0.3 x 600 + 0.05 x 20000
    asked = {"kind": "repair", "currency": "USD", "fee": "4000", "test_fee": "600", "no_fault_probability": "0.3"}
    assert costs(**asked, beyond_repair_probability="0.05", replacement_value="20000") == {
        "repair": 2600,
        "test_fee": 180,
        "beyond_repair_risk": 1000,
    }


def test_purchase_loan_training_and_penalty() -> None:
    breaks = [{"from_quantity": "1", "price": "9"}, {"from_quantity": "10", "price": "7.5"}]
    assert costs(kind="purchase", quantity="12", breaks=breaks, currency="USD") == {"purchase": 90}
    assert costs(kind="purchase", quantity="2", breaks=breaks, currency="USD", minimum_order="50") == {"purchase": 50}
    # 30 of 34 days x 90 = 2700, 12.5 FH x 8 = 100, then it is sold
    loan = {"kind": "loan", "currency": "USD", "per_day": "90", "days": 34, "days_max": 30}
    assert costs(**loan, per_flight_hour="8", flight_hours="12.5", sale_price="41000") == {
        "loan_fee": 2700,
        "loan_use": 100,
        "loan_sale": 41000,
    }
    seats = {"kind": "training", "currency": "USD", "seats": 2, "per_seat": "1500", "travel_per_seat": "400"}
    assert costs(**seats, days=5, allowance_per_day="90") == {"training_seat": 3000, "fare": 800, "allowance": 900}
    # 30 h late, 2 h of grace: 22 h x 800 + 6 h x 1500 = 17600 + 9000
    steps = [{"from_h": "0", "per_h": "800"}, {"from_h": "24", "per_h": "1500"}]
    late = {"kind": "penalty", "currency": "USD", "hours_late": "30", "grace_h": "2", "steps": steps}
    assert costs(**late) == {"penalty": 26600}
    assert costs(**late, cap="20000") == {"penalty": 20000}


def test_a_warranty_is_split_to_the_last_cent() -> None:
    # 100.01: 60% are 60.006, 40% are 40.004; the cent left over goes to the larger remainder
    found = split(
        Decimal("100.01"),
        [Share(Payer.WARRANTY_SUPPLIER, Decimal(60)), Share(Payer.GOODWILL, Decimal(40))],
        "USD",
    )
    assert found.parts == {Payer.WARRANTY_SUPPLIER: Decimal("60.01"), Payer.GOODWILL: Decimal("40.00")}
    assert (found.gross, found.recovery, found.net) == (Decimal("100.01"), Decimal("60.01"), Decimal("40.00"))


def test_a_currency_without_decimals_is_split_in_whole_units() -> None:
    thirds = [Share(payer, Decimal(20)) for payer in (Payer.CONTRACT, Payer.CUSTOMER, Payer.OWN, Payer.GOODWILL)]
    found = split(Decimal("1001.4"), [*thirds, Share(Payer.WARRANTY_OURS, Decimal(20))], "JPY")
    assert found.gross == 1001
    assert sorted(found.parts.values()) == [200, 200, 200, 200, 201]


def test_who_pays_is_told_line_by_line() -> None:
    asked = {"kind": "exchange", "currency": "USD", "fee": "1000", "repair_at_cost": "500"}
    told = estimate(
        NewEstimate.model_validate(
            {
                "spending": asked,
                "shares": [{"payer": "customer", "percent": "100"}],
                "shares_by_item": {"repair": [{"payer": "warranty_ours", "percent": "100"}]},
            }
        )
    )
    assert [(str(one.item), int(one.recovery), int(one.net)) for one in told.items] == [
        ("exchange_fee", 1000, 0),
        ("repair", 0, 500),
    ]
    (total,) = told.totals
    assert [total.gross, total.recovery, total.net] == [1500, 1000, 500]


def test_what_was_planned_is_put_beside_what_happened() -> None:
    def shipped(weight: int) -> dict[str, Any]:
        tariff = {"currency": "USD", "per_kg": "8", "source": "tariff"}
        return {"kind": "freight", "tariff": tariff, "weight_kg": weight}

    (one,) = comparison(NewComparison.model_validate({"planned": shipped(10), "actual": shipped(12)}))
    assert one.item is ItemKind.FREIGHT
    assert [one.estimated, one.actual, one.variance] == [80, 96, 16]


@pytest.mark.parametrize("percents", [["60", "30"], ["100", "0.0001"], ["150"], []])
def test_shares_that_do_not_add_up_are_refused(percents: list[str]) -> None:
    payers = list(Payer)
    with pytest.raises(Invalid, match="together they are 100") as refused:
        split(
            Decimal(9),
            [Share(payer, Decimal(part)) for payer, part in zip(payers, percents, strict=False)],
            "USD",
        )
    assert (refused.value.code, refused.value.field) == ("split_wrong", "shares")


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"work": [("2026-03-02T10:00", "2026-03-02T09:00")]}, "ends after it begins"),
        ({"work": [("2026-03-02T08:00", "2026-03-02T10:00"), ("2026-03-02T09:00", "2026-03-02T11:00")]}, "overlap"),
        ({"work": [], "terms": {"currency": "XYZ"}}, "no currency"),
        ({"work": [], "km": "-1"}, "km"),
    ],
)
def test_nonsense_is_refused(wrong: dict[str, Any], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        dispatch(wrong.pop("work"), **wrong)


amounts = st.integers(-(10**13), 10**13).map(lambda units: Decimal(units).scaleb(-4))


@st.composite
def shares(draw: st.DrawFn) -> list[Share]:
    payers = draw(st.lists(st.sampled_from(list(Payer)), min_size=1, unique=True))
    cuts = sorted(
        draw(st.lists(st.integers(1, 999_999), min_size=len(payers) - 1, max_size=len(payers) - 1, unique=True))
    )
    ends = [0, *cuts, 1_000_000]
    return [
        Share(payer, Decimal(end - start).scaleb(-4)) for payer, start, end in zip(payers, ends, ends[1:], strict=False)
    ]


@given(amount=amounts, divided=shares(), currency=st.sampled_from(["USD", "CNY", "JPY", "KWD"]))
def test_recovery_and_net_are_the_gross_to_the_last_unit(amount: Decimal, divided: list[Share], currency: str) -> None:
    found = split(amount, divided, currency)
    assert found.recovery + found.net == found.gross == sum(found.parts.values())
    assert abs(found.gross - amount) <= Decimal("0.5").scaleb(-digits(currency))
    assert found.recovery == sum(value for payer, value in found.parts.items() if payer in RECOVERED)
    unit = Decimal(1).scaleb(-digits(currency))
    for share in divided:
        assert abs(found.parts[share.payer] - found.gross * share.percent / 100) < unit


@given(
    start=st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 20)),  # noqa: DTZ001 - made aware below
    minutes=st.lists(st.tuples(st.integers(1, 2_000), st.integers(1, 2_000)), min_size=1, max_size=6),
    zone=st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/La_Paz", "Pacific/Auckland"]),
)
def test_every_hour_is_paid_once(start: datetime, minutes: list[tuple[int, int]], zone: str) -> None:
    at = start.replace(tzinfo=UTC)
    work = []
    for gap, length in minutes:
        begins = at + timedelta(minutes=gap)
        at = begins + timedelta(minutes=length)
        work.append(Interval(start=begins, end=at))
    terms = LabourTerms.model_validate(TERMS | {"night_premium": "0.2"})
    found = hours_worked(work, terms, ZoneInfo(zone))
    night = found.pop(ItemKind.NIGHT_PREMIUM)
    worked = timedelta(minutes=sum(length for _gap, length in minutes))
    assert sum(found.values(), timedelta()) == worked >= night


@given(light=st.integers(0, 10**6), more=st.integers(0, 10**6), minimum=st.integers(0, 5_000))
def test_more_weight_is_never_cheaper(light: int, more: int, minimum: int) -> None:
    def price(grams: int) -> Decimal:
        tariff = {"currency": "USD", "per_kg": "7.35", "minimum": minimum, "source": "tariff"}
        return sum(costs(kind="freight", tariff=tariff, weight_kg=Decimal(grams).scaleb(-3)).values(), Decimal(0))

    assert price(light) <= price(light + more)
