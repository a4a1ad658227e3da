"""Who could ever take a seat, whatever the time: everybody looked at together, in arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from optimizer.dispatch.jobs import Job
from optimizer.dispatch.kernel.arrays import Flags
from optimizer.dispatch.technicians import Technician


@dataclass(frozen=True, slots=True, eq=False)
class Sorted:
    """Technicians by what they are for a seat; who is not pinned to a pinned job is none of them."""

    lacking: Flags
    barred: Flags
    able: Flags


class Able:
    """Sorts technicians for seats by what they hold at some time, and by who is forbidden or permitted."""

    def __init__(self, people: Sequence[Technician]) -> None:
        self.number = {person.code: index for index, person in enumerate(people)}
        self.holders: dict[str, Flags] = {}
        for index, person in enumerate(people):
            for code, spans in person.qualifications.items():
                if spans:
                    self.holders.setdefault(code, self._nobody())[index] = True

    def _nobody(self) -> Flags:
        return np.zeros(len(self.number), dtype=np.bool_)

    def _named(self, codes: Sequence[str]) -> Flags:
        found = self._nobody()
        found[[self.number[code] for code in codes if code in self.number]] = True
        return found

    def of(self, job: Job, seat: int) -> Sorted:
        """Return who lacks a qualification of a seat for ever, who holds all but is barred, and who is able."""
        asked = ~self._nobody() if job.pin is None else self._named([job.pin.technicians[seat]])
        holds, may = ~self._nobody(), ~self._named(list(job.forbidden))
        for code in job.seats[seat].qualifications:
            holds &= self.holders.get(code, self._nobody())
        permitted = job.seats[seat].permitted
        if permitted is not None:
            may &= self._named([code for code, spans in permitted.items() if spans])
        return Sorted(asked & ~holds, asked & holds & ~may, asked & holds & may)

    def lacked(self, job: Job, seat: int, who: Flags) -> list[str]:
        """Return the qualifications of a seat that somebody of `who` never holds."""
        asked = sorted(job.seats[seat].qualifications)
        return [code for code in asked if not self.holders.get(code, self._nobody())[who].all()]
