"""How the rows of each list tell who may see them.

A function takes an answer and returns, for each thing told in it, the labels of those who may see that; whoever sees
the whole network may see everything.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

import httpx

from tests.fieldops.authorisation.people import AOG, RIGHT, Where

Labels = frozenset[str]
Told = Callable[[httpx.Response], list[Labels]]

RIGHTS = {
    "aircraft": "fleet.read",
    "approval": "budget.read",
    "budget": "budget.read",
    "compliance": "compliance.read",
    "cost": "budget.read",
    "grant": "grants.read",
    "job": "dispatch.read",
    "operation": "operations.read",
    "order": "stock.read",
    "part": "catalogue.read",
    "place": "network.read",
    "plan": "plan.read",
    "region": "network.read",
    "reservation": "stock.read",
    "stock": "stock.read",
    "target": "targets.read",
    "technician": "workforce.read",
    "unit": "stock.read",
}
"""The right that an event of a kind needs, by the first word of the kind."""

NOBODY: Labels = frozenset()
EVERYBODY: Labels = frozenset(Where)
REGIONS: dict[str, Labels] = {"SEA": frozenset({Where.OWN}), "CN": frozenset({Where.OTHER}), "EU": NOBODY}
"""Who may see what belongs to a region as a whole."""
PLACES: dict[str, Labels] = {
    "UTH": frozenset({Where.OWN, Where.PLACE}),
    "VTE": REGIONS["SEA"],
    "XIY": REGIONS["CN"],
    "TSN": REGIONS["CN"],
    "MUC": NOBODY,
}
"""Who may see what lies at a place."""
PARTS_OF_REGIONS = REGIONS | {"SEA": PLACES["UTH"]}
"""Who may see that there is something in a region."""
JOBS: Mapping[str, Labels] = {
    "J-1": PLACES["UTH"] | {AOG},
    "J-2": PLACES["XIY"],
    "J-3": PLACES["VTE"],
    "J-4": PLACES["TSN"],
    "J-5": PLACES["UTH"],
    "J-6": PLACES["UTH"],
    "J-7": PLACES["TSN"],
    "J-8": PLACES["MUC"],
    "J-10": PLACES["UTH"],
    "J-11": PLACES["TSN"],
    "J-12": PLACES["MUC"],
    "J-14": PLACES["VTE"],
}


PEOPLE: Mapping[str, Labels] = {"T-1": PLACES["XIY"], "T-2": PLACES["VTE"], "T-3": PLACES["VTE"]}
"""Who may see what is told of a technician."""
FLEET: dict[str, Labels] = {
    "B-UTH": PLACES["UTH"],
    "B-TSN": PLACES["TSN"] | {Where.OPERATOR},
    "B-MUC": NOBODY,
    "B-NONE": NOBODY,
}
"""Who may see what is told of an aircraft; the people of its operator do, too."""
QUARANTINE: dict[str, Labels] = FLEET | {"B-TSN": PLACES["TSN"], "B-NONE": PLACES["UTH"]}
"""Who may see a rotation that is set aside: for an unknown aircraft those who see the station."""


def each(labels: Callable[[dict[str, Any]], Labels]) -> Told:
    """Tell by each item of a page."""
    return lambda answer: [labels(row) for row in answer.json()["items"]]


def by_region(row: Mapping[str, Any]) -> Labels:
    """Tell by the region that a row names; what belongs to none is for the whole network."""
    return REGIONS.get(row["region"], NOBODY)


def of_overview(answer: httpx.Response) -> list[Labels]:
    """Tell by the regions that sums are told of."""
    return [by_region(row["by"]) for row in answer.json()]


def of_inbox(answer: httpx.Response) -> list[Labels]:
    """Tell by the regions of what waits."""
    return [by_region(row) for row in answer.json()]


def by_audience(row: Mapping[str, Any]) -> Labels:
    """Tell by the audience of an audit row."""
    return EVERYBODY if row["audience"] == "*" else REGIONS.get(row["audience"], NOBODY)


def by_ends(row: Mapping[str, Any]) -> Labels:
    """Tell by the places that a move connects: who may look into either sees it."""
    return PLACES.get(row["origin"], NOBODY) | PLACES.get(row["destination"], NOBODY)


def by_place(row: Mapping[str, Any]) -> Labels:
    """Tell by the place that a row names."""
    return PLACES[row["place"]]


def of_lot(row: Mapping[str, Any]) -> Labels:
    """Tell by where a serial number is; what was never received is known to everybody."""
    return EVERYBODY if row["place"] is None else of_shelf(row)


def of_number(row: Mapping[str, Any]) -> Labels:
    """Tell by the serial number that a row names, alone or among others: it ends with its place."""
    return of_shelf({"place": (row.get("number") or row["lots"]).rpartition("-")[2]})


def of_history(row: Mapping[str, Any]) -> Labels:
    """Who sees a piece sees its papers; of its moves those that have an end where they may look."""
    return of_lot(row) & by_ends(row["told"]) if row["kind"] == "move" else of_lot(row)


def of_shelf(row: Mapping[str, Any]) -> Labels:
    """Everybody sees what lies in the central depot."""
    return EVERYBODY if row["place"] == "XIY" else PLACES[row["place"]]


def of_value(row: Mapping[str, Any]) -> Labels:
    """Tell by the place or region that stock is valued at; a part's or a class's value is each reader's own."""
    return (PLACES | PARTS_OF_REGIONS).get(row["key"], EVERYBODY)


