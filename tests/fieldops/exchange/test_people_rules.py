"""Files of people: what a rule refuses a file does not bring in, and nobody lends another region's people."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from fieldops.dispatch.models import Job
from fieldops.exchange.existing import Existing
from fieldops.exchange.service import export_file
from fieldops.exchange.tables import KINDS
from fieldops.workforce.models import Shift, Technician
from fieldops.workforce.roster.models import Secondment
from inventory.kernel.actor import Actor, Scope
from tests.fieldops.exchange.test_import import count, taken_in
from tests.fieldops.exchange.world import fill

RIGHTS = frozenset({"network.read", "workforce.read", "workforce.write"})
HOME = Actor("home", permissions=RIGHTS, scope=Scope(regions=frozenset({"SEA"})))
BORROWER = Actor("borrower", permissions=RIGHTS, scope=Scope(regions=frozenset({"FAR"})))
LOAN = "technician,starts_at,region,ends_at,reason"


@pytest.fixture
def csv(tmp_path: Path) -> Path:
    """The name of a file."""
    return tmp_path / "t.csv"


def person(code: str, shifts: str) -> str:
    """A row of somebody with shifts."""
    return f"{code},Name,VTE,Asia/Vientiane,20,USD,{shifts}"


def test_shifts_of_a_file_keep_the_rest_rule(engine: Engine, csv: Path) -> None:
    fill(engine)
    before = (count(engine, Technician), count(engine, Shift))
    header = "code,name,base,time_zone,cost_per_h,currency,shifts"
    rested = person("T-20", "2026-03-02|08:00|16:00;2026-03-03|08:00|16:00")
    tired = person("T-21", "2026-03-02|22:00|06:00;2026-03-03|09:00|17:00")
    told = taken_in(engine, "technicians", csv, header, rested, tired)
    assert not told.applied
    assert [(one.row, one.column, "3.0 h of rest" in one.reason) for one in told.bad] == [(3, "shifts", True)]
    assert (count(engine, Technician), count(engine, Shift)) == before
    assert taken_in(engine, "technicians", csv, header, rested).applied


@pytest.mark.parametrize(
    ("kind", "header", "row"),
    [
        ("certificates", "technician,code,valid_from,valid_until", "T-9,LIC,2026-05-01,{}-01-01"),
        ("experience", "technician,aircraft_type,starts_on,ends_on", "T-9,TP60,2026-05-01,{}-01-01"),
        ("cost-rates", "technician,valid_from,per_h,currency", "T-9,2026-05-01,{},USD"),
    ],
)
def test_what_people_hold_is_replaced_only_where_a_file_is_to_update(
    engine: Engine, csv: Path, kind: str, header: str, row: str
) -> None:
    fill(engine)
    told = taken_in(engine, kind, csv, header, row.format(2027))
    assert (told.added, told.changed, told.unchanged, told.applied) == (1, 0, 0, True)
    told = taken_in(engine, kind, csv, header, row.format(2027))
    assert (told.added, told.changed, told.unchanged, told.applied) == (0, 0, 1, True)
    told = taken_in(engine, kind, csv, header, row.format(2028))
    assert ([one.row for one in told.bad], "differs" in told.bad[0].reason, told.applied) == ([2], True, False)
    told = taken_in(engine, kind, csv, header, row.format(2028), existing=Existing.UPDATE)
    assert (told.added, told.changed, told.unchanged, told.applied) == (0, 1, 0, True)


def test_a_rotation_that_is_there_is_told_as_unchanged(engine: Engine, csv: Path) -> None:
    fill(engine)
    header, stay = "registration,station,arrives_at,departs_at,flight", "B-1,VTE,2026-05-01T0{}:00:00Z,{},TP1"
    at = [stay.format(hour, f"2026-05-01T0{hour + 1}:00:00Z") for hour in (1, 1, 3)]
    counts = []
    for row in (*at, at[0].replace("B-1", "B-NONE")):
        told = taken_in(engine, "rotations", csv, header, row)
        counts.append((told.added, told.changed, told.unchanged))
    assert counts == [(1, 0, 0), (0, 0, 1), (0, 1, 0), (1, 0, 0)]


def test_only_the_home_region_lends_and_tells_whom_it_lends(engine: Engine, csv: Path) -> None:
    fill(engine)
    row = "T-9,2026-04-01T00:00:00Z,FAR,2026-04-02T00:00:00Z,help"
    before = count(engine, Secondment)
    told = taken_in(engine, "secondments", csv, LOAN, row, actor=BORROWER)
    assert [(one.column, one.value) for one in told.bad] == [("technician", "T-9")]
    assert count(engine, Secondment) == before
    assert taken_in(engine, "secondments", csv, LOAN, row, actor=HOME).applied
    assert count(engine, Secondment) == before + 1
    for actor, rows in ((HOME, before + 1), (BORROWER, 0)):
        export_file(engine, actor, KINDS["secondments"], csv, replace=True)
        assert len(csv.read_text().splitlines()) == 1 + rows


def test_a_job_of_a_file_on_an_aircraft_that_is_not_in_the_fleet_is_not_kept(engine: Engine, csv: Path) -> None:
    fill(engine)
    header = "number,work_order,title,kind,priority,place,aircraft,duration_min,window_start,window_end,due_at"
    times = "2026-03-09T00:00:00Z,2026-03-10T00:00:00Z,2026-03-10T00:00:00Z"
    rows = [f"J-2{at},W,Pump,defect,ROUTINE,VTE,{tail},60,{times},15,USD" for at, tail in enumerate(("B-1", "B-NONE"))]
    before = count(engine, Job)
    told = taken_in(engine, "jobs", csv, f"{header},delay_cost_per_h,currency", *rows)
    assert [(one.row, one.column, one.value) for one in told.bad] == [(3, "aircraft", "B-NONE")]
    assert "add it to the fleet first" in told.bad[0].reason
    assert count(engine, Job) == before
    assert taken_in(engine, "jobs", csv, f"{header},delay_cost_per_h,currency", rows[0]).applied
