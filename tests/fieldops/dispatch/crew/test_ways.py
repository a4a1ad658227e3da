"""Where ways lie: home between two jobs or straight on, in the same duty or after a night away."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from fieldops.dispatch.crew.ways import Booked, Ways
from fieldops.workforce.facts import Engagement, JobFacts, PersonFacts
from fieldops.workforce.rest import RestRule, Span

HOUR = timedelta(hours=1)
DAWN = datetime(2026, 3, 3, tzinfo=UTC)
REST = RestRule("R", 13 * HOUR, 2 * HOUR, 11 * HOUR, time(23), time(6), 12 * HOUR, 24 * HOUR, True, 8 * HOUR, None)


def at(hour: float) -> datetime:
    """So many hours after the first midnight."""
    return DAWN + hour * HOUR


def span(start: float, end: float) -> Span:
    """From an hour to another."""
    return at(start), at(end)


def ways(way: float, *, booked: Booked | None = None, cross: float = 0) -> Ways:
    """A base and two places so far away; so far from each other."""
    times = {pair: way * HOUR for place in "AB" for pair in (("BASE", place), (place, "BASE"))}
    times |= {("A", "B"): cross * HOUR, ("B", "A"): cross * HOUR}
    return Ways(times, {} if booked is None else {"P": booked})


def on(place: str, start: float, end: float) -> JobFacts:
    """The job that is judged."""
    return JobFacts("J", *span(start, end), place)


def person(*engagements: Engagement, duties: tuple[Span, ...] = ()) -> PersonFacts:
    """Somebody at the base."""
    return PersonFacts("P", None, "BASE", engagements=engagements, duties=duties, rest=REST)


def test_one_goes_there_and_home_in_one_duty() -> None:
    _person, job = ways(2).travelling(person(), on("A", 10, 14))
    assert job.travel == (span(8, 10), span(14, 16))


def test_what_does_not_fit_into_a_duty_lies_a_rest_away_or_in_the_next_one() -> None:
    _person, job = ways(4).travelling(person(), on("A", 10, 16))
    assert job.travel == (span(6, 10), span(28, 32))
    _person, job = ways(4).travelling(person(duties=(span(8, 18), span(32, 42))), on("A", 16, 18))
    assert job.travel == (span(12, 16), span(32, 36))
    _person, job = ways(12).travelling(person(), on("A", 10, 16))
    assert job.travel == (span(-14, -2), span(28, 40))


def test_one_goes_home_between_jobs_only_with_time_to_rest() -> None:
    found, job = ways(2, cross=1).travelling(person(Engagement("K", *span(10, 12), "A")), on("B", 14, 16))
    assert (found.travel, job.travel) == ((span(8, 10),), (span(13, 14), span(16, 18)))
    found, job = ways(2, cross=1).travelling(person(Engagement("K", *span(10, 12), "A")), on("A", 24, 26))
    assert (found.travel, job.travel) == ((span(8, 10),), (span(26, 28),))
    found, job = ways(2).travelling(person(Engagement("K", *span(10, 12), "A")), on("B", 27, 29))
    assert (found.travel, job.travel) == ((span(8, 10), span(12, 14)), (span(25, 27), span(29, 31)))


def test_a_way_that_was_booked_takes_the_place_of_the_planned_one() -> None:
    found, job = ways(2, booked=Booked(ways=[("J", span(5, 9))])).travelling(person(), on("A", 10, 14))
    assert (found.travel, job.travel) == ((span(5, 9),), (span(14, 16),))


@given(st.floats(0, 30), st.floats(0, 23), st.floats(0.5, 12))
def test_no_way_lies_in_the_work_that_it_leads_to(way: float, start: float, hours: float) -> None:
    _person, job = ways(way).travelling(person(), on("A", start, start + hours))
    assert all(until <= job.starts_at or job.ends_at <= since for since, until in job.travel)
    assert all(until - since <= REST.duty_max for since, until in job.travel)
