"""What a reader of one region is told of a plan: what is theirs, and no place, person, job or stock of another."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from fieldops.planning.explaining import explain_part
from fieldops.planning.portion import Discretion, told_plan
from fieldops.planning.queries import plan_by_number
from fieldops.planning.schemas import ReasonOut
from fieldops.planning.service import PlanRequest, make_day_plan
from fieldops.settings import sqlite_url
from inventory.kernel.actor import SYSTEM, Actor, Scope
from inventory.kernel.engine import open_engine, reading
from inventory.kernel.errors import Forbidden
from optimizer.run import Limit
from tests.conftest import NOW
from tests.fieldops.planning.random_worlds import MONDAY, RandomWorld, load_random
from tests.worlds import TINY_DATE, load_tiny


@contextmanager
def random_database(template: Path, seed: int) -> Iterator[tuple[Engine, RandomWorld]]:
    """A database of its own for each example of a property."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "world.db"
        shutil.copyfile(template, file)
        engine = open_engine(sqlite_url(file))
        try:
            yield engine, load_random(engine, seed)
        finally:
            engine.dispose()


def manager(region: str) -> Actor:
    """Return somebody who sees one region."""
    return Actor(f"manager-{region}", scope=Scope(regions=frozenset({region})))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10_000), alone=st.booleans())
def test_nothing_of_another_region_is_named(migrated_file: Path, seed: int, alone: bool) -> None:
    with random_database(migrated_file, seed) as (engine, world):
        regions = sorted(set(world.regions.values()) - {""})
        for region in regions:
            reader = manager(region)
            asked = PlanRequest(MONDAY, region=region if alone else None, limit=Limit(iterations=5))
            number = make_day_plan(engine, SYSTEM, asked, clock=lambda: NOW).plan
            foreign = {place for place, other in world.regions.items() if other not in ("", region)}
            # the central depot's stock and what it sends are everybody's to see
            names = {place for place in foreign if place != "HUB0"}
            names |= {code for code, job in world.jobs.items() if job.place in foreign}
            names |= {code for code, one in world.technicians.items() if one.base in foreign}
            with reading(engine, reader) as session:
                told = told_plan(session, plan_by_number(session, number))
            texts = [told.model_dump_json()]
            texts += [
                explain_part(engine, reader, number, move.part).model_dump_json() for move in told.replenishment.moves
            ]
            outgoing = {move.destination for move in told.replenishment.moves if move.origin not in foreign}
            for name in names - outgoing:
                assert not [text for text in texts if re.search(rf"\b{re.escape(name)}\b", text)], name
            assert {line.region for line in told.budget.lines} <= {region}


def test_a_reader_of_the_whole_network_is_told_everything(engine: Engine) -> None:
    load_tiny(engine)
    made = make_day_plan(engine, SYSTEM, PlanRequest(TINY_DATE, limit=Limit(iterations=20)), clock=lambda: NOW)
    with reading(engine, SYSTEM) as session:
        assert told_plan(session, plan_by_number(session, made.plan)) == made
    with reading(engine, manager("SEA")) as session:
        part = told_plan(session, plan_by_number(session, made.plan))
    assert (part.dispatch.objective, part.dispatch.assigned) == (None, len(part.dispatch.assignments))
    assert {one.job for one in part.dispatch.assignments} == {"J-1", "J-3", "J-5"}
    assert 0 < part.dispatch.cost.total < made.dispatch.cost.total


@pytest.mark.parametrize("region", ["CN", None])
def test_only_ones_own_regions_are_planned(engine: Engine, region: str | None) -> None:
    load_tiny(engine)
    with pytest.raises(Forbidden):
        make_day_plan(engine, manager("SEA"), PlanRequest(TINY_DATE, region=region), clock=lambda: NOW)


def test_a_regional_manager_plans_the_region_alone(engine: Engine) -> None:
    load_tiny(engine)
    asked = PlanRequest(TINY_DATE, region="SEA", limit=Limit(iterations=20))
    made = make_day_plan(engine, manager("SEA"), asked, clock=lambda: NOW)
    assert {one.job for one in made.dispatch.assignments} == {"J-1", "J-3", "J-5"}


DISCRETION = Discretion(
    regions={"BUQ": "the region ESA", "VTE": "the region SEA"},
    shelves=frozenset({"VTE", "XIY"}),
    jobs=frozenset({"J-1"}),
)


def cut(code: str, **values: str | int | float) -> dict[str, str | int | float] | None:
    """Return the values of a reason as the reader is told them."""
    (told,) = DISCRETION.told([ReasonOut(code=code, text="", misses_by=None, values=values)])
    return told.values


def test_of_anothers_stock_the_region_and_a_band_are_told() -> None:
    assert cut("no_route", place="BUQ", pieces=3) == {"place": "the region ESA", "pieces": "2–4"}
    assert cut("no_route", place="BUQ", pieces=1) == {"place": "the region ESA", "pieces": 1}
    assert cut("no_route", place="BUQ", pieces=400) == {"place": "the region ESA", "pieces": "10+"}
    assert cut("no_route", place="VTE", pieces=3) == {"place": "VTE", "pieces": 3}
    assert cut("next_best", place="XIY") == {"place": "XIY"}


def test_those_who_get_the_stock_are_named_where_they_are_ones_own() -> None:
    told = cut("scarce", each_1=2, job_1="J-9", each_2=1, job_2="J-1", each_3=1, target_3="BUQ", each_other=4)
    assert told == {"each_1": 1, "job_1": "J-1", "each_other": 7}