def of_reservation(row: Mapping[str, Any]) -> Labels:
    """Those of the shelf and those of the destination see a reservation."""
    return PLACES[row["place"]] | PLACES[row["destination"]]


def victims(answer: httpx.Response) -> list[Labels]:
    """Whoever may reserve from a shelf is told what could be taken over there."""
    return [PLACES[one["reservation"]["place"]] for one in answer.json()["victims"]]


def of_technician(row: Mapping[str, Any]) -> Labels:
    """Tell by the base of a technician."""
    return PLACES[row["base"]]


def of_person(row: Mapping[str, Any]) -> Labels:
    """Tell by the technician that a row names."""
    return PEOPLE[row["technician"]]


def of_tail(row: Mapping[str, Any]) -> Labels:
    """Tell by the aircraft that a row names."""
    return FLEET[row["registration"]]


def of_target_plan(row: Mapping[str, Any]) -> Labels:
    """Tell by the region of a plan of stock targets; one of the whole network is for everybody."""
    return EVERYBODY if row["region"] is None else REGIONS[row["region"]]


def of_use(row: Mapping[str, Any]) -> Labels:
    """Tell by the aircraft that a row tells the use of."""
    return FLEET[row["tail"]]


def of_quarantine(row: Mapping[str, Any]) -> Labels:
    """Tell by the aircraft of a rotation that is set aside."""
    return QUARANTINE[row["registration"]]


def of_booking(row: Mapping[str, Any]) -> Labels:
    """Tell by the place in which a booked tool's serial number ends."""
    return PLACES[row["serial"].rpartition("-")[2]]


def of_forecast(answer: httpx.Response) -> list[Labels]:
    """Tell by the regions of what runs out."""
    return [by_region(row) for row in answer.json()]


def of_job(row: Mapping[str, Any]) -> Labels:
    """Tell by the place of a job, and whether it is urgent."""
    assert (AOG in JOBS[row["number"]]) == (row["priority"] == "AOG")
    return PLACES[row["place"]] | (JOBS[row["number"]] & {AOG})


def of_work(row: Mapping[str, Any]) -> Labels:
    """Tell by the job that a row names."""
    return JOBS[row["job"]]


def of_grant(row: Mapping[str, Any]) -> Labels:
    """Both regions see a grant, and the AOG controllers every urgent one."""
    return REGIONS[row["asking_region"]] | REGIONS[row["granting_region"]] | ({AOG} if row["aog"] else NOBODY)


def of_event(row: Mapping[str, Any]) -> Labels:
    """Tell by the audience of an event and the place that it happened at."""
    needed = RIGHTS.get(row["kind"].partition(".")[0])
    right = frozenset({RIGHT + needed} if needed else ())
    if row["audience"] == "*":
        return EVERYBODY | right
    at = frozenset({Where.PLACE}) if row["place"] == "UTH" else NOBODY
    return REGIONS.get(row["audience"], NOBODY) | at | right


