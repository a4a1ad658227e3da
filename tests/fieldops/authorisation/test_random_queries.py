"""Whoever is short of the whole network, whatever legal query is sent: no row of another region comes back.

Through the API on every list, page by page.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fieldops.authorisation import rows
from tests.fieldops.authorisation.people import ADMINISTRATOR, AOG, PEOPLE, Person, Where
from tests.fieldops.authorisation.routes import APP, ROUTES
from tests.fieldops.authorisation.rows import EVERYBODY, REGIONS, Labels
from tests.fieldops.authorisation.world import World

PAGES_MAX = 100
SCOPED = [person for person in PEOPLE if person.where is not Where.NETWORK]


@dataclass(frozen=True)
class Listed:
    """A list: whose a row is, and by what the same row is known to those who see less of it.

    `known_by` None is for rows that tell everybody something else.
    """

    labels: Callable[[dict[str, Any]], Labels]
    known_by: Callable[[dict[str, Any]], object] | None = json.dumps


def of_plan(row: Mapping[str, Any]) -> Labels:
    """Those of its regions see a plan; the AOG controllers see that there is one."""
    return frozenset({AOG}).union(*(rows.PARTS_OF_REGIONS[code] for code in row["regions"]))


FOR_EVERYBODY = Listed(lambda _row: EVERYBODY)
LISTS = {
    "/api/v1/regions": FOR_EVERYBODY,
    "/api/v1/places": FOR_EVERYBODY,
    "/api/v1/lanes": FOR_EVERYBODY,
    "/api/v1/parts": FOR_EVERYBODY,
    "/api/v1/calendars": FOR_EVERYBODY,
    "/api/v1/interchangeability": FOR_EVERYBODY,
    "/api/v1/assemblies": FOR_EVERYBODY,
    "/api/v1/qualifications": FOR_EVERYBODY,
    "/api/v1/roles": FOR_EVERYBODY,
    "/api/v1/stock/balances": Listed(rows.of_shelf),
    "/api/v1/stock/moves": Listed(rows.by_ends),
    "/api/v1/stock/lots": Listed(rows.of_lot),
    "/api/v1/stock/lots/suspicions": Listed(rows.of_lot),
    "/api/v1/stock/lots/history": Listed(rows.of_history),
    "/api/v1/stock/readings": Listed(rows.of_lot),
    "/api/v1/stock/documents": Listed(rows.of_lot),
    "/api/v1/stock/periods": Listed(rows.of_lot),
    "/api/v1/stock/links": Listed(rows.of_lot),
    "/api/v1/stock/life-limits": FOR_EVERYBODY,
    "/api/v1/stock/acceptance-rules": FOR_EVERYBODY,
    "/api/v1/stock/watch": FOR_EVERYBODY,
    "/api/v1/stock/inspections": Listed(rows.by_place),
    "/api/v1/stock/reservations": Listed(rows.of_reservation),
    "/api/v1/stock/targets": Listed(rows.by_place),
    "/api/v1/stock/weights": FOR_EVERYBODY,
    "/api/v1/stock/repair-benches": Listed(rows.by_place),
    "/api/v1/stock/target-plans": Listed(rows.of_target_plan, lambda row: row["number"]),
    "/api/v1/stock/target-plans/{number}/lines": Listed(rows.by_place),
    "/api/v1/stock/target-plans/{number}/notes": Listed(lambda _row: EVERYBODY),
    "/api/v1/stock/target-plans/{number}/forecasts": Listed(lambda _row: EVERYBODY),
    "/api/v1/stock/target-plans/{number}/difference": Listed(rows.by_place),
    "/api/v1/stock/target-plans/{number}/acceptances": Listed(rows.by_region),
    "/api/v1/stock/value": Listed(rows.of_value, None),
    "/api/v1/stock/costs": FOR_EVERYBODY,
    "/api/v1/stock/costs/changes": Listed(rows.for_the_network),
    "/api/v1/stock/depreciation": FOR_EVERYBODY,
    "/api/v1/stocktakes": Listed(rows.by_place),
    "/api/v1/stocktakes/{number}/lines": Listed(lambda _row: rows.PLACES["UTH"]),
    "/api/v1/orders": Listed(rows.by_ends),
    "/api/v1/grants": Listed(rows.of_grant),
    "/api/v1/technicians": Listed(rows.of_technician),
    "/api/v1/certificates": Listed(rows.of_person),
    "/api/v1/experience": Listed(rows.of_person),
    "/api/v1/cost-rates": Listed(rows.of_person),
    "/api/v1/rosters": Listed(rows.of_person),
    "/api/v1/absences": Listed(rows.of_person),
    "/api/v1/standby": Listed(rows.of_person),
    "/api/v1/secondments": Listed(rows.of_person),
    "/api/v1/licence-standards": FOR_EVERYBODY,
    "/api/v1/authorisation-needs": FOR_EVERYBODY,
    "/api/v1/shift-patterns": FOR_EVERYBODY,
    "/api/v1/release-rules": FOR_EVERYBODY,
    "/api/v1/access-rules": FOR_EVERYBODY,
    "/api/v1/rest-rules": FOR_EVERYBODY,
    "/api/v1/organisation-approvals": FOR_EVERYBODY,
    "/api/v1/aircraft": Listed(rows.of_tail),
    "/api/v1/rotations": Listed(rows.of_tail),
    "/api/v1/rotations/quarantine": Listed(rows.of_quarantine),
    "/api/v1/utilisation": Listed(rows.of_use),
    "/api/v1/stock/reliability": FOR_EVERYBODY,
    "/api/v1/tool-kinds": FOR_EVERYBODY,
    "/api/v1/tools": Listed(rows.by_place),
    "/api/v1/tools/bookings": Listed(rows.of_booking),
    "/api/v1/jobs": Listed(rows.of_job),
    "/api/v1/tasks": FOR_EVERYBODY,
    "/api/v1/checklists": FOR_EVERYBODY,
    "/api/v1/jobs/{number}/photos": Listed(lambda _row: rows.PLACES["UTH"]),
    "/api/v1/jobs/{number}/events": Listed(lambda _row: rows.PLACES["UTH"]),
    "/api/v1/job-events/quarantine": Listed(rows.of_work),
    "/api/v1/release-certificates": Listed(rows.of_work),
    "/api/v1/removed-units": Listed(rows.by_place),
    "/api/v1/budgets": Listed(rows.by_region),
    "/api/v1/budgets/holds": Listed(rows.by_region),
    "/api/v1/budgets/transfers": Listed(rows.by_region),
    "/api/v1/budgets/lines/{line}/entries": Listed(lambda _row: rows.REGIONS["SEA"]),
    "/api/v1/budgets/overrides": Listed(rows.by_region),
    "/api/v1/budgets/standing-authorities": Listed(rows.by_region),
    "/api/v1/budget-versions": FOR_EVERYBODY,
    "/api/v1/budget-versions/{number}/lines": Listed(rows.by_region),
    "/api/v1/cost-centres": Listed(rows.by_region),
    "/api/v1/compliance-holds": Listed(rows.by_region),
    "/api/v1/commitments": Listed(rows.by_region),
    "/api/v1/actuals": Listed(rows.by_region),
    "/api/v1/approvals": Listed(rows.by_region),
    "/api/v1/substitutions": FOR_EVERYBODY,
    "/api/v1/exchange-rates": FOR_EVERYBODY,
    "/api/v1/fiscal-calendars": FOR_EVERYBODY,
    "/api/v1/plans": Listed(of_plan, lambda row: row["plan"]),
    "/api/v1/operations": Listed(rows.by_region),
    "/api/v1/schedules": Listed(rows.for_the_network, None),
    "/api/v1/schedules/{name}/runs": Listed(rows.for_the_network, None),
    "/api/v1/events/log": Listed(rows.of_event),
    "/api/v1/webhooks": Listed(rows.by_region),
    "/api/v1/webhooks/{webhook}/deliveries": Listed(lambda _row: EVERYBODY, None),
    "/api/v1/users": Listed(rows.for_the_network),
    "/api/v1/operators": Listed(rows.of_operator),
    "/api/v1/audit": Listed(rows.by_audience),
}
OWN = {"/api/v1/tokens", "/api/v1/me/jobs"}
"""Lists of what is the reader's own."""

