"""The API, method by method."""

# mypy: disable-error-code="no-any-return"
# JSON comes without types; a test compares the records with the API's document

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import quote

from fieldops.client import records as r
from fieldops.client.operations import LongWork
from fieldops.client.transport import Rows, Transport, Versioned

Record = TypeVar("Record")


class Client:
    """The API of one server, with one token; lists are iterators that fetch page by page.

    What is added goes in as the API's reference describes it, and comes back as it was kept. Refusals are raised as
    ApiError. `language` is that of their texts, such as zh. To be closed, or used in a `with`.
    """

    def __init__(
        self,
        base_url: str,
        token: str | None = None,
        *,
        timeout_s: float = 60.0,
        attempts: int = 5,
        language: str | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._api = Transport(base_url, token, timeout_s=timeout_s, attempts=attempts, language=language, sleep=sleep)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._api.http.close()

    def update(self, record: Versioned[Record], **changes: Any) -> Versioned[Record]:
        """Change fields of a record, and return it as it is then; raises Stale when somebody else came first."""
        return self._api.change("PATCH", record, changes)

    def replace(self, record: Versioned[Record], value: Mapping[str, Any]) -> Versioned[Record]:
        """Put another value in the place of a record; raises Stale when somebody else came first."""
        return self._api.change("PUT", record, value)

    def remove(self, record: Versioned[Any]) -> None:
        """Remove a record; raises Stale when somebody else came first."""
        self._api.send("DELETE", record.path, etag=record.etag)

    def _add(self, path: str, body: Any) -> Any:
        return self._api.send("POST", path, body).json()

    def _add_each(self, path: str, rows: Rows) -> list[r.ItemResult]:
        answer = self._api.send("POST", path, list(rows), query={"mode": "each"}).json()
        results: list[r.ItemResult] = answer["items"]
        return results

    def regions(self) -> Iterator[r.Region]:
        """Yield the regions, by code."""
        return self._api.pages("/regions")

    def add_regions(self, regions: Rows) -> list[r.Region]:
        """Add regions, all or none."""
        return self._add("/regions", list(regions))

    def places(self, *, region: str | None = None) -> Iterator[r.Place]:
        """Yield places, by code."""
        return self._api.pages("/places", region=region)

    def add_places(self, places: Rows) -> list[dict[str, Any]]:
        """Add places, all or none."""
        return self._add("/places", list(places))

    def add_each_place(self, places: Rows) -> list[r.ItemResult]:
        """Add each place that can be added; the results are in the order of the places."""
        return self._add_each("/places", places)

    def lanes(self) -> Iterator[r.Lane]:
        """Yield lanes, by origin, destination and mode."""
        return self._api.pages("/lanes")

    def add_lanes(self, lanes: Rows) -> list[dict[str, Any]]:
        """Add lanes, all or none."""
        return self._add("/lanes", list(lanes))

    def parts(self, *, ata: Sequence[str] = ()) -> Iterator[r.Part]:
        """Yield parts, by number; only those of the ATA chapters, where any are given."""
        return self._api.pages("/parts", ata=list(ata))

    def add_parts(self, parts: Rows) -> list[dict[str, Any]]:
        """Add parts, all or none."""
        return self._add("/parts", list(parts))

    def add_each_part(self, parts: Rows) -> list[r.ItemResult]:
        """Add each part that can be added; the results are in the order of the parts."""
        return self._add_each("/parts", parts)

    def balances(self, *, place: str | None = None, part: str | None = None) -> Iterator[r.Balance]:
        """Yield what lies on shelves, by place, part and condition."""
        return self._api.pages("/stock/balances", place=place, part=part)

    def post_moves(self, moves: Rows) -> list[dict[str, Any]]:
        """Move stock, all or none."""
        return self._add("/stock/moves", list(moves))

    def targets(self) -> Iterator[r.Target]:
        """Yield how much of each part each place shall hold."""
        return self._api.pages("/stock/targets")

    def set_targets(self, targets: Rows) -> list[dict[str, Any]]:
        """Set stock targets, all or none."""
        return self._add("/stock/targets", list(targets))

    def qualifications(self) -> Iterator[r.Qualification]:
        """Yield what technicians can be qualified for."""
        return self._api.pages("/qualifications")

    def technicians(self, *, region: str | None = None) -> Iterator[r.Technician]:
        """Yield technicians, by code."""
        return self._api.pages("/technicians", region=region)

    def add_technician(self, technician: Mapping[str, Any]) -> r.Technician:
        """Add a technician."""
        return self._add("/technicians", technician)

    def jobs(self, *, region: str | None = None, priority: str | None = None) -> Iterator[r.Job]:
        """Yield jobs, by number."""
        return self._api.pages("/jobs", region=region, priority=priority)

    def job(self, number: str) -> Versioned[r.Job]:
        """Return a job, to be updated."""
        return self._api.versioned(f"/jobs/{_part(number)}")

    def add_job(self, job: Mapping[str, Any]) -> r.Job:
        """Add a job."""
        return self._add("/jobs", job)

    def plan_day(self, **wanted: Any) -> LongWork:
        """Have the week planned; `wanted` is that of the API: date, region, iterations, seconds, seed, budget."""
        day = wanted.get("date")
        return LongWork(self._api, self._add("/plans/day", wanted | ({"date": str(day)} if day else {})))

    def plan_dispatch(self, **wanted: Any) -> LongWork:
        """Have the technicians planned anew, to be published; `wanted` is date, region, iterations, seconds, seed."""
        day = wanted.get("date")
        return LongWork(self._api, self._add("/plans/dispatch", wanted | ({"date": str(day)} if day else {})))

    def plans(self, *, region: str | None = None) -> Iterator[r.PlanSummary]:
        """Yield the plans, the newest first."""
        return self._api.pages("/plans", region=region)

    def plan(self, number: str) -> dict[str, Any]:
        """Return a whole plan, as `fieldops plan day --json` tells it."""
        return self._api.get(f"/plans/{_part(number)}")

    def explain(self, plan: str, *, job: str | None = None, part: str | None = None) -> dict[str, Any]:
        """Return why a plan decided so about a job or a part."""
        return self._api.get(f"/plans/{_part(plan)}/explain", job=job, part=part)

    def budgets(
        self, *, on: date | None = None, region: str | None = None, category: str | None = None
    ) -> Iterator[r.BudgetLine]:
        """Yield budget lines; `on` keeps those whose period holds the day."""
        return self._api.pages("/budgets", date=on and on.isoformat(), region=region, category=category)

    def open_budgets(self, lines: Rows) -> list[dict[str, Any]]:
        """Open budget lines, all or none."""
        return self._add("/budgets", list(lines))

    def holds(self) -> Iterator[r.Hold]:
        """Yield what waits for an approval, the most urgent first."""
        return self._api.pages("/budgets/holds")

    def approval_limits(self) -> Versioned[r.ApprovalLimits]:
        """Return the largest amount that each role may approve, to be replaced."""
        return self._api.versioned("/budgets/approval-limits")

    def operations(self, *, state: str | None = None, kind: str | None = None) -> Iterator[r.Operation]:
        """Yield long work, the newest first."""
        return self._api.pages("/operations", state=state, kind=kind)

    def operation(self, key: str) -> LongWork:
        """Return long work, to be waited for."""
        return LongWork(self._api, self._api.get(f"/operations/{_part(key)}"))

    def schedules(self) -> Iterator[r.Schedule]:
        """Yield what runs unattended."""
        return self._api.pages("/schedules")

    def schedule(self, name: str) -> Versioned[r.Schedule]:
        """Return a schedule, to be updated."""
        return self._api.versioned(f"/schedules/{_part(name)}")

    def run_schedule(self, name: str) -> LongWork:
        """Run a schedule now."""
        return LongWork(self._api, self._add(f"/schedules/{_part(name)}/run", None))

    def events(self, *kinds: str, after: int | None = None) -> Iterator[r.Event]:
        """Yield what happens, for ever, from the event after a number on; only kinds that begin so, where given."""
        frames = self._api.frames("/events", {"kind": list(kinds)}, None if after is None else str(after))
        return (json.loads(frame) for frame in frames)

    def audit(
        self, *, since: datetime | None = None, until: datetime | None = None, **equal: str | None
    ) -> Iterator[r.AuditRow]:
        """Yield who changed what, the newest first; `equal` is actor, subject, subject_key or action."""
        return self._api.pages("/audit", since=since and since.isoformat(), until=until and until.isoformat(), **equal)

    def audit_verdict(self) -> r.Verdict:
        """Return whether anybody changed the past."""
        return self._api.get("/audit/verdict")


def _part(told: str) -> str:
    """Return a part of a path; what is told must not lead to another one."""
    return quote(told, safe="")