def of_operator(row: Mapping[str, Any]) -> Labels:
    """The network's people see every operator, those of an operator their own."""
    return EVERYBODY if row["code"] == "OP-B" else EVERYBODY - {Where.OPERATOR}


def for_the_network(_row: Mapping[str, Any]) -> Labels:
    """Nobody short of the whole network sees it."""
    return NOBODY


def streamed(answer: httpx.Response) -> list[Labels]:
    """Tell by the events of a stream."""
    data = (line.removeprefix("data:") for line in answer.text.splitlines() if line.startswith("data:"))
    return [of_event(json.loads(one)) for one in data]


def written(labels: Callable[[dict[str, Any]], Labels]) -> Told:
    """Tell by each row of a CSV file."""
    return lambda answer: [labels(row) for row in csv.DictReader(answer.text.splitlines())]


def exported(answer: httpx.Response) -> list[Labels]:
    """Tell by the lines of an export, without the one that ends it."""
    *rows, last = [json.loads(line) for line in answer.text.splitlines()]
    assert last["rows"] == len(rows)
    return [by_audience(row) for row in rows]


def plans_listed(answer: httpx.Response) -> list[Labels]:
    """AOG controllers see that there are plans; of which regions is told to those of the regions."""
    regions = [code for row in answer.json()["items"] for code in (*row["regions"], *row["current_in"])]
    return [PARTS_OF_REGIONS[code] for code in regions]


def plan_told(answer: httpx.Response) -> list[Labels]:
    """Tell by everything in a plan that names a job, a place or a region."""
    plan = answer.json()
    dispatch, stock, budget = plan["dispatch"], plan["replenishment"], plan["budget"]
    return [
        *(JOBS[one["job"]] for one in (*dispatch["assignments"], *dispatch["unassigned"])),
        *(PLACES[one["destination"]] | PLACES.get(one["origin"], NOBODY) for one in stock["moves"]),
        *(PLACES[one["place"]] for one in stock["unmet"]),
        *(REGIONS[one["region"]] | {RIGHT + "budget.read"} for one in (*budget["lines"], *budget["held"])),
        *(REGIONS[code] for code in plan["regions"]),
    ]


def jobs_shown(answer: httpx.Response) -> list[Labels]:
    """Tell by the numbers of jobs on a page; that a transfer serves a job is known where it comes from, too."""
    return [JOBS[number] for number in re.findall(r'data-label="Job"><div><a class="code"[^>]*>(J-\d)<', answer.text)]


def jobs_written(answer: httpx.Response) -> list[Labels]:
    """Tell by the jobs in the file of a plan, once for each seat."""
    return [JOBS[row["job"]] for row in csv.DictReader(answer.text.removeprefix("\ufeff").splitlines())]


def jobs_waiting(answer: httpx.Response) -> list[Labels]:
    """Tell by the numbers of the urgent jobs on the first page."""
    return [JOBS[number] for number in re.findall(r'class="code"[^>]*>(J-\d)<', answer.text)]


def users_shown(answer: httpx.Response) -> list[Labels]:
    """Users are for those who see the whole network."""
    return [NOBODY for _name in re.findall(r'<tr role="row" data-user="([^"]*)"', answer.text)]


def schedules_shown(answer: httpx.Response) -> list[Labels]:
    """Schedules are for those who see the whole network."""
    return [NOBODY for _name in re.findall(r'data-schedule="([^"]*)"', answer.text)]


def work_shown(answer: httpx.Response) -> list[Labels]:
    """Tell by the regions of long work."""
    return [
        by_region({"region": region})
        for region in re.findall(r'data-operation="[^"]*" data-region="([^"]*)"', answer.text)
    ]


def trail_shown(answer: httpx.Response) -> list[Labels]:
    """Tell by the audience of each row of the audit trail on a page."""
    return [
        by_audience({"audience": one}) for one in re.findall(r'<tr role="row" data-audience="([^"]*)"', answer.text)
    ]