INSTANTS = st.datetimes(datetime(2001, 1, 2), datetime(2198, 12, 31)).map(lambda at: f"{at.isoformat()}Z")  # noqa: DTZ001 - told as UTC
PAST = st.datetimes(datetime(2001, 1, 2), datetime(2026, 2, 28)).map(lambda at: f"{at.isoformat()}Z")  # noqa: DTZ001 - told as UTC
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "region": st.sampled_from(sorted(REGIONS)),
    "technician": st.sampled_from(["T-1", "T-2"]),
    "registration": st.sampled_from(["B-UTH", "B-TSN"]),
    "authorisation": st.just("B1"),
    "first_day": st.just("2026-03-02"),
    "days": st.integers(1, 9),
    "expires_by": st.sampled_from(["2026-03-04", "2027-01-01"]),
    "due_by": st.just("2026-12-31"),
    "place": st.sampled_from(sorted(rows.PLACES)),
    "assembly": st.sampled_from(["BRAKE-1", "PUMP-1"]),
    "document": st.sampled_from(["OPENING", "RECEIPT", "O-SEA", "O-CN"]),
    "lot": st.sampled_from(["SN-UTH", "SN-TSN"]),
    "number": st.sampled_from(["SN-UTH", "SN-TSN", "DBL-UTH", "DBL-TSN"]),
    "tracking_number": st.sampled_from(["D-UTH", "D-TSN"]),
    "authority": st.sampled_from(["CAAC", "EASA"]),
    "open_only": st.booleans(),
    "line": st.uuids().map(str),
    "cost_centre": st.sampled_from(["CC-SEA", "CC-CN"]),
    "person": st.sampled_from(["sea.staff", "cn.staff"]),
    "role": st.sampled_from(["finance", "regional_manager"]),
    "currency": st.sampled_from(["USD", "CNY"]),
    "held": st.booleans(),
    "lifted": st.booleans(),
    "part": st.sampled_from(["BRAKE-1", "FILTER-1", "LAMP-1", "PUMP-1"]),
    "ata": st.lists(st.sampled_from(["29", "32", "33", "79"]), max_size=3),
    "job": st.sampled_from(["J-10", "J-11", "J-12"]),
    "task": st.just("TASK-1"),
    "demand": st.sampled_from(["J-UTH", "J-TSN", "J-MUC"]),
    "date": st.dates().map(str) | st.just("2026-03-02"),
    "actor": st.sampled_from(["system", "sea.staff", "cn.staff", "eu.staff"]),
    "subject": st.sampled_from(["job", "user", "region_grant", "webhook"]),
    "subject_key": st.text("0123456789abcdef-", max_size=36),
    "action": st.sampled_from(["created", "changed", "signed_in", "bulk_created"]),
    "since": INSTANTS | st.just("2026-03-01T00:00:00Z"),
    "at": PAST,
    "until": INSTANTS | st.just("2026-12-31T00:00:00Z"),
    "to_review": st.booleans(),
    "after": st.integers(0, 60),
    "aircraft_type": st.just("TH60"),
    "reason": st.sampled_from(["no_price", "demand_unknown"]),
    "with": st.just("T-000002"),
}
"""Legal values of a parameter by its name; those of a set, and prefixes, come from the document of the API."""
DOCUMENT = APP.openapi()


