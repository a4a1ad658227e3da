"""Solve the replenishment problem: one exact min-cost flow for each part, the most urgent parts first."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

from optimizer.replenishment.explain import why_unmet
from optimizer.replenishment.model import Kind, Local, Order, Plan, Problem, Unmet
from optimizer.replenishment.offers import STEPS_PER_UNIT, Case, Offer, cases, cheapest, steps
from optimizer.run import Limit, OnProgress, Progress, Reason, ShouldStop, Status, never_stop, no_progress

if TYPE_CHECKING:
    from optimizer.replenishment.model import Need
    from optimizer.replenishment.offers import Source

REPORT_EVERY = 500


def solve(
    problem: Problem,
    *,
    limit: Limit,
    seed: int = 0,
    should_stop: ShouldStop = never_stop,
    on_progress: OnProgress = no_progress,
) -> Plan:
    """Return the cheapest plan; `limit.iterations` counts parts whose flow is worked.

    The plan is optimal (gap 0, bound equal to the objective) when every part was worked: each flow is exact in whole
    steps of a ten-thousandth of the currency unit, and the plan's prices are these same steps. Ended early by the
    limit or `should_stop`, it is feasible without bound: the needs of the parts left are unmet as `not_planned`.
    `seed` has no influence: nothing is drawn. Time grows with the (supply, need) pairs of a part and the modes of each.
    """
    del seed
    started_s = time.monotonic()
    todo = cases(problem)
    draft = _Draft(problem, todo)
    worked = 0
    for case in todo:
        spent = worked == limit.iterations or (
            limit.seconds is not None and time.monotonic() - started_s >= limit.seconds
        )
        if spent or should_stop():
            break
        draft.add(case, _flow(problem, case))
        worked += 1
        if worked % REPORT_EVERY == 0:
            on_progress(Progress(worked, time.monotonic() - started_s, draft.objective))
    for case in todo[worked:]:
        draft.leave(case)
    proven = worked == len(todo)
    objective = draft.objective
    bound = objective if proven else None
    seconds = time.monotonic() - started_s
    on_progress(Progress(worked, seconds, objective, bound))
    return Plan(
        status=Status.OPTIMAL if proven else Status.FEASIBLE,
        objective=objective,
        bound=bound,
        gap=0.0 if proven else None,
        seconds=seconds,
        orders=tuple(draft.orders),
        local=tuple(draft.local),
        unmet=tuple(draft.unmet),
        cost_by_term={term: amount / STEPS_PER_UNIT for term, amount in draft.cost.items()},
    )


def _flow(problem: Problem, case: Case) -> list[_Use]:
    """Return a cheapest flow of the part's pieces.

    A need is served only where that costs less than its penalty. Nodes: the sources, the needs, one that stands for
    every missing piece, one that takes what is left over.
    """
    penalties = [steps(need.unmet_penalty) for need in case.needs]
    pairs = [
        (i, j, offer)
        for j, need in enumerate(case.needs)
        for i, source in enumerate(case.sources)
        if (offer := cheapest(problem, source, need)) and offer.price < penalties[j]
    ]
    if not pairs:
        return []
    held = [source.quantity_each for source in case.sources]
    wanted = [need.quantity_each for need in case.needs]
    first_need = len(held)
    missing = first_need + len(wanted)
    left = missing + 1
    arcs = [(i, first_need + j, min(held[i], wanted[j]), offer.price) for i, j, offer in pairs]
    arcs += [(missing, first_need + j, wanted[j], penalty) for j, penalty in enumerate(penalties)]
    arcs += [(i, left, quantity_each, 0) for i, quantity_each in enumerate(held)]
    arcs.append((missing, left, sum(wanted), 0))
    supplies = [*held, *(-quantity_each for quantity_each in wanted), sum(wanted), -sum(held)]
    network = SimpleMinCostFlow()
    added = network.add_arcs_with_capacity_and_unit_cost(*np.array(arcs, dtype=np.int64).T)
    network.set_nodes_supplies(np.arange(len(supplies)), np.array(supplies, dtype=np.int64))
    status = network.solve()
    if status != SimpleMinCostFlow.OPTIMAL:
        raise RuntimeError(f"the flow of part {problem.parts[case.part].number} ended as {status}, not optimal")
    taken = network.flows(added[: len(pairs)]).tolist()
    return [_Use(i, j, pieces, offer) for (i, j, offer), pieces in zip(pairs, taken, strict=True) if pieces]


class _Use(NamedTuple):
    """Pieces of a source that go to a need, and how."""

    source: int
    need: int
    quantity_each: int
    offer: Offer


class _Draft:
    """A plan under construction; `cost` in steps."""

    def __init__(self, problem: Problem, todo: list[Case]) -> None:
        self.problem = problem
        self.orders: list[Order] = []
        self.local: list[Local] = []
        self.unmet: list[Unmet] = []
        self.cost = {"freight": 0, "purchase": 0, "lateness": 0, "unmet": 0}
        for case in todo:
            for need in case.needs:
                self.cost["unmet"] += need.quantity_each * steps(need.unmet_penalty)

    @property
    def objective(self) -> float:
        """What the plan costs if the parts not added stay unmet."""
        return sum(self.cost.values()) / STEPS_PER_UNIT

    def add(self, case: Case, uses: list[_Use]) -> None:
        """Write down the flow of a part, and why what it leaves is unmet."""
        short = [need.quantity_each for need in case.needs]
        for use in uses:
            need = case.needs[use.need]
            short[use.need] -= use.quantity_each
            self.cost["unmet"] -= use.quantity_each * steps(need.unmet_penalty)
            for term in ("freight", "purchase", "lateness"):
                self.cost[term] += use.quantity_each * getattr(use.offer, term)
            self._serve(case.sources[use.source], need, use)
        taken = {(use.source, use.need): use.quantity_each for use in uses}
        for j, quantity_each in enumerate(short):
            if quantity_each:
                self._leave(case.needs[j], quantity_each, why_unmet(self.problem, case, taken, j))

    def leave(self, case: Case) -> None:
        """Write down a part that was not worked."""
        for need in case.needs:
            self._leave(need, need.quantity_each, (Reason("not_planned"),))

    def _leave(self, need: Need, quantity_each: int, reasons: tuple[Reason, ...]) -> None:
        self.unmet.append(Unmet(need.part, need.place, quantity_each, need.job, reasons))

    def _serve(self, source: Source, need: Need, use: _Use) -> None:
        pieces, offer = use.quantity_each, use.offer
        lateness_cost = pieces * offer.lateness / STEPS_PER_UNIT
        if source.place == need.place and not source.bought:
            at_s, kept = source.available_s, source.job is not None
            self.local.append(Local(need.part, need.place, pieces, need.job, at_s, lateness_cost, kept))
            return
        self.orders.append(
            Order(
                kind=Kind.PURCHASE if source.bought else Kind.TRANSFER,
                part=need.part,
                origin=None if source.bought else source.place,
                destination=need.place,
                quantity_each=pieces,
                mode=None if source.bought else offer.mode,
                departs_s=0 if source.bought else source.available_s,
                arrives_s=offer.arrives_s,
                freight_cost=pieces * offer.freight / STEPS_PER_UNIT,
                purchase_cost=pieces * offer.purchase / STEPS_PER_UNIT,
                serves_job=need.job,
                lateness_cost=lateness_cost,
                kept=source.job is not None,
            )
        )
