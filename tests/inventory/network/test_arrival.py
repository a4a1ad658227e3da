"""When a consignment arrives over the legs of a lane."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.network.arrival import Leg, Quantile, arrive
from tests.inventory.network.calendars import OFFICE, ZONES, calendars

HOUR = 3600
SHANGHAI, LA_PAZ, PARIS = "Asia/Shanghai", "America/La_Paz", "Europe/Paris"


def local(zone: str, text: str) -> datetime:
    """Return what a local clock shows, as an instant."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def leg(kind: str, hours: float, p90: float | None = None, **more: object) -> Leg:
    """A leg in hours."""
    return Leg(kind, round(hours * HOUR), round((hours if p90 is None else p90) * HOUR), **more)  # type: ignore[arg-type]


def test_from_friday_evening_in_shanghai_to_la_paz_by_hand() -> None:
    """Ready half an hour after the cut-off, before a weekend and a holiday."""
    legs = [
        leg("pick", 2, calendar=OFFICE, cut_off=17 * 60, zone=SHANGHAI),
        leg("export_clearance", 4, calendar=OFFICE, zone=SHANGHAI),
        leg("transport", 40, zone=SHANGHAI),
        leg("import_clearance", 6, calendar=OFFICE, zone=LA_PAZ),
        leg("delivery", 1, zone=LA_PAZ),
    ]
    told = arrive(local(SHANGHAI, "2026-05-01 17:30"), legs)
    by_hand = [
        ("pick", local(SHANGHAI, "2026-05-05 09:00"), local(SHANGHAI, "2026-05-05 11:00")),
        ("export_clearance", local(SHANGHAI, "2026-05-05 11:00"), local(SHANGHAI, "2026-05-05 16:00")),
        # 40 h later it is Thursday the seventh, 08:00 in Shanghai, and Wednesday, 20:00 in La Paz
        ("transport", local(SHANGHAI, "2026-05-05 16:00"), local(LA_PAZ, "2026-05-06 20:00")),
        ("import_clearance", local(LA_PAZ, "2026-05-07 09:00"), local(LA_PAZ, "2026-05-07 16:00")),
        ("delivery", local(LA_PAZ, "2026-05-07 16:00"), local(LA_PAZ, "2026-05-07 17:00")),
    ]
    assert [(one.kind, one.starts, one.ends) for one in told.legs] == by_hand
    assert told.at == by_hand[-1][2]


@pytest.mark.parametrize(
    ("ready", "starts"),
    [
        ("2026-05-01 17:00", "2026-05-01 17:00"),
        ("2026-05-01 17:00:01", "2026-05-05 09:00"),
        ("2026-05-02 18:00", "2026-05-05 09:00"),
        ("2026-05-05 08:00", "2026-05-05 09:00"),
        ("2026-05-05 12:30", "2026-05-05 13:00"),
    ],
)
def test_the_cut_off_is_the_last_instant_in_time(ready: str, starts: str) -> None:
    pick = leg("pick", 1, calendar=OFFICE, cut_off=17 * 60, zone=SHANGHAI)
    assert arrive(local(SHANGHAI, ready), [pick]).legs[0].starts == local(SHANGHAI, starts)


def test_a_cut_off_without_calendar_waits_for_midnight() -> None:
    flight = leg("transport", 10, cut_off=20 * 60, zone="Africa/Nairobi")
    told = arrive(local("Africa/Nairobi", "2026-05-02 20:01"), [flight])
    assert told.at == local("Africa/Nairobi", "2026-05-03 10:00")


def test_a_cut_off_that_the_clock_shows_twice_is_the_first() -> None:
    flight = leg("transport", 1, cut_off=150, zone=PARIS)
    again = datetime(2026, 10, 25, 1, 10, tzinfo=UTC)  # 02:10, the second time
    assert arrive(again, [flight]).legs[0].starts == local(PARIS, "2026-10-26 00:00")


def test_the_margin_of_independent_legs_is_the_root_of_the_sum_of_squares() -> None:
    ready = datetime(2026, 5, 5, tzinfo=UTC)
    legs = [leg("pick", 2, 5), leg("transport", 10, 14), leg("delivery", 1)]
    assert arrive(ready, legs).at == ready + timedelta(hours=13)
    told = arrive(ready, legs, Quantile.P90)
    assert told.at == ready + timedelta(hours=13 + 5)
    assert [one.ends - one.starts for one in told.legs] == [
        timedelta(hours=2 + 9 / 5),
        timedelta(hours=10 + 16 / 5),
        timedelta(hours=1),
    ]


@pytest.mark.parametrize(("median", "p90"), [(2, 1), (-1, 1)])
def test_percentiles_out_of_order_are_refused(median: int, p90: int) -> None:
    with pytest.raises(ValueError, match="90th percentile"):
        Leg("pick", median, p90)


legs_drawn = st.lists(
    st.builds(
        lambda kind, median, spread, calendar, cut_off, zone: Leg(
            kind, median, median + spread, calendar, cut_off, zone
        ),
        kind=st.sampled_from(["pick", "transport"]),
        median=st.integers(0, 30 * HOUR),
        spread=st.integers(0, 30 * HOUR),
        calendar=st.none() | calendars,
        cut_off=st.none() | st.integers(0, 1440),
        zone=st.sampled_from(ZONES),
    ),
    max_size=4,
)
starts = st.integers(0, 250 * 86_400).map(lambda second: datetime(2026, 3, 20, tzinfo=UTC) + timedelta(seconds=second))


@given(legs=legs_drawn, ready=starts, gap=st.integers(0, 200_000), quantile=st.sampled_from(Quantile))
def test_what_is_ready_later_never_arrives_earlier(
    legs: list[Leg], ready: datetime, gap: int, quantile: Quantile
) -> None:
    first, second = (arrive(ready + timedelta(seconds=wait), legs, quantile) for wait in (0, gap))
    assert first.at <= second.at


@given(legs=legs_drawn, ready=starts)
def test_the_stages_follow_each_other_and_nine_of_ten_take_no_less_than_half(legs: list[Leg], ready: datetime) -> None:
    told = arrive(ready, legs)
    at = ready
    for stage in told.legs:
        assert at <= stage.starts <= stage.ends
        at = stage.ends
    assert told.at == at <= arrive(ready, legs, Quantile.P90).at
