"""Which appointment can be promised: each window with the least that it costs, to be taken like any answer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from fieldops.dispatch.queries import OpenJob
from fieldops.planning.desk.appointment_schemas import AppointmentOut, AppointmentQuestion, AppointmentsOut
from fieldops.planning.desk.asking import Case, keep, kept_options, read_case
from fieldops.planning.desk.rules import ANSWER_HOLDS
from fieldops.planning.desk.running import Desk
from fieldops.planning.problems import HORIZON_S
from fieldops.planning.schemas import ReasonOut
from fieldops.workforce.rules import local_midnight
from inventory.kernel.actor import Actor
from inventory.kernel.clock import Clock
from inventory.kernel.engine import reading
from inventory.kernel.errors import Invalid
from inventory.kernel.texts import gettext as _
from optimizer.dispatch.live.answers import Slot
from optimizer.dispatch.technicians import Window
from optimizer.run import Reason

Span = tuple[datetime, datetime]


def appointments(
    engine: Engine, actor: Actor, number: str, question: AppointmentQuestion, clock: Clock
) -> AppointmentsOut:
    """Return what it costs at least to begin a job in each of some windows, beside leaving it out, or why nobody can.

    Nobody else is moved for it. Those within the job's own window are kept to be taken for some minutes. Raises as
    `recommend` does, and Invalid where all of the windows are past.
    """
    case = read_case(engine, actor, [number], clock)
    desk, job = case.desk, case.asked.open[number]
    asked = [(one.starts_at, one.ends_at) for one in question.windows] or list(_of_day(desk, job, question))
    since = max(desk.area.start, case.now)
    if all(ends_at < since for _starts_at, ends_at in asked):
        raise Invalid(
            _("All of the windows are past or before the plan begins, at {since}; ask for later ones").format(
                since=f"{since:%Y-%m-%d %H:%MZ}"
            ),
            code="windows_past",
            field="windows",
        )
    slots = _slots(case, number, asked)
    takeable = [one for one in asked if slots[one].option is not None and _begins_within(job, one)]
    with reading(engine, actor) as session:
        found = [option for one in asked if (option := slots[one].option) is not None]
        options = list(kept_options(session, actor, case, found, judged=False))
    told = dict(zip((one for one in asked if slots[one].option is not None), options, strict=True))
    kept = [told[one] for one in takeable]
    return AppointmentsOut(
        key=keep(engine, actor, case, number, kept, clock) if kept else None,
        job=number,
        plan=desk.plan,
        age_s=case.age_s,
        unfit=list(desk.unfit),
        time_zone=case.time_zone(number),
        travel=case.travel,
        expires_at=case.now + ANSWER_HOLDS,
        appointments=[
            AppointmentOut(
                starts_at=one[0],
                ends_at=one[1],
                option=told[one].told.option if one in takeable else None,
                outside_window=not _begins_within(job, one),
                seats=told[one].told.seats if one in told else [],
                cost=told[one].told.cost if one in told else None,
                reasons=[ReasonOut.of(reason) for reason in slots[one].reasons],
            )
            for one in asked
        ],
    )


def _slots(case: Case, number: str, asked: list[Span]) -> dict[Span, Slot]:
    """Return what the running plan tells of each window; what is past, or beyond its days, it is not asked."""
    desk = case.desk
    since, ends = max(desk.area.start, case.now), desk.area.start + timedelta(seconds=HORIZON_S)
    found: dict[Span, Slot] = {}
    windows: dict[Span, Window] = {}
    for one in asked:
        window = Window(desk.seconds(one[0]), desk.seconds(one[1]))
        if one[1] < since:
            found[one] = Slot(window, reasons=(Reason("window_past"),))
        elif one[0] >= ends:
            found[one] = Slot(window, reasons=(Reason("beyond_plan", None, {"until": f"{ends:%Y-%m-%d %H:%MZ}"}),))
        else:
            windows[one] = Window(max(window.from_s, desk.seconds(since)), window.until_s)
    if not windows:
        return found
    still = desk.without([number], still=True)
    (job,) = case.asked.jobs
    with desk.lock:
        return found | dict(zip(windows, still.appointments(job, list(windows.values())), strict=True))


def _begins_within(job: OpenJob, window: Span) -> bool:
    """Tell whether all of a window lies within that of a job."""
    return job.window_start <= window[0] and window[1] <= job.window_end


def _of_day(desk: Desk, job: OpenJob, question: AppointmentQuestion) -> Iterator[Span]:
    """Yield the windows of a length that fill a day at the place of a job; none is longer than what is left of it."""
    if question.day is None:
        return
    zone, length = ZoneInfo(desk.snapshot.sites[job.place].time_zone), timedelta(minutes=question.length_min)
    at = local_midnight(question.day, zone)
    ends = local_midnight(question.day + timedelta(days=1), zone)
    while at < ends:
        yield at, min(at + length, ends)
        at += length