def news_shown(answer: httpx.Response) -> list[Labels]:
    """Tell by the audience of each notification, and the place that it names."""
    told = re.findall(r'data-number="\d+" data-audience="([^"]*)" data-place="([^"]*)"', answer.text)
    return [by_audience({"audience": one}) | PLACES.get(place, NOBODY) for one, place in told]


def jobs_found(answer: httpx.Response) -> list[Labels]:
    """Tell by the numbers of jobs that a search found."""
    return [JOBS[number] for number in re.findall(r"(?<![\w-])(J-\d)(?!\d)", answer.text)]


def _codes(labels: Mapping[str, Labels], pattern: str) -> Told:
    """Tell by codes, which a page has where a pattern finds them."""
    return lambda answer: [labels[code] for code in re.findall(pattern, answer.text)]


approvals_shown = _codes(REGIONS, r'<p class="who">\s*<span>(\w+)</span>')
"""Tell by the regions of the requests that wait."""
money_shown = _codes(REGIONS, r'<tr role="row" class="region [^>]*>(?s:.*?)<span>(?:<a [^>]*>)?(\w+)')
"""Tell by the regions in the tree of the budgets."""
holds_shown = _codes(REGIONS, r'data-label="Budget line"><div>(\w+) ')
"""Tell by the regions of the lines that documents do not fit."""
overrides_shown = _codes(REGIONS, r'<p class="who">\s*<span>(\w+) ')
"""Tell by the regions of the overrides that wait for their review."""


def board_told(answer: httpx.Response) -> list[Labels]:
    """Tell by the jobs and the people of the board, and by the regions whose plans it shows."""
    board = answer.json()
    return [
        *(JOBS[row[0]] for row in board["jobs"]),
        *(PLACES[row[2]] for row in board["people"]),
        *(PARTS_OF_REGIONS[region] for region, _plan in board["plans"]),
    ]


def shelves_shown(answer: httpx.Response) -> list[Labels]:
    """Tell by the rows of the table of stock."""
    found = re.search(r'id="heat">(.*?)</script>', answer.text)
    assert found is not None
    return [of_shelf({"place": code}) for code, _name, _region in json.loads(found[1])["rows"]]


def shelves_written(answer: httpx.Response) -> list[Labels]:
    """Tell by the places in the file of the table of stock."""
    return [of_shelf(row) for row in csv.DictReader(answer.text.removeprefix("\ufeff").splitlines())]


def grants_shown(answer: httpx.Response) -> list[Labels]:
    """Tell by the regions of each grant on the page."""
    heads = re.findall(r'<p class="head">(.*?)<strong>(\w+) asks (\w+)</strong>', answer.text)
    return [
        of_grant({"asking_region": asking, "granting_region": granting, "aog": "AOG" in badge})
        for badge, asking, granting in heads
    ]


def reports_shown(answer: httpx.Response) -> list[Labels]:
    """Tell by the jobs of the reports that wait on the page."""
    return [JOBS[number] for number in re.findall(r'href="/board\?job=([\w-]+)"', answer.text)]


def stocktakes_shown(answer: httpx.Response) -> list[Labels]:
    """Tell by the places of the stocktakes on the page."""
    return [PLACES[code] for code in re.findall(r'href="/places/(\w+)"', answer.text)]


def orders_shown(answer: httpx.Response) -> list[Labels]:
    """Tell by the ends of the orders on the page."""
    ends = re.findall(r'href="/places/(\w+)"', answer.text)
    return [PLACES[one] | PLACES[other] for one, other in zip(ends[::2], ends[1::2], strict=True)]


def orders_written(answer: httpx.Response) -> list[Labels]:
    """Tell by the ends of the orders in the file."""
    return [by_ends(row) for row in csv.DictReader(answer.text.removeprefix("\ufeff").splitlines())]


def alternatives(answer: httpx.Response) -> list[Labels]:
    """Tell by the bases of the technicians that an explanation compares."""
    bases = {"T-1": "XIY", "T-2": "VTE", "T-3": "VTE"}
    every = [one for seat in answer.json()["crew"] for one in seat["alternatives"]]
    return [PLACES[bases[one["technician"]]] for one in every]
