from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections import Counter, defaultdict
from dataclasses import fields
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fieldops.demo.rows import Scale
from fieldops.demo.self_check import EXPECTED
from fieldops.demo.world import World, generate

START = date(2026, 3, 2)
COUNTS = {
    "small": {"regions": 3, "places": 26, "aircraft": 26, "parts": 200, "technicians": 20, "jobs": 60},
    "region": {"regions": 7, "places": 45, "aircraft": 110, "parts": 3_000, "technicians": 120, "jobs": 600},
    "network": {"regions": 15, "places": 545, "aircraft": 2_500, "parts": 20_000, "technicians": 2_000, "jobs": 10_000},
}
SCALES = ["small", "region", pytest.param("network", marks=pytest.mark.slow)]


@cache
def world_of(scale: Scale) -> World:
    return generate(scale, seed=0, start=START)


@pytest.fixture(params=SCALES)
def world(request: pytest.FixtureRequest) -> World:
    return world_of(request.param)


@pytest.fixture
def small() -> World:
    return world_of("small")


def digest(world: World) -> str:
    return hashlib.sha256(repr(world).encode()).hexdigest()


def midnight(day: date) -> datetime:
    return datetime.fromisoformat(f"{day}T00:00:00+00:00")


def check_references(world: World) -> None:
    places = {place.code: place for place in world.places}
    regions = {region.code for region in world.regions}
    parts = {part.part_number for part in world.parts}
    qualifications = {qualification.code for qualification in world.qualifications}
    registrations = {aircraft.registration for aircraft in world.aircraft}
    assert len(places) == len(world.places)
    assert len(parts) == len(world.parts)
    assert len(registrations) == len(world.aircraft)
    assert {region.hub_place for region in world.regions} <= set(places)
    seen: set[str] = set()
    for place in world.places:
        assert place.region in regions
        assert (place.parent is None) == (place.tier == "central")
        assert place.parent is None or place.parent in seen, "a parent stands before its children"
        seen.add(place.code)
        assert str(ZoneInfo(place.time_zone)) == place.time_zone
    assert {end for lane in world.lanes for end in (lane.origin, lane.destination)} <= set(places)
    assert {aircraft.base for aircraft in world.aircraft} <= set(places)
    types = {name for part in world.parts for name in part.aircraft_types}
    assert types == {aircraft.type for aircraft in world.aircraft} <= qualifications
    for rows in (world.targets, world.stock):
        assert {row.part_number for row in rows} <= parts
        assert {row.place for row in rows} <= set(places)
        assert min(row.quantity for row in rows) > 0
        assert len({(row.part_number, row.place) for row in rows}) == len(rows)
    for technician in world.technicians:
        base = places[technician.base]
        assert (base.region, base.area, base.time_zone) == (technician.region, technician.area, technician.time_zone)
        assert {held.code for held in technician.qualifications} <= qualifications
    for job in world.jobs:
        assert (places[job.place].region, places[job.place].area) == (job.region, job.area)
        assert job.aircraft is None or job.aircraft in registrations
        assert set(job.qualifications) <= qualifications
        assert {part for part, _ in job.parts} <= parts
    assert {line.region for line in world.budgets} == regions


def check_week(world: World) -> None:
    begin, end = midnight(world.start), midnight(world.start + timedelta(days=7))
    for job in world.jobs:
        assert begin <= job.window_start < job.window_end <= end
        assert job.due_at >= job.window_start + timedelta(minutes=job.duration_min)
        assert 0 < job.duration_min <= 8 * 60
    for technician in world.technicians:
        days = [shift.work_date for shift in technician.shifts]
        assert len(set(days)) == 5
        assert all(world.start <= day < world.start + timedelta(days=7) for day in days)
        assert all(held.valid_from < held.valid_until for held in technician.qualifications)


def check_budgets(world: World) -> None:
    year = world.start.year
    for line in world.budgets:
        assert line.period_start < line.period_end
        assert line.amount > 0
        assert Decimal(0) <= line.spent + line.committed <= line.amount
        if line.period_start > world.start:
            assert line.spent == line.committed == 0
    lines = {(line.region, line.category) for line in world.budgets}
    assert len(world.budgets) == 4 * len(lines)
    assert {line.period_start for line in world.budgets} == {date(year, month, 1) for month in (1, 4, 7, 10)}
    assert max(line.period_end for line in world.budgets) == date(year + 1, 1, 1)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32), start=st.dates(date(2024, 1, 1), date(2032, 12, 31)))
def test_any_seed_and_date_give_a_whole_world(seed: int, start: date) -> None:
    world = generate("small", seed, start)
    check_references(world)
    check_week(world)
    check_budgets(world)
    assert 10e6 <= world.self_check().stock_value_usd <= 14e6


def test_every_scale_is_whole(world: World) -> None:
    check_references(world)
    check_week(world)
    check_budgets(world)


