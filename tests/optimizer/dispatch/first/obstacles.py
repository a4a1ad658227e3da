"""What keeps a tiny problem's technicians from a job, and by how much: said from the rules alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from optimizer.dispatch.first.model import Job, Technician
from tests.optimizer.dispatch.first.brute import Order, Rules, Stuck, asked, holds
from tests.optimizer.dispatch.first.worlds import DAY_S

SECONDS = range(-10, 150)
"""All in which a job of a tiny problem may be under way, and a few more."""

Miss = tuple[str, float | None]
"""The code of a reason and by how much it misses."""


def least(amounts: Iterable[int | None], unit: int) -> float | None:
    return min((amount / unit for amount in amounts if amount is not None), default=None)


def unheld_s(person: Technician, wanted: Job, starts: Sequence[int]) -> int | None:
    """Return by how many seconds qualifications held together would have to be prolonged for one of the starts."""
    joint = [second for second in SECONDS if all(holds(person, code, second) for code in wanted.qualifications)]
    firsts = [second for second in joint if second - 1 not in joint]
    lasts = [second for second in joint if second + 1 not in joint]
    missing = (
        max(0, first_s - start_s) + max(0, start_s + wanted.duration_s - last_s)
        for first_s, last_s in zip(firsts, lasts, strict=True)
        for start_s in starts
    )
    return min(missing, default=None)


def absent_s(person: Technician, wanted: Job) -> int:
    """Return how many seconds of the job lie outside the best shift, over all starts."""
    services = [set(range(start_s, start_s + wanted.duration_s)) for start_s in asked(wanted)]
    missing = (len(one.difference(range(duty.start_s, duty.end_s))) for one in services for duty in person.duties)
    return min(missing, default=wanted.duration_s)


def put_in(order: Order, number: int) -> list[Order]:
    return [(*order[:at], number, *order[at:]) for at in range(len(order) + 1)]


def extra_cost(rules: Rules, who: int, order: Order, number: int) -> float | None:
    costs = [cost for longer in put_in(order, number) if (cost := rules.cost(who, longer)) is not None]
    before = rules.cost(who, order)
    assert before is not None
    return min(costs) - before if costs else None


def obstacle(rules: Rules, orders: Sequence[Order], number: int, among: Sequence[int]) -> Miss | None:
    """Return the first rule that none of some technicians keeps with a job; None where only parts are missing."""
    wanted, people = rules.problem.jobs[number], rules.problem.technicians
    holders = [who for who in among if all(people[who].qualifications.get(code) for code in wanted.qualifications)]
    if not holders:
        return ("no_qualified_technician", None)
    if not asked(wanted):
        return None
    at_work = {who: starts for who in holders if (starts := rules.at_work(who, wanted))}
    if not at_work:
        return ("outside_shifts", least((absent_s(people[who], wanted) for who in holders), 60))
    able = [who for who in among if rules.starts[who][number]]
    if not able:
        unheld = (unheld_s(people[who], wanted, starts) for who, starts in at_work.items())
        return ("qualification_expired", least(unheld, DAY_S))
    alone = {who: rules.walk(who, (number,)) for who in able}
    if all(isinstance(walked, Stuck) for walked in alone.values()):
        return (
            "travel_too_long",
            least((walked.shortfall_s for walked in alone.values() if isinstance(walked, Stuck)), 60),
        )
    free = [who for who in able if not isinstance(alone[who], Stuck)]
    extra = [cost for who in free if (cost := extra_cost(rules, who, orders[who], number)) is not None]
    if extra:
        return ("costs_more_than_penalty", min(extra) - wanted.unserved_penalty)
    tried = [rules.walk(who, longer) for who in free for longer in put_in(orders[who], number)]
    return ("technicians_busy", least((walked.shortfall_s for walked in tried if isinstance(walked, Stuck)), 60))


def parts_miss(wanted: Job) -> list[Miss]:
    if wanted.parts_ready_s is None:
        return [("parts_unavailable", None)]
    late_s = wanted.parts_ready_s - wanted.latest_start_s
    return [("parts_late", late_s / 60)] if late_s > 0 else []
