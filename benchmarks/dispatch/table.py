"""Cases as lines for people: mean and spread over seeds, then the mean of each solver on each kind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from statistics import mean

from benchmarks.dispatch.runs import Case


def table(cases: Sequence[Case]) -> str:
    """Return the table of cases. A gap is a percentage of the best known value; its spread is worst less best seed."""
    lines = [
        f"{'instance':<34} {'solver':<10} {'value':>12} {'best known':>12} {'gap %':>8} {'spread':>7} {'cpu s':>7}"
    ]
    runs: dict[tuple[str, str], list[Case]] = defaultdict(list)
    kinds: dict[tuple[str, str], list[Case]] = defaultdict(list)
    for case in cases:
        runs[case.instance, case.solver].append(case)
        kinds[case.kind, case.solver].append(case)
    lines += [_line(*name, seeds) for name, seeds in runs.items()]
    lines += [_line(f"mean of {kind}", solver, told, value=False) for (kind, solver), told in kinds.items()]
    return "\n".join(lines) + "\n"


def _line(name: str, solver: str, cases: Sequence[Case], *, value: bool = True) -> str:
    found = [case.value for case in cases if case.value is not None] if value else []
    gaps = [100 * case.gap for case in cases if case.gap is not None]
    best = f"{cases[0].bks:,.2f}" if value and cases[0].bks is not None else "-"
    reached = f"{mean(found):,.2f}" if found else "-"
    gap = f"{mean(gaps):.2f}" if gaps else "-"
    spread = f"{max(gaps) - min(gaps):.2f}" if gaps else "-"
    line = f"{name:<34} {solver:<10} {reached:>12} {best:>12} {gap:>8} {spread:>7} {mean(c.cpu_s for c in cases):>7.1f}"
    broken = sum(not case.feasible for case in cases)
    line += f"  {broken} of {len(cases)} not feasible" if broken else ""
    if cases[0].event_s_max is not None:
        static = mean(case.static_value for case in cases if case.static_value is not None)
        turned = mean(case.rejected or 0 for case in cases)
        slowest = max(case.event_s_max or 0.0 for case in cases)
        most = max(case.event_cpu_s_max or 0.0 for case in cases)
        line += (
            f"  known before {static:,.2f}, {turned:.1f} turned away, slowest event {slowest:.2f} s, {most:.2f} cpu s"
        )
    return line