def test_counts_are_exact(world: World) -> None:
    assert {name: len(getattr(world, name)) for name in COUNTS[world.scale]} == COUNTS[world.scale]
    stock_rows = {"small": (300, 2_000), "region": (2_000, 40_000), "network": (150_000, 250_000)}[world.scale]
    assert stock_rows[0] <= len(world.stock) <= stock_rows[1]


def test_self_check_is_near_the_known_figures(world: World) -> None:
    check = world.self_check()
    for field in fields(check):
        if field.name != "stock_value_usd":
            assert getattr(check, field.name) == pytest.approx(getattr(EXPECTED, field.name), rel=0.4), field.name
    low, high = {"small": (10e6, 14e6), "region": (35e6, 45e6), "network": (0.8e9, 1.2e9)}[world.scale]
    assert low <= check.stock_value_usd <= high


@pytest.mark.slow
def test_network_has_bases_centres_outlets_and_areas() -> None:
    world = world_of("network")
    assert Counter(place.tier for place in world.places) == {"central": 1, "regional": 14, "centre": 30, "outlet": 500}
    assert len({place.area for place in world.places}) == 45
    area = {place.code: place.area for place in world.places}
    assert all(place.area == area[place.parent or ""] for place in world.places if place.tier == "outlet")
    assert {technician.area for technician in world.technicians} == set(area.values())


def test_every_place_is_supplied(world: World) -> None:
    lanes = {(lane.origin, lane.destination, lane.mode): lane for lane in world.lanes}
    assert len(lanes) == len(world.lanes)
    hubs = {region.code: region.hub_place for region in world.regions}
    for place in world.places:
        if place.parent is None:
            continue
        aog = lanes[place.parent, place.code, "aog"]
        routine = lanes[place.parent, place.code, "routine"]
        assert routine.lead_h > 2 * aog.lead_h > 0
        assert 0 < routine.cost_per_kg < aog.cost_per_kg
        assert (place.code, place.parent, "routine") in lanes
        assert ("XIY", place.code, "aog") in lanes
        if place.code != hubs[place.region]:
            assert (hubs[place.region], place.code, "aog") in lanes


def test_jobs_have_the_mix_of_a_week(world: World) -> None:
    total = len(world.jobs)
    kinds = Counter(job.kind for job in world.jobs)
    shares = {"aog": 0.05, "defect": 0.15, "check": 0.45, "bulletin": 0.20, "advisory": 0.15}
    assert kinds == {kind: round(share * total) for kind, share in shares.items()}
    assert {job.priority: job.delay_cost_per_h for job in world.jobs} == {"AOG": 800, "CRITICAL": 150, "ROUTINE": 15}
    assert 0.25 <= sum(bool(job.parts) for job in world.jobs) / total <= 0.45
    assert [job.number for job in world.jobs] == [f"J-{i + 1:05d}" for i in range(total)]


def test_packages_of_one_order_are_on_successive_days(world: World) -> None:
    orders = defaultdict(list)
    for job in world.jobs:
        orders[job.work_order].append(job)
    split = [jobs for jobs in orders.values() if len(jobs) > 1]
    assert split
    for jobs in split:
        assert len({(job.place, job.aircraft) for job in jobs}) == 1
        for before, after in pairwise(jobs):
            assert before.window_end <= after.window_start
            assert after.window_start - before.window_start <= timedelta(days=1)


def test_most_jobs_can_be_signed_and_supplied_and_some_cannot(world: World) -> None:
    crews = defaultdict(list)
    for technician in world.technicians:
        crews[technician.area].append(technician)
    unsigned = 0
    for job in world.jobs:
        first, last = job.window_start.date(), job.window_end.date()
        unsigned += not any(
            set(job.qualifications)
            <= {q.code for q in person.qualifications if q.valid_from <= first <= last <= q.valid_until}
            for person in crews[job.area]
        )
    on_hand: Counter[str] = Counter()
    for row in world.stock:
        on_hand[row.part_number] += row.quantity
    lacking = sum(any(on_hand[part] < quantity for part, quantity in job.parts) for job in world.jobs)
    assert 0 < unsigned <= 0.08 * len(world.jobs)
    assert 0 < lacking <= 0.08 * len(world.jobs)