def parameters(path: str) -> dict[str, dict[str, Any]]:
    """Return {name: schema} of what a list can be asked with."""
    told = DOCUMENT["paths"][path]["get"].get("parameters", [])
    return {one["name"]: one["schema"] for one in told if one["in"] == "query"}


def needed_by(path: str) -> list[str]:
    """Return the names of what a list must be asked with."""
    told = DOCUMENT["paths"][path]["get"].get("parameters", [])
    return [one["name"] for one in told if one["in"] == "query" and one.get("required")]


def values_of(path: str, name: str, schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Return the legal values of a parameter."""
    kinds = [schema, *schema.get("anyOf", [])]
    names = [kind["$ref"].rpartition("/")[2] for kind in kinds if "$ref" in kind]
    if names:
        return st.sampled_from(DOCUMENT["components"]["schemas"][names[0]]["enum"])
    if name == "kind":
        return st.sampled_from(["plan.day", "job.", "stock.", "grant.changed", "tests."])
    return VALUES[name]


@st.composite
def queries(draw: st.DrawFn) -> tuple[Person, str, dict[str, Any], int]:
    """Draw somebody, a list that the role may read, filters for it, and how many rows a page has."""
    person = draw(st.sampled_from(SCOPED))
    readable = [path for path in LISTS if (told := ROUTES[f"GET {path}"].access) and person.may(told.permission)]
    path = draw(st.sampled_from(readable))
    filters = {name: values_of(path, name, schema) for name, schema in parameters(path).items() if name not in PAGING}
    needed = {name: filters.pop(name) for name in needed_by(path)}
    query = draw(st.fixed_dictionaries(needed, optional=filters))
    return person, path, query, draw(st.sampled_from([1, 2, 7, 200]))


PAGING = {"limit", "cursor"}


def walked(
    world: World, person: Person, path: str, query: dict[str, Any], cursor: str | None = None
) -> list[dict[str, Any]]:
    """Return the rows of every page of a list from a cursor on; none of what is hidden as a whole."""
    found: list[dict[str, Any]] = []
    for _page in range(PAGES_MAX):
        asked = query if cursor is None else query | {"cursor": cursor}
        answer = world.send("GET", path, world.as_program(person), params=asked)
        if answer.status_code == 404:
            return found
        assert answer.status_code == 200, answer.text
        found += answer.json()["items"]
        cursor = answer.json()["next"]
        if cursor is None:
            return found
    return found


@settings(max_examples=200, deadline=None)
@given(asked=queries(), webhook=st.sampled_from(["webhook", "webhook_cn"]))
def test_no_query_of_a_list_tells_a_row_of_another_region(
    world: World, asked: tuple[Person, str, dict[str, Any], int], webhook: str
) -> None:
    person, template, filters, limit = asked
    listed = LISTS[template]
    path = template.format(name="NIGHTLY", number="ST-000003", webhook=world.known[webhook], line=world.known["labour"])
    own = walked(world, person, path, filters | {"limit": limit})
    assert [row for row in own if not person.is_told(listed.labels(row))] == []
    if template.endswith("/deliveries"):
        assert bool(own) <= (person.where == {"webhook": Where.OWN, "webhook_cn": Where.OTHER}[webhook])
    # a plan of several regions is found by those of them that one sees
    beyond = template == "/api/v1/plans" and not person.is_told(REGIONS.get(filters.get("region", ""), EVERYBODY))
    if listed.known_by is not None and not beyond and len(own) < PAGES_MAX * limit:
        everything = walked(world, ADMINISTRATOR, path, filters | {"limit": 200})
        theirs = [row for row in everything if person.is_told(listed.labels(row))]
        assert [listed.known_by(row) for row in own] == [listed.known_by(row) for row in theirs]


@settings(max_examples=100, deadline=None)
@given(asked=queries(), skipped=st.integers(1, 5))
def test_a_cursor_of_somebody_elses_page_tells_no_more(
    world: World, asked: tuple[Person, str, dict[str, Any], int], skipped: int
) -> None:
    person, template, filters, limit = asked
    path = template.format(
        name="NIGHTLY", number="ST-000003", webhook=world.known["webhook"], line=world.known["labour"]
    )
    told = world.send("GET", path, world.as_program(ADMINISTRATOR), params=filters | {"limit": skipped})
    foreign = told.json()["next"] if told.status_code == 200 else None  # there may be no such thing to list of
    found = walked(world, person, path, filters | {"limit": limit}, cursor=foreign)
    assert [row for row in found if not person.is_told(LISTS[template].labels(row))] == []


def test_every_list_is_queried() -> None:
    lists = {path for path in DOCUMENT["paths"] if "get" in DOCUMENT["paths"][path] and "cursor" in parameters(path)}
    assert lists == LISTS.keys() | OWN


def test_everybody_lists_their_own_tokens_only(world: World) -> None:
    for person in PEOPLE:
        names = {row["user"] for row in walked(world, person, "/api/v1/tokens", {})}
        others = world.send("GET", "/api/v1/tokens", world.as_program(person), params={"user": "subject"})
        assert names == {person.name}
        assert others.status_code == (200 if person == ADMINISTRATOR else 404 if person.may("users.write") else 403)
