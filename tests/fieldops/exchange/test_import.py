"""Every fault of a file is told with its place, and a file with a fault changes nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import Workbook
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from fieldops.dispatch.crew.models import Assignment
from fieldops.dispatch.crew.service import CrewRefused, assign
from fieldops.dispatch.execution.lifecycle import EventKind, JobState
from fieldops.dispatch.execution.models import JobEvent
from fieldops.dispatch.models import Job
from fieldops.dispatch.service import job_to_change
from fieldops.exchange import schemas, service
from fieldops.exchange.existing import Existing
from fieldops.exchange.kinds import Kind
from fieldops.exchange.schemas import ImportReport
from fieldops.exchange.service import export_file, import_file
from fieldops.exchange.tables import KINDS, kind_named
from fieldops.terminal import Interrupted
from fieldops.workforce.kinds import Seat
from inventory.catalogue.models import Part
from inventory.catalogue.queries import parts_by_number
from inventory.kernel.actor import SYSTEM, Actor
from inventory.kernel.audit import AuditRow
from inventory.kernel.engine import reading, writing
from inventory.kernel.errors import Forbidden, Invalid
from inventory.ledger.models import StockBalance, StockMove
from inventory.ledger.service import reverse
from inventory.network.models import Lane, Place
from inventory.network.queries import places_told
from inventory.traceability.models import AcceptanceRule
from tests.conftest import NOW
from tests.fieldops.exchange.world import fill
from tests.hangar import MORNING, load_hangar

PART_COLUMNS = (
    "part_number,manufacturer_code,ata_chapter,description,part_class,essentiality,currency,standard_cost,"
    "lead_time_days,weight_kg,usage_driver"
)
REST = "TEST0,24-31,Lamp,expendable,GO,USD,1.5,30,1,calendar"


def taken_in(
    engine: Engine,
    kind: str | Kind,
    file: Path,
    *lines: str,
    dry_run: bool = False,
    actor: Actor = SYSTEM,
    existing: Existing = Existing.REFUSE,
) -> ImportReport:
    """What becomes of a file, which is written first where lines are given."""
    if lines:
        file.write_text("\n".join(lines) + "\n")
    what = KINDS[kind] if isinstance(kind, str) else kind
    return import_file(engine, actor, what, file, clock=lambda: NOW, dry_run=dry_run, existing=existing)


def faults(told: ImportReport) -> list[tuple[int, str, str]]:
    """Where the faults are."""
    return [(one.row, one.column, one.value) for one in told.bad]


def count(engine: Engine, table: type[object]) -> int:
    """How many records there are."""
    with reading(engine, SYSTEM) as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


@pytest.fixture
def csv(tmp_path: Path) -> Path:
    """The name of a file."""
    return tmp_path / "t.csv"


def test_every_bad_row_is_told_with_its_place(engine: Engine, csv: Path) -> None:
    fill(engine)
    told = taken_in(
        engine,
        "opening-stock",
        csv,
        "Part,place,Quantity,condition,lot",
        "-LAMP,VTE,2,new,",
        "-LAMP,VTE,2,new,",
        "GHOST,NOWHERE,2,new,",
        "-LAMP,XIY,minus,pristine,",
        "'-LAMP,XIY,1,,",
        "-LAMP,,1,,",
        '-LAMP,XIY,"1,5",repaired,',
    )
    assert faults(told) == [
        (3, "", ""),
        (4, "place", "NOWHERE"),
        (4, "part", "GHOST"),
        (5, "condition", "pristine"),
        (5, "quantity", "minus"),
        (7, "place", ""),
        (8, "quantity", "1,5"),
    ]
    assert (told.rows, told.ok, told.bad_count, told.applied) == (7, 2, 7, False)
    assert all(one.reason for one in told.bad)


def test_a_second_import_is_refused_row_by_row(engine: Engine, tmp_path: Path) -> None:
    fill(engine)
    adding = [kind for kind in KINDS.values() if kind.standing is not None]
    assert len(adding) > 8
    for kind in adding:
        file = tmp_path / f"{kind.name}.csv"
        rows = export_file(engine, SYSTEM, kind, file)
        told = taken_in(engine, kind, file, dry_run=True)
        assert (told.bad_count, told.ok) == (rows, 0)


def test_what_only_the_use_case_knows_is_told_with_its_row(engine: Engine, csv: Path) -> None:
    fill(engine)
    before = count(engine, AuditRow)
    lines = (
        "part,alternative,kind,source,starts_on",
        "PUMP,00042,supersedes,A,2026-01-01",
        "-LAMP,PUMP,supersedes,A,2026-01-01",
    )
    for dry_run in (True, False):
        told = taken_in(engine, "interchangeability", csv, *lines, dry_run=dry_run)
        assert (faults(told), told.ok, told.applied) == ([(3, "alternative", "PUMP")], 1, False)
    rows = ("XIY,PUMP,1,own", "XIY,-LAMP,1,own", "XIY,PUMP,2,pool:Z", "XIY,-LAMP,1,pool:Z")
    told = taken_in(engine, "opening-stock", csv, "place,part,quantity,owner", *rows)
    assert [one.row for one in told.bad] == [2, 4]
    assert count(engine, AuditRow) == before


def test_a_row_that_does_not_fit_hides_no_fault_of_others(engine: Engine, csv: Path) -> None:
    fill(engine)
    # a pump has a serial number; the other half is fine
    rows = [f"XIY,PUMP,1,pool:{at}" if at % 2 else f"XIY,-LAMP,1,pool:{at}" for at in range(60)]
    told = taken_in(engine, "opening-stock", csv, "place,part,quantity,owner", *rows, "XIY,-LAMP,few,own", dry_run=True)
    assert [one.row for one in told.bad] == [*range(3, 62, 2), 62]
    assert (told.ok, told.added, told.bad_count) == (30, 30, 31)


def test_a_trial_that_ends_early_tells_of_all_rows(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(engine)
    monkeypatch.setattr(service, "REFUSED_MAX", 2)
    file, book = tmp_path / "t.xlsx", Workbook()
    for sheet, quantity in ((book.worksheets[0], 1), (book.create_sheet("More"), "few")):
        sheet.append(["place", "part", "quantity", "owner"])
        for at in range(4):
            sheet.append(["XIY", "PUMP", quantity, f"pool:{sheet.title}{at}"])
    book.save(file)
    told = taken_in(engine, replace(KINDS["opening-stock"], portion=2), file, dry_run=True)
    assert [(one.sheet, one.row) for one in told.bad] == [
        ("Sheet", 2),
        ("Sheet", 3),
        *(("More", row) for row in range(2, 6)),
    ]
    assert (told.rows, told.ok) == (8, 2)


def test_what_refers_to_another_row_is_not_refused_with_it(engine: Engine, csv: Path) -> None:
    header = "code,name,tier,region,area,latitude,longitude,time_zone,parent"
    taken_in(engine, "regions", csv, "code,name", "SEA,South")
    rest = "Name,outlet,SEA,SEA,1,2,Asia/Vientiane"
    rows = [f"A{at},{rest},A{at + 1}" for at in range(8)]
    told = taken_in(engine, "places", csv, header, *rows, f"A8,{rest},", f"C,{rest},C")
    assert [one.row for one in told.bad] == [11]
    assert told.added == 9


def test_a_file_updates_what_is_there(engine: Engine, csv: Path) -> None:
    fill(engine)
    before = count(engine, AuditRow)
    lines = "part_number,standard_cost,descriptions", "-LAMP,12.5,", "00042,9500.1234,fr|Pile", "PUMP,9500.1234,"
    for dry_run in (True, False):
        told = taken_in(engine, "parts", csv, *lines, dry_run=dry_run, existing=Existing.UPDATE)
        assert (told.bad, told.applied) == ([], not dry_run)
        assert (told.added, told.changed, told.unchanged) == (0, 2, 1)
        assert (count(engine, AuditRow) > before) is not dry_run
    with reading(engine, SYSTEM) as session:
        parts = parts_by_number(session, ["-LAMP", "00042", "PUMP"])
    assert parts["-LAMP"].standard_cost == Decimal("12.5")
    # an empty cell empties; what the file does not have stays
    assert (parts["00042"].descriptions, parts["00042"].shelf_life_days) == ({"fr": "Pile"}, 100)
    assert {number: part.version for number, part in parts.items()} == {"-LAMP": 2, "00042": 2, "PUMP": 1}
    again = taken_in(engine, "parts", csv, *lines, existing=Existing.UPDATE)
    assert (again.applied, again.changed, again.unchanged) == (True, 0, 3)


def test_an_update_adds_what_is_new_and_leaves_what_lasts(engine: Engine, csv: Path) -> None:
    fill(engine)
    lines = (
        f"{PART_COLUMNS},unit",
        f"-LAMP,{REST},EA",
        f"NEW,{REST},EA",
        "PUMP,TEST0,24-31,,expendable,GO,USD,,1,1,days,EA",
    )
    told = taken_in(engine, "parts", csv, *lines, existing=Existing.UPDATE)
    assert faults(told) == [
        (2, "unit", "EA"),
        (4, "description", ""),
        (4, "standard_cost", ""),
        (4, "usage_driver", "days"),
    ]
    assert (told.added, told.applied) == (1, False)
    told = taken_in(engine, "parts", csv, lines[0], lines[2], lines[1].replace("EA", "KG"), existing=Existing.UPDATE)
    assert (told.bad, told.added, told.changed, told.applied) == ([], 1, 1, True)
    # a new part needs all that a part needs
    told = taken_in(engine, "parts", csv, "part_number,weight_kg", "NEWER,2", existing=Existing.UPDATE)
    assert {(one.row, one.column) for one in told.bad} > {(2, "standard_cost"), (2, "ata_chapter")}


def test_places_and_rules_are_updated(engine: Engine, csv: Path) -> None:
    fill(engine)
    told = taken_in(
        engine, "places", csv, "code,name,calendar", "VTE,万象,", "XIY,咸阳,OFFICE", existing=Existing.UPDATE
    )
    assert (told.bad, told.changed) == ([], 2)
    told = taken_in(engine, "places", csv, "code,tier,time_zone", "VTE,outlet,Asia/Vientiane", existing=Existing.UPDATE)
    assert faults(told) == [(2, "tier", "outlet")]
    with reading(engine, SYSTEM) as session:
        places = places_told(session, ["VTE", "XIY"])
    assert {code: (place.name, place.calendar) for code, place in places.items()} == {
        "VTE": ("万象", None),
        "XIY": ("咸阳", "OFFICE"),
    }
    export_file(engine, SYSTEM, KINDS["acceptance-rules"], csv, replace=True)
    rules = csv.read_text()
    told = taken_in(engine, "acceptance-rules", csv, existing=Existing.UPDATE)
    assert (told.bad, told.changed, told.unchanged) == ([], 0, rules.count("\n") - 1)
    with reading(engine, SYSTEM) as session:
        code = session.scalars(select(AcceptanceRule.code).order_by(AcceptanceRule.code)).first()
    told = taken_in(engine, "acceptance-rules", csv, "code,ends_on", f"{code},2030-01-01", existing=Existing.UPDATE)
    assert (told.bad, told.changed) == ([], 1)
    export_file(engine, SYSTEM, KINDS["acceptance-rules"], csv, replace=True)
    assert csv.read_text().replace("2030-01-01", "") == rules


def test_only_kinds_that_can_be_updated_are(engine: Engine, csv: Path) -> None:
    with pytest.raises(Invalid, match="lots"):
        taken_in(engine, "lots", csv, "part,number,kind", "A,B,serial", existing=Existing.UPDATE)


def test_a_dry_run_changes_nothing(engine: Engine, csv: Path) -> None:
    told = taken_in(engine, "parts", csv, PART_COLUMNS, f"P-1,{REST}", dry_run=True)
    assert (told.bad, told.ok, told.applied) == ([], 1, False)
    assert (count(engine, Part), count(engine, AuditRow)) == (0, 0)
    assert taken_in(engine, "parts", csv).applied
    assert count(engine, Part) == 1


@pytest.mark.parametrize("url", ["engine", pytest.param("postgres_engine", marks=pytest.mark.postgres)])
def test_an_error_in_the_last_portion_leaves_nothing(url: str, request: pytest.FixtureRequest, csv: Path) -> None:
    engine: Engine = request.getfixturevalue(url)
    fill(engine)
    before = count(engine, StockMove), count(engine, StockBalance), count(engine, AuditRow)
    parts_of_three = replace(KINDS["opening-stock"], portion=3)
    lines = [f"VTE,-LAMP,1,pool:{number}" for number in range(8)]
    told = taken_in(engine, parts_of_three, csv, "place,part,quantity,owner", *lines, "VTE,PUMP,1,own")
    assert ([one.row for one in told.bad], told.applied) == ([10], False)
    assert (count(engine, StockMove), count(engine, StockBalance), count(engine, AuditRow)) == before
    assert taken_in(engine, parts_of_three, csv, "place,part,quantity,owner", *lines).applied
    assert count(engine, StockMove) == before[0] + 8


@pytest.mark.parametrize("end", [KeyboardInterrupt(), Interrupted("", code="stopped"), MemoryError()])
def test_whatever_ends_an_import_leaves_nothing(engine: Engine, csv: Path, end: BaseException) -> None:
    done: list[int] = []

    def stop_late(session: Session, actor: Actor, rows: list[object], now: object) -> None:
        KINDS["parts"].apply(session, actor, rows, NOW)
        done.append(len(rows))
        if len(done) == 3:
            raise end

    stopping = replace(KINDS["parts"], portion=2, apply=stop_late)  # type: ignore[arg-type]  # it never ends
    with pytest.raises(type(end)):
        taken_in(engine, stopping, csv, PART_COLUMNS, *(f"P-{number},{REST}" for number in range(9)))
    assert done == [2, 2, 2]
    assert count(engine, Part) == 0


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ("part,place,quantity,colour", "unknown: colour"),
        ("part,quantity", "missing: place"),
        ("part,place,quantity,Part", "twice: part"),
    ],
)
def test_a_wrong_header_names_the_columns(engine: Engine, csv: Path, header: str, told: str) -> None:
    with pytest.raises(Invalid, match=told) as refusal:
        taken_in(engine, "opening-stock", csv, header, "a,b,c,d")
    assert all(column.name in refusal.value.message for column in KINDS["opening-stock"].columns)


def test_places_may_stand_before_their_parents(engine: Engine, csv: Path) -> None:
    header = "code,name,tier,region,area,latitude,longitude,time_zone,parent"
    rest = "Name,outlet,SEA,SEA,1,2,Asia/Vientiane"
    taken_in(engine, "regions", csv, "code,name", "SEA,South")
    told = taken_in(engine, "places", csv, header, f"A,{rest},B", f"B,{rest},C", f"C,{rest},GONE")
    assert faults(told) == [(4, "parent", "GONE")]
    assert taken_in(engine, "places", csv, header, f"A,{rest},B", f"B,{rest},").applied
    assert count(engine, Place) == 2


def test_lists_in_a_cell(engine: Engine, csv: Path) -> None:
    fill(engine)
    header = "origin;destination;mode;cost_per_kg;currency;legs"
    good = 'VTE;XIY;road;1;USD;"pick|2|4||17:00|origin;transport|6"'
    long = 'VTE;XIY;rail;1;USD;"pick|2|4||17:00|origin|x"'
    unknown = 'VTE;XIY;air;1;USD;"pick|2|4|GHOST"'
    told = taken_in(engine, "lanes", csv, header, good, long, unknown)
    assert [(one.row, one.column) for one in told.bad] == [(3, "legs"), (4, "legs")]
    assert "kind|median_h|p90_h|calendar|cut_off|zone;…" in told.bad[0].reason
    assert taken_in(engine, "lanes", csv, header, good).applied
    assert count(engine, Lane) == 3


def test_cells_that_excel_changed_are_told(engine: Engine, tmp_path: Path) -> None:
    file = tmp_path / "t.xlsx"
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(["code", "name"])
    for code in (12.0, 12.5, 1234567890123456789, True, NOW.replace(tzinfo=None), "00123"):
        sheet.append([code, "name"])
    sheet["C4"] = "beside"
    other = book.create_sheet("More")
    other.append(["name", "code"])
    other.append(["name", "12"])
    book.save(file)
    told = taken_in(engine, "regions", file)
    assert [(one.sheet, one.row, one.column) for one in told.bad] == [
        ("Sheet", 3, "code"),
        ("Sheet", 4, "code"),
        ("Sheet", 4, ""),
        ("Sheet", 5, "code"),
        ("Sheet", 6, "code"),
        ("More", 2, "code"),
    ]
    assert told.bad[-1].reason == "the same stands in row Sheet!2 already"
    assert told.ok == told.rows - 5


def test_numbers_of_excel_are_taken_exactly(engine: Engine, tmp_path: Path) -> None:
    fill(engine)
    file = tmp_path / "t.xlsx"
    book = Workbook()
    book.worksheets[0].append(["part", "place", "quantity"])
    book.worksheets[0].append(["-LAMP", 123, 0.1])
    book.save(file)
    assert faults(taken_in(engine, "stock-targets", file)) == [(2, "place", "123")]
    book.worksheets[0]["B2"] = "00123"
    book.save(file)
    assert taken_in(engine, "stock-targets", file).applied
    export_file(engine, SYSTEM, KINDS["stock-targets"], tmp_path / "out.csv")
    assert "'-LAMP,00123,0.100000" in (tmp_path / "out.csv").read_text().splitlines()


def test_the_list_of_faults_ends_and_the_count_goes_on(
    engine: Engine, csv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    most = schemas.BAD_ROWS_MAX
    told = taken_in(engine, "regions", csv, "code,name", *(f"a b,{number}" for number in range(most + 5)))
    assert (len(told.bad), told.bad_count, told.ok) == (most, most + 5, 0)


def test_chinese_csv_of_excel_is_read_and_said_so(engine: Engine, csv: Path) -> None:
    csv.write_bytes("code,name\nCN,中国\n".encode("gb18030"))
    told = taken_in(engine, "regions", csv)
    assert (told.encoding, told.applied) == ("GB18030", True)


def test_only_who_may_write_and_read(engine: Engine, csv: Path) -> None:
    reader = Actor(id="reader", permissions=frozenset({"network.read"}))
    with pytest.raises(Forbidden):
        taken_in(engine, "regions", csv, "code,name", "CN,China", actor=reader)
    assert export_file(engine, reader, KINDS["regions"], csv, replace=True) == 0
    with pytest.raises(Forbidden):
        export_file(engine, reader, KINDS["parts"], csv, replace=True)


def test_a_file_is_not_replaced_unasked(engine: Engine, csv: Path) -> None:
    csv.write_text("mine")
    with pytest.raises(Invalid):
        export_file(engine, SYSTEM, KINDS["regions"], csv)
    assert csv.read_text() == "mine"


def test_opening_stock_needs_a_place_to_come_from(engine: Engine, csv: Path) -> None:
    taken_in(engine, "parts", csv, PART_COLUMNS, f"P-1,{REST}")
    taken_in(engine, "regions", csv, "code,name", "SEA,South")
    header = "code,name,tier,region,area,latitude,longitude,time_zone"
    taken_in(engine, "places", csv, header, "A,Name,outlet,SEA,SEA,1,2,Asia/Vientiane")
    told = taken_in(engine, "opening-stock", csv, "place,part,quantity", "A,P-1,1")
    assert "adjustment" in told.bad[0].reason


def test_opening_stock_is_opened_once_until_it_is_taken_back(engine: Engine, csv: Path) -> None:
    fill(engine)
    rows = "place,part,quantity,owner", "XIY,-LAMP,1,own", "XIY,-LAMP,2,pool:Y"
    assert taken_in(engine, "opening-stock", csv, *rows).applied
    assert [one.row for one in taken_in(engine, "opening-stock", csv, *rows).bad] == [2, 3]
    with writing(engine, SYSTEM) as session:
        moves = session.scalars(select(StockMove.move_id).order_by(StockMove.id.desc()).limit(2)).all()
        reverse(session, SYSTEM, moves, "WRONG", NOW)
    assert taken_in(engine, "opening-stock", csv, *rows).applied


def test_an_unknown_kind_names_those_there_are() -> None:
    with pytest.raises(Invalid) as refusal:
        kind_named("things")
    assert all(name in refusal.value.message for name in KINDS)


def test_jobs_that_are_over_come_in_as_history_and_open_ones_of_the_past_not_at_all(engine: Engine, csv: Path) -> None:
    load_hangar(engine)
    head = "number,work_order,title,kind,priority,place,duration_min,window_start,window_end,due_at,delay_cost_per_h"
    past = "W-9,Brake,defect,ROUTINE,VTE,60,2026-01-03T02:00Z,2026-01-03T10:00Z,2026-01-03T10:00Z,1,USD"
    over, rows = f"H-7,{past},closed", (f"H-8,{past},open", f"H-9,{past},")
    wrong = taken_in(engine, "jobs", csv, f"{head},currency,status", over, *rows)
    assert [(one.row, one.column) for one in wrong.bad] == [(3, "window_end"), (4, "window_end")]
    assert taken_in(engine, "jobs", csv, f"{head},currency,status", over).applied
    with reading(engine, SYSTEM) as session:
        job = session.scalars(select(Job).where(Job.number == "H-7")).one()
        (event,) = session.scalars(select(JobEvent).where(JobEvent.job_id == job.id))
    assert (job.state, event.kind) == (JobState.CLOSED, EventKind.CANCEL)
    assert "came in with a file" in event.told["reason"]


def test_a_file_of_people_and_jobs_gives_nobody_a_seat_that_they_may_not_take(engine: Engine, csv: Path) -> None:
    load_hangar(engine)
    people = taken_in(
        engine,
        "technicians",
        csv,
        "code,name,base,time_zone,cost_per_h,currency",
        "NEW-1,New Vong,VTE,Asia/Vientiane,20,USD",
    )
    jobs = taken_in(
        engine,
        "jobs",
        csv,
        "number,work_order,title,kind,priority,place,tail,task,window_start,window_end,due_at,delay_cost_per_h,currency,seats,seat_qualifications",
        "H-9,W-9,Brake,defect,ROUTINE,VTE,RDPL-1,32-41-10,2026-03-03T02:00Z,2026-03-03T10:00Z,2026-03-03T10:00Z,1,USD,"
        "mechanic;release_signatory,mechanic|B1",
    )
    assert [*people.bad, *jobs.bad] == []
    span = (MORNING, MORNING + timedelta(hours=2))
    for seat in (Seat.MECHANIC, Seat.RELEASE_SIGNATORY, Seat.INDEPENDENT_INSPECTOR):
        with writing(engine, SYSTEM, clock=lambda: NOW) as session, pytest.raises(CrewRefused):
            assign(session, SYSTEM, job_to_change(session, "H-9"), seat, "NEW-1", span, NOW)
    assert count(engine, Assignment) == 0