def test_technicians_hold_the_usual_shares(world: World) -> None:
    types = {aircraft.type for aircraft in world.aircraft}
    total = len(world.technicians)
    holders = Counter(code for person in world.technicians for code in {held.code for held in person.qualifications})
    rated = sum(bool(types & {held.code for held in person.qualifications}) for person in world.technicians)
    expected = {"LINE": 0.45, "BASE": 0.15, "INSPECTOR": 0.12, "ENGINE_RUN": 0.2, "BORESCOPE": 0.1}
    for code, share in expected.items():
        assert holders[code] == pytest.approx(share * total, abs=0.02 * total + 1), code
    assert rated == pytest.approx(0.7 * total, abs=0.02 * total + 1)
    held = [held for person in world.technicians for held in person.qualifications]
    left = [(one.valid_until - world.start).days for one in held]
    assert 1 <= sum(days < 0 for days in left) <= 0.02 * len(held)
    assert 0.08 <= sum(0 <= days <= 90 for days in left) / len(held) <= 0.12
    assert any(0 <= days < 7 for days in left), "one runs out within the week"


def test_stock_leaves_something_to_replenish(world: World) -> None:
    on_hand = {(row.part_number, row.place): row.quantity for row in world.stock}
    targets = {(row.part_number, row.place): row.quantity for row in world.targets}
    below = sum(on_hand.get(key, 0) < quantity for key, quantity in targets.items()) / len(targets)
    above = sum(on_hand.get(key, 0) > quantity for key, quantity in targets.items()) / len(targets)
    assert 0.08 <= below <= 0.25
    assert 0.01 <= above <= 0.10
    assert set(on_hand) <= set(targets)
    wheels = {part.part_number for part in world.parts if part.description == "Main wheel assembly"}
    outlets = {place.code for place in world.places if place.tier == "outlet"}
    assert any(part in wheels and place in outlets for part, place in on_hand)


def test_budget_of_the_year_and_tight_lines(world: World) -> None:
    operating = sum(line.amount for line in world.budgets if line.category != "capital")
    capital = sum(line.amount for line in world.budgets if line.category == "capital")
    yearly = {"small": (4.3e6, 1.0e6), "region": (18e6, 3.5e6), "network": (450e6, 85e6)}[world.scale]
    assert (float(operating), float(capital)) == pytest.approx(yearly, rel=1e-6)
    running = [line for line in world.budgets if line.period_start <= world.start < line.period_end]
    used = [float((line.spent + line.committed) / line.amount) for line in running]
    tight = [share for share in used if share > 0.9]
    assert 3 <= len(tight) < len(running) / 5
    assert all(0.919 <= share <= 0.991 for share in tight)


def test_parts_are_described_in_both_languages(world: World) -> None:
    assert all(any("\u4e00" <= sign <= "\u9fff" for sign in part.description_zh) for part in world.parts)
    assert all(part.description.isascii() for part in world.parts)
    assert {"UN2795", "UN1044", "UN0323", "UN1072", "UN3356"} <= {part.un_number for part in world.parts}


def test_names_come_in_several_scripts(world: World) -> None:
    names = "".join(person.name for person in world.technicians)
    assert any("\u4e00" <= sign <= "\u9fff" for sign in names)
    assert any("\u0e80" <= sign <= "\u0eff" for sign in names)
    assert any(sign.isascii() and sign.isalpha() for sign in names)


def test_money_is_in_cents(world: World) -> None:
    amounts = [part.standard_cost for part in world.parts]
    amounts += [part.repair_cost for part in world.parts if part.repair_cost is not None]
    amounts += [price for lane in world.lanes for price in (lane.cost_per_kg, lane.cost_per_piece)]
    amounts += [person.cost_per_h for person in world.technicians]
    amounts += [amount for line in world.budgets for amount in (line.amount, line.spent, line.committed)]
    assert {amount.as_tuple().exponent for amount in amounts} == {-2}
    assert min(amounts) >= 0


@pytest.mark.parametrize("scale", ["small", "region"])
def test_same_seed_same_rows_other_seed_other_rows(scale: Scale) -> None:
    first = generate(scale, seed=7, start=START)
    assert first == generate(scale, seed=7, start=START)
    other = generate(scale, seed=8, start=START)
    for section in ("lanes", "aircraft", "parts", "targets", "stock", "technicians", "jobs", "budgets"):
        assert getattr(first, section) != getattr(other, section), section


def test_rows_do_not_depend_on_the_process(small: World) -> None:
    code = (
        "import datetime, hashlib; from fieldops.demo.world import generate;"
        "print(hashlib.sha256(repr(generate('small', 0, datetime.date(2026, 3, 2))).encode()).hexdigest())"
    )
    for hash_seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
        run = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
        assert run.stdout.strip() == digest(small)


def test_another_date_keeps_the_network(small: World) -> None:
    later = generate("small", seed=0, start=START + timedelta(days=7))
    assert (later.parts, later.lanes, later.stock, later.aircraft) == (
        small.parts,
        small.lanes,
        small.stock,
        small.aircraft,
    )
    assert later.jobs != small.jobs


def test_bad_input_is_refused() -> None:
    with pytest.raises(ValueError, match=r"unknown scale 'huge'.*small, region, network"):
        generate("huge", seed=0, start=START)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="seed must not be negative"):
        generate("small", seed=-1, start=START)
