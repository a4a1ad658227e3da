"""The schema: made, kept, refused where it does not fit, and the same as the models say."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, create_engine, inspect, select, text, update
from sqlalchemy.exc import DBAPIError

from fieldops import migrations
from fieldops.audit.service import seal
from fieldops.dispatch.changing import change_job
from fieldops.dispatch.execution.lifecycle import JobState
from fieldops.dispatch.execution.recording import refold
from fieldops.dispatch.models import Job, JobKind, JobSeat, JobStatus, PlanAssignment
from fieldops.dispatch.schemas import JobChange
from fieldops.finance.control.models import ApprovalLimit
from fieldops.fleet.schemas import NewAircraft
from fieldops.fleet.service import add_aircraft
from fieldops.identity.models import Role, RolePermission
from fieldops.identity.roles import ROLE_NAMES, ROLES
from fieldops.migrations import require_current, upgrade, wipe
from fieldops.migrations.tables import metadata
from fieldops.planning.models import PlanKind
from fieldops.planning.queries import plan_page
from fieldops.planning.service import PlanRequest, make_day_plan
from fieldops.planning.versions.making import make_dispatch_plan
from fieldops.planning.versions.service import publish, undo
from fieldops.settings import sqlite_url
from fieldops.workforce.kinds import SIGNING, Seat
from fieldops.workforce.queries import technician_page
from fieldops.workforce.releasing.models import ReleaseRule, RestRule
from fieldops.workforce.releasing.schemas import ReleaseRuleOut, ReleaseRuleTerms
from inventory.catalogue.models import DgLimit, Essentiality, MelCategory, Part, Tracking
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import open_engine, reading, writing
from inventory.kernel.errors import Conflict, NotReady
from inventory.kernel.operations import Schedule
from inventory.kernel.outbox import OutboxEvent
from inventory.ledger.models import StockBalance, cell_key
from inventory.ledger.proof import disagreements
from inventory.ledger.queries import serviceable_stock
from inventory.planning.weights.queries import weight_page
from inventory.traceability.models import AcceptanceRule
from inventory.traceability.rule_schemas import RuleOut
from optimizer.run import Limit
from tests.conftest import NOW
from tests.inventory.traceability.delivered import DEFAULT_RULES
from tests.worlds import TINY_DATE, load_tiny


@pytest.fixture
def empty(any_engine: Engine) -> Engine:
    """A database without any table."""
    with any_engine.begin() as connection:
        metadata.drop_all(connection)
        connection.execute(text("DROP TABLE alembic_version"))
    return any_engine


def _tables(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names()) - {"alembic_version"}


def _checks(engine: Engine) -> dict[tuple[str, str | None], str]:
    looked = inspect(engine)
    return {
        (table, check["name"]): "".join(check["sqltext"].split())
        for table in _tables(engine)
        for check in looked.get_check_constraints(table)
    }


def _contents(engine: Engine) -> dict[str, int | None]:
    with engine.connect() as connection:
        return {
            table: connection.scalar(text(f"SELECT count(*) FROM {table}"))  # noqa: S608 - our own names
            for table in [*_tables(engine), "alembic_version"]
        }


def _pretend(engine: Engine, revision: str) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})


def test_an_empty_database_is_refused_until_it_is_upgraded(empty: Engine) -> None:
    with pytest.raises(NotReady, match="run “fieldops migrate”") as refusal:
        require_current(empty)
    assert refusal.value.code == "no_schema"
    assert _tables(empty) == set()
    upgrade(empty)
    assert _tables(empty) == set(metadata.tables)
    require_current(empty)


def test_a_second_upgrade_changes_nothing(any_engine: Engine) -> None:
    load_tiny(any_engine)
    before = _contents(any_engine)
    upgrade(any_engine)
    require_current(any_engine)
    assert _contents(any_engine) == before


def test_the_migrations_make_what_the_models_say(any_engine: Engine) -> None:
    with any_engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True, "target_metadata": metadata}
        )
        assert compare_metadata(context, metadata) == []


def test_the_migrations_make_the_checks_that_the_models_say(engine: Engine, tmp_path: Path) -> None:
    fresh = create_engine(sqlite_url(tmp_path / "fresh.db"))
    metadata.create_all(fresh)
    declared = _checks(fresh)
    fresh.dispose()
    assert ("stock_balance", "ck_stock_balance_never_negative") in declared
    assert _checks(engine) == declared


@pytest.mark.parametrize("refuses", [upgrade, require_current])
def test_a_database_that_is_newer_is_refused_and_left_alone(any_engine: Engine, refuses: Any) -> None:
    load_tiny(any_engine)
    _pretend(any_engine, "9999")
    before = _contents(any_engine)
    with pytest.raises(NotReady, match=r"newer than this program \(schema 9999\); install a newer fieldops") as refusal:
        refuses(any_engine)
    assert refusal.value.code == "schema_newer"
    assert _contents(any_engine) == before


def test_down_to_nothing_and_up_again(any_engine: Engine) -> None:
    config = migrations._config()
    with any_engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
    assert _tables(any_engine) == set()
    with pytest.raises(NotReady):
        require_current(any_engine)
    upgrade(any_engine)
    assert _tables(any_engine) == set(metadata.tables)
    load_tiny(any_engine)


def test_a_demonstration_can_be_made_anew(any_engine: Engine) -> None:
    load_tiny(any_engine)
    wipe(any_engine)
    assert inspect(any_engine).get_table_names() == []
    upgrade(any_engine)
    load_tiny(any_engine)


def _bring_to(engine: Engine, revision: str, way: Callable[[Config, str], None] = command.upgrade) -> None:
    config = migrations._config()
    with migrations._migrating(engine) as connection:
        config.attributes["connection"] = connection
        way(config, revision)


def test_data_of_the_first_release_are_kept(empty: Engine) -> None:
    _bring_to(empty, "0001")
    schedule = {
        "id": "0190000000007000800000000000000a",
        "arguments": '["plan", "day", "--json", "--region", "CN", "--seed=3", "--time-limit", "2.5"]',
    }
    with empty.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO schedule (id, name, arguments, cron, time_zone, enabled) "
                "VALUES (:id, 'day-plan', :arguments, '0 5 * * *', 'Asia/Shanghai', true)"
            ),
            schedule,
        )
        connection.execute(text("INSERT INTO approval_limit VALUES ('finance', 1000000, 'USD')"))
        event = "INSERT INTO outbox_event (kind, key, payload, happened_at) VALUES ('cost.reserved', 'k', '{}', :now)"
        connection.execute(text(event), {"now": NOW})
    upgrade(empty)
    with reading(empty, SYSTEM) as session:
        kept = session.scalars(select(Schedule)).one()
        assert (kept.kind, kept.parameters) == ("plan.day", {"region": "CN", "seed": 3, "seconds": 2.5})
        assert (kept.version, kept.enabled, kept.cron) == (1, True, "0 5 * * *")
        assert kept.effective_from.tzinfo is not None
        assert session.get_one(ApprovalLimit, ("finance", "")).version == 1
        told = session.scalars(select(OutboxEvent)).one()
        assert (told.audience, told.number) == ("-", None)
        roles = dict(session.execute(select(Role.code, Role.name)).all())
        rights = {(one.role, one.permission) for one in session.scalars(select(RolePermission))}
    assert roles == dict(ROLE_NAMES)
    assert rights == {(role, one) for role, permissions in ROLES.items() for one in permissions}


def test_the_stock_of_before_is_kept(empty: Engine) -> None:
    _bring_to(empty, "0002")
    keys = {name: f"0190000000007000800000000000{number:04x}" for number, name in enumerate(("part", "shelf", "away"))}
    with empty.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO part (id, part_number, manufacturer_code, ata_chapter, description, part_class, "
                "essentiality, unit, currency, standard_cost, lead_time_days, weight_kg, usage_driver, un_number) "
                "VALUES (:part, 'PUMP-1', 'TEST0', '29', 'Pump', 'repairable', "
                "'GO', 'EA', 'USD', 1, 1, 1, 'calendar', 'UN2795')"
            ),
            keys,
        )
        place = "INSERT INTO place (id, code, name, tier) VALUES (:id, :code, 'X', :tier)"
        connection.execute(text(place), {"id": keys["shelf"], "code": "XIY", "tier": "outlet"})
        connection.execute(text(place), {"id": keys["away"], "code": "AWAY", "tier": "adjustment"})
        for number, (quantity, condition, there, back) in enumerate(
            [
                (5, "serviceable", "away", "shelf"),
                (2, "serviceable", "shelf", "away"),
                (1, "unserviceable", "away", "shelf"),
            ]
        ):
            row = {
                "move": f"0190000000007000900000000000{number:04x}",
                "part": keys["part"],
                "one": keys[there],
                "other": keys[back],
                "condition": condition,
                "quantity": quantity * 10**6,
                "now": NOW,
            }
            connection.execute(
                text(
                    "INSERT INTO stock_move (move_id, part_id, from_place_id, to_place_id, condition, quantity, "
                    "document, actor, moved_at) "
                    "VALUES (:move, :part, :one, :other, :condition, :quantity, 'D', 'a', :now)"
                ),
                row,
            )
    upgrade(empty)
    with reading(empty, SYSTEM) as session:
        assert disagreements(session) == []
        assert serviceable_stock(session) == [("PUMP-1", "XIY", Decimal(3))]
        found = session.scalars(select(StockBalance)).all()
        assert {one.cell for one in found} == {
            cell_key(one.part_id, one.place_id, one.condition, one.hold, one.owner, one.lot_id) for one in found
        }
        part = session.scalars(select(Part)).one()
        assert (part.tracking, part.dg_limit, part.version) == (Tracking.SERIAL, DgLimit.UNKNOWN, 1)
    _bring_to(empty, "0002", command.downgrade)
    with empty.connect() as connection:
        held = connection.execute(text("SELECT condition, quantity FROM stock_balance WHERE NOT is_virtual"))
        assert dict(held.all()) == {"serviceable": 3_000_000, "unserviceable": 1_000_000}


def test_what_plans_gave_before_whole_crews_was_the_seat_of_who_does_the_work(any_engine: Engine) -> None:
    load_tiny(any_engine)
    request = PlanRequest(TINY_DATE, limit=Limit(iterations=20))
    told = make_day_plan(any_engine, SYSTEM, request, clock=lambda: NOW)
    with writing(any_engine, SYSTEM) as session:
        kept = session.scalars(select(PlanAssignment).join(Job).where(Job.number == "J-2")).one()
        second = {name: getattr(kept, name) for name in PlanAssignment.__table__.columns.keys()}  # noqa: SIM118 - a column collection is no dict
        second |= {"id": kept.job_id, "position": 1, "seat": Seat.RELEASE_SIGNATORY}
        session.add(PlanAssignment(**second))
        session.execute(update(Job).where(Job.number == "J-1").values(kind=JobKind.ADVISORY))
        key = session.scalars(select(Job.id).where(Job.number == "J-3")).one()
        asked = {"job_id": key, "seat": Seat.TRAINEE, "count": 1, "qualifications": [], "security_level": 0}
        session.add(JobSeat(**asked))
        session.execute(update(Job).where(Job.number == "J-3").values(release_level="line"))
    _bring_to(any_engine, "0008", command.downgrade)
    upgrade(any_engine)
    with reading(any_engine, SYSTEM) as session:
        rows = session.execute(select(Job.number, PlanAssignment.position, PlanAssignment.seat).join(PlanAssignment))
        found = {number: (position, seat) for number, position, seat in rows}
    assert found.keys() == {one.job for one in told.dispatch.assignments}
    seats = {"J-1": Seat.ADVISORY_ENGINEER, "J-2": Seat.MECHANIC, "J-3": Seat.RELEASE_SIGNATORY, "J-5": Seat.MECHANIC}
    assert found == {number: (0, seat) for number, seat in seats.items()}


def test_plans_of_before_versions_were_published_when_they_were_made(any_engine: Engine) -> None:
    load_tiny(any_engine)
    request = PlanRequest(TINY_DATE, limit=Limit(iterations=20))
    first = make_day_plan(any_engine, SYSTEM, request, clock=lambda: NOW).plan
    second, third = (make_dispatch_plan(any_engine, SYSTEM, request, clock=lambda: NOW).plan for _time in range(2))
    with writing(any_engine, SYSTEM, clock=lambda: NOW) as session:
        publish(session, SYSTEM, second)
    _bring_to(any_engine, "0008", command.downgrade)
    upgrade(any_engine)
    with reading(any_engine, SYSTEM) as session:
        told = {one.plan: one for one in plan_page(session, limit=9)}
    assert {number: (one.kind, one.current_in) for number, one in told.items()} == {
        first: (PlanKind.DAY, []),
        second: (PlanKind.DAY, ["CN", "SEA"]),  # it was not known apart
        third: (PlanKind.DAY, []),
    }
    assert {(one.published_by, one.published_at, one.supersedes) for one in told[first].states} == {
        ("system", NOW, None)
    }
    assert told[third].states == []
    with pytest.raises(Conflict), writing(any_engine, SYSTEM, clock=lambda: NOW) as session:
        undo(session, SYSTEM, second)


@pytest.mark.parametrize("table", ["audit_row", "audit_seal"])
def test_the_database_itself_refuses_to_change_the_trail(any_engine: Engine, table: str) -> None:
    load_tiny(any_engine)
    with writing(any_engine, SYSTEM) as session:
        assert seal(session, NOW) > 0
    change = {"audit_row": "UPDATE audit_row SET actor = 'x'", "audit_seal": "UPDATE audit_seal SET hash = 'x'"}
    for statement in (change[table], f"DELETE FROM {table}"):  # noqa: S608 - our own names
        with pytest.raises(DBAPIError, match="never changed"), any_engine.begin() as connection:
            connection.execute(text(statement))


@pytest.mark.parametrize("statement", ["UPDATE job_event SET person = 'x'", "DELETE FROM job_event"])
def test_the_database_itself_refuses_to_change_what_happened_to_a_job(any_engine: Engine, statement: str) -> None:
    load_tiny(any_engine)
    with writing(any_engine, SYSTEM, clock=lambda: NOW) as session:
        change_job(session, SYSTEM, "J-2", JobChange(status=JobStatus.CLOSED), 1)
    with pytest.raises(DBAPIError, match="what happened is never changed"), any_engine.begin() as connection:
        connection.execute(text(statement))
    _bring_to(any_engine, "0006", command.downgrade)
    upgrade(any_engine)


KEPT = ["audit_row", "audit_seal", "budget_actual", "budget_entry", "job_event", "stock_issue", "stock_move"]


def test_sqlite_knows_what_is_kept(engine: Engine) -> None:
    with engine.connect() as connection:
        found = connection.scalars(text("SELECT tbl_name FROM sqlite_master WHERE name = tbl_name || '_no_UPDATE'"))
        assert sorted(found) == KEPT


@pytest.mark.parametrize("table", KEPT)
def test_sqlite_lets_nobody_put_a_row_in_the_place_of_what_is_kept(engine: Engine, table: str) -> None:
    """Whatever it collides with: each unique index, and the number that SQLite itself gives a row."""
    with closing(sqlite3.connect(str(engine.url.database), isolation_level=None)) as database:
        database.execute("PRAGMA ignore_check_constraints = ON")
        columns = database.execute(
            "SELECT name, pk AND type = 'INTEGER' FROM pragma_table_info(?)", (table,)
        ).fetchall()
        names = [name for name, is_rowid in columns if not is_rowid]
        _insert(database, table, {"rowid": 1, **dict.fromkeys(names, 1)})
        _insert(database, table, {"rowid": 2, **dict.fromkeys(names, 2)})
        kept = database.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608 - our own names
        for key in _keys(database, table):
            assert key
            with pytest.raises(sqlite3.IntegrityError, match="never changed"):
                _insert(database, table, {"rowid": 3, **dict.fromkeys(names, 3), **dict.fromkeys(key, 1)}, "OR REPLACE")
            change = ", ".join(f"{name} = 1" for name in key)
            with pytest.raises(sqlite3.IntegrityError, match="never changed"):
                database.execute(f"UPDATE OR REPLACE {table} SET {change} WHERE rowid = 2")  # noqa: S608
        assert database.execute(f"SELECT * FROM {table}").fetchall() == kept  # noqa: S608


def _insert(database: sqlite3.Connection, table: str, row: dict[str, int], resolving: str = "") -> None:
    places = ", ".join("?" * len(row))
    database.execute(f"INSERT {resolving} INTO {table} ({', '.join(row)}) VALUES ({places})", [*row.values()])  # noqa: S608


def _keys(database: sqlite3.Connection, table: str) -> list[list[str]]:
    """Return what may not be there twice in a table."""
    indices = database.execute('SELECT name FROM pragma_index_list(?) WHERE "unique"', (table,)).fetchall()
    told = "SELECT name FROM pragma_index_info(?)"
    return [["rowid"], *([name for (name,) in database.execute(told, index).fetchall()] for index in indices)]


def test_a_failed_upgrade_leaves_no_half_made_schema(tmp_path: Path) -> None:
    engine = open_engine(sqlite_url(tmp_path / "odd.db"))
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE technician (odd INTEGER)"))
    with pytest.raises(Exception, match="technician already exists"):
        upgrade(engine)
    assert _tables(engine) == {"technician"}
    engine.dispose()


def test_the_delivered_acceptance_rules_are_there(any_engine: Engine) -> None:
    with reading(any_engine, SYSTEM) as session:
        told = [RuleOut.model_validate(one) for one in session.scalars(select(AcceptanceRule))]
    found = {one.code: one.model_dump(mode="json", exclude={"version"}) for one in told}
    assert found == {rule.code: rule.model_dump(mode="json") for rule in DEFAULT_RULES}


def test_people_are_kept_on_the_way_down_and_up(any_engine: Engine) -> None:
    load_tiny(any_engine)
    with writing(any_engine, SYSTEM) as session:
        before = {one.code: one for one in technician_page(session, limit=99)}
    _bring_to(any_engine, "0005", command.downgrade)
    assert "aircraft" not in _tables(any_engine)
    upgrade(any_engine)
    with reading(any_engine, SYSTEM) as session:
        assert {one.code: one for one in technician_page(session, limit=99)} == before
        permitted = session.scalars(select(RolePermission.permission).where(RolePermission.role == "dispatcher"))
        assert {"fleet.read", "fleet.write", "tools.read", "tools.write"} <= set(permitted)


def test_the_delivered_rules_of_release_and_rest_say_that_they_are_unchecked(any_engine: Engine) -> None:
    with reading(any_engine, SYSTEM) as session:
        releases, rests = list(session.scalars(select(ReleaseRule))), list(session.scalars(select(RestRule)))
    assert {(one.authority, one.seat) for one in releases} == {
        (authority, seat) for authority in ("CAAC", "EASA", "FAA") for seat in SIGNING
    }
    assert {one.code for one in rests} == {"CN-LABOUR", "GENERAL"}
    rules: list[ReleaseRule | RestRule] = [*releases, *rests]
    for rule in rules:
        assert "to be checked" in rule.edition
        assert rule.source
    for one in releases:
        ReleaseRuleTerms.model_validate(ReleaseRuleOut.model_validate(one).model_dump(exclude={"code", "version"}))


def test_jobs_keep_whether_they_are_open_on_the_way_down_and_up(any_engine: Engine) -> None:
    load_tiny(any_engine)
    with writing(any_engine, SYSTEM, clock=lambda: NOW) as session:
        plane = NewAircraft(registration="B-TEST", aircraft_type="MA60", serial="1", authority="CAAC", base="VTE")
        add_aircraft(session, SYSTEM, [plane])
        session.execute(update(Job).values(aircraft="B-TEST"))
        version = session.scalars(select(Job.version).where(Job.number == "J-2")).one()
        change_job(session, SYSTEM, "J-2", JobChange(status=JobStatus.CLOSED), version)
    _bring_to(any_engine, "0006", command.downgrade)
    with any_engine.connect() as connection:
        statuses: dict[str, str] = dict(connection.execute(text("SELECT number, status FROM job")).all())
    assert statuses == {f"J-{number}": "closed" if number == 2 else "open" for number in range(1, 6)}
    upgrade(any_engine)
    with writing(any_engine, SYSTEM, clock=lambda: NOW) as session:
        states = dict(session.execute(select(Job.number, Job.state)).all())
        assert states.pop("J-2") is JobState.CLOSED
        assert set(states.values()) == {JobState.PLANNED}
        levels = dict(session.execute(select(Job.number, Job.release_level)).all())
        assert levels.pop("J-2") is None
        assert set(levels.values()) == {"line"}  # open work on an aircraft is released
        assert session.scalars(select(Job.id).where(Job.aircraft_id.is_(None))).all() == []
        closed = session.scalars(select(Job).where(Job.number == "J-2")).one()
        assert refold(session, closed).state is JobState.CLOSED  # its events say so, too


def test_what_stood_before_target_plans_is_kept_and_waiting_is_weighed(any_engine: Engine) -> None:
    load_tiny(any_engine)
    _bring_to(any_engine, "0012", command.downgrade)
    before = _contents(any_engine)
    upgrade(any_engine)
    after = _contents(any_engine)
    new = after.keys() - before.keys()
    assert {"utilisation", "part_reliability", "target_plan", "stocking_weight", "repair_bench", "repair_need"} <= new
    same = before.keys() - {"alembic_version"}
    assert {table: after[table] for table in same} == {table: before[table] for table in same}
    with reading(any_engine, SYSTEM) as session:
        told = {(one.essentiality, one.mel_category): one.interval_days for one in weight_page(session, limit=99)}
        assert {one.edition for one in weight_page(session, limit=99)} == {"unchecked"}
    assert told == {
        (Essentiality.NO_GO, None): 0,
        (Essentiality.GO_IF, None): 10,
        (Essentiality.GO_IF, MelCategory.A): None,
        (Essentiality.GO_IF, MelCategory.B): 3,
        (Essentiality.GO_IF, MelCategory.C): 10,
        (Essentiality.GO_IF, MelCategory.D): 120,
        (Essentiality.GO, None): None,
    }
