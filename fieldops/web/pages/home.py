"""The first page: what needs its visitor now, by his rights, each with the way to the work."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter
from starlette.responses import HTMLResponse

from fieldops.dispatch.execution.queries import own_jobs, quarantine_page
from fieldops.dispatch.papers.words import titles
from fieldops.dispatch.queries import urgent_jobs
from fieldops.finance.approvals.queries import inbox
from fieldops.finance.control.queries import override_page
from fieldops.locale.words import words
from fieldops.operations.queries import operation_page
from fieldops.planning.queries import proposals
from fieldops.web.pages.admin_words import work_words
from fieldops.web.pages.shell import Frame, Framed
from fieldops.web.templating import money
from inventory.kernel.clock import Clock
from inventory.kernel.edge import Here
from inventory.kernel.operations import OperationState
from inventory.kernel.routes import Elsewhere, needs
from inventory.kernel.texts import N_, gettext
from inventory.kernel.texts import gettext as _
from inventory.network.queries import places_told
from inventory.offers.models import GrantState
from inventory.offers.queries import grant_page
from inventory.stocktakes.models import StocktakeState
from inventory.stocktakes.queries import stocktake_page

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

ROWS_MAX = 6
"""How many of a kind the page shows."""
_COUNTED = 100
"""Beyond so many the page says only that there are more."""
_LAST_KEY = UUID(int=2**128 - 1)


@dataclass(frozen=True, slots=True)
class Row:
    """Something that waits; `at` is when it is due or began, by the clock of a place where it is of one.

    `priority` is AOG, CRITICAL, ROUTINE or nothing.
    """

    number: str
    text: str
    path: str = ""
    at: datetime | None = None
    priority: str = ""
    zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Section:
    """A kind of things that wait for the visitor, the most urgent first; `path` leads to all of them."""

    title: str
    rows: Sequence[Row]
    path: str = ""

    @property
    def shown(self) -> Sequence[Row]:
        """Return the rows that the page has room for."""
        return self.rows[:ROWS_MAX]

    @property
    def count(self) -> str:
        """Return how many there are, as it is told."""
        return f"{_COUNTED}+" if len(self.rows) > _COUNTED else str(len(self.rows))


@router.get("/", dependencies=[needs(None, Elsewhere.HIDDEN)])
def home(frame: Framed, edge: Here) -> str:
    """Show what needs the visitor now."""
    sections = [one for one in _sections(frame, edge.clock) if one.rows]
    return frame.page("home.html", sections=sections, words=words())


def _sections(frame: Frame, clock: Clock) -> Iterator[Section]:
    for permission, section in _SECTIONS:
        if frame.shell.may(permission):
            yield section(frame, clock)


def _own(frame: Frame, clock: Clock) -> Section:
    after = (datetime.min.replace(tzinfo=clock().tzinfo), "")
    jobs = own_jobs(frame.session, frame.actor.id, after=after, limit=_COUNTED + 1)
    zones = _zones(frame, {one.place for one in jobs})
    rows = [
        Row(
            one.job,
            titles(one.title, one.title_zh)[0],
            f"/my/jobs/{quote(one.job, safe='')}",
            one.starts_at,
            zone=zones.get(one.place, "UTC"),
        )
        for one in jobs
    ]
    return Section(_("Your jobs"), rows, "/my")


def _urgent(frame: Frame, _clock: Clock) -> Section:
    jobs = urgent_jobs(frame.session, region=frame.region, limit=_COUNTED + 1)
    zones = _zones(frame, {one.place for one in jobs})
    rows = [
        Row(
            one.number,
            f"{titles(one.title, one.title_zh)[0]} · {one.place}",
            f"/board?job={quote(one.number, safe='')}",
            one.due_at,
            one.priority,
            zones.get(one.place, "UTC"),
        )
        for one in jobs
    ]
    return Section(_("Aircraft on ground and critical jobs"), rows, "/board")


def _zones(frame: Frame, places: Collection[str]) -> dict[str, str]:
    return {code: one.time_zone or "UTC" for code, one in places_told(frame.session, places).items()}


def _proposed(frame: Frame, clock: Clock) -> Section:
    plans = proposals(frame.session, clock(), region=frame.region, limit=_COUNTED + 1)
    rows = [Row(one.plan, ", ".join(one.regions), f"/plans/{one.plan}", one.expires_at) for one in plans]
    return Section(_("Plans to publish"), rows, "/plans")


def _approvals(frame: Frame, clock: Clock) -> Section:
    waiting = inbox(frame.session, frame.actor, clock().date(), region=frame.region, limit=_COUNTED + 1)
    rows = [
        Row(
            one.number,
            f"{one.document} · {money(one.amount)} {one.currency}",
            f"/approvals#{one.number}",
            one.due_at,
            one.priority,
        )
        for one in waiting
    ]
    return Section(_("Approvals that wait for you"), rows, "/approvals")


def _overrides(frame: Frame, _clock: Clock) -> Section:
    waiting = override_page(frame.session, limit=_COUNTED + 1, to_review=True, region=frame.region)
    rows = [
        Row(one.document, f"{money(one.amount)} {one.currency} · {one.reason}", "/overrides", one.review_by)
        for one in waiting
    ]
    return Section(_("Overrides to review"), rows, "/overrides")


def _grants(frame: Frame, _clock: Clock) -> Section:
    asked = grant_page(frame.session, limit=_COUNTED + 1, state=GrantState.REQUESTED, granting=frame.region)
    rows = [
        Row(
            one.number,
            _("{region} asks for {part}").format(
                region=one.asking_region, part=one.part or words().get(one.kind, one.kind)
            ),
            path="/offers",
            at=one.starts_at,
        )
        for one in asked
        if frame.actor.scope.holds_region(one.granting_region)
    ]
    return Section(_("Other regions ask for help"), rows, "/offers")


def _counts(title: str, state: StocktakeState, frame: Frame, _clock: Clock) -> Section:
    found = stocktake_page(frame.session, before="", state=state, limit=_COUNTED + 1)
    told = places_told(frame.session, {one.place for one in found})
    rows = [
        Row(
            one.number,
            _("{place}: {counted} of {lines} lines counted").format(
                place=one.place, counted=one.counted, lines=one.lines
            ),
            f"/stocktakes/{one.number}",
        )
        for one in found
        if frame.region is None or (one.place in told and told[one.place].region == frame.region)
    ]
    return Section(gettext(title), rows, "/stocktakes")


def _waiting_events(frame: Frame, _clock: Clock) -> Section:
    events = quarantine_page(frame.session, limit=_COUNTED + 1)
    rows = [Row(one.job, one.detail, f"/field-reports#{one.id}", at=one.recorded_at) for one in events]
    return Section(_("Reports from the field to decide about"), rows, "/field-reports")


def _failed(frame: Frame, clock: Clock) -> Section:
    newest = operation_page(frame.session, before=(clock(), _LAST_KEY), limit=_COUNTED + 1, state=OperationState.FAILED)
    rows = [
        Row(work_words().get(one.kind, one.kind), one.text or "", f"/operations/{one.id}", one.ended_at)
        for one in newest
    ]
    return Section(_("Long work that failed"), rows, "/operations?state=failed")


_SECTIONS: tuple[tuple[str, Callable[[Frame, Clock], Section]], ...] = (
    ("dispatch.execute", _own),
    ("dispatch.write", _urgent),
    ("plan.make", _proposed),
    ("budget.approve", _approvals),
    ("budget.approve", _overrides),
    ("grants.decide", _grants),
    ("stock.count", partial(_counts, N_("Stocktakes to count"), StocktakeState.COUNTING)),
    ("stock.approve", partial(_counts, N_("Stocktakes to approve"), StocktakeState.TO_APPROVE)),
    ("dispatch.write", _waiting_events),
    ("schedules.write", _failed),
)
"""Each with the right of those whom it concerns, in the order of the page."""
