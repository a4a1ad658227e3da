"""Reads instances of home care (HHCRSP), which are JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks.dispatch.instances import Hhcrsp, Patient


def hhcrsp(text: str, name: str, best: float | None) -> Hhcrsp:
    """Return the instance of a text. Raises ValueError for what is garbled, missing, or asks for what nobody offers."""
    try:
        told = json.loads(text)
        usual = {one["id"]: one.get("default_duration", 0.0) for one in told["services"]}
        patients = tuple(_patient(patient, usual) for patient in told["patients"])
        caregivers = tuple((carer["id"], frozenset(carer["abilities"])) for carer in told["caregivers"])
        distances = [_numbers("distances", row) for row in told["distances"]]
    except json.JSONDecodeError as error:
        raise ValueError(f"line {error.lineno}: it is no JSON, or breaks off ({error.msg})") from error
    except KeyError as error:
        raise ValueError(f"it lacks {error}") from error
    except (TypeError, AttributeError) as error:
        raise ValueError(f"something in it is of the wrong kind ({error})") from error
    if not patients:
        raise ValueError("it has no patients")
    size = 1 + len(patients)
    if [len(row) for row in distances] != [size] * size or min(map(min, distances)) < 0:
        raise ValueError(
            f"its distances must be {size} rows of {size} numbers, none negative: the office, the patients"
        )
    offered = frozenset[str]().union(*(abilities for _, abilities in caregivers))
    for patient in patients:
        for service, _ in patient.services:
            if service not in offered:
                raise ValueError(f"patient {patient.id} needs the service {service}, which no caregiver offers")
    return Hhcrsp(name, best, patients, caregivers, np.array(distances))


def _patient(told: dict[str, Any], usual: dict[str, float]) -> Patient:
    name = f"patient {told['id']}"
    services = tuple(
        (one["service"], *_numbers(f"{name}, duration", [one.get("duration", usual.get(one["service"], 0.0))]))
        for one in told["required_caregivers"]
    )
    if len(services) not in (1, 2):
        raise ValueError(f"{name} must need one caregiver or two, not {len(services)}")
    ready, due = _pair(f"{name}, time_window", told["time_window"])
    synchronised = told.get("synchronization") or {"type": "simultaneous"}
    gap = (0.0, 0.0)
    if synchronised["type"] != "simultaneous":
        gap = _pair(f"{name}, synchronization", synchronised["distance"])
    return Patient(told["id"], ready, due, services, gap)


def _pair(name: str, given: Any) -> tuple[float, float]:
    pair = _numbers(name, given)
    if len(pair) != 2 or pair[0] > pair[1]:
        raise ValueError(f"{name} must be two numbers in order, not {given}")
    return pair[0], pair[1]


def _numbers(name: str, given: Any) -> Sequence[float]:
    """Return a list of numbers. Raises ValueError."""
    numbers = given if isinstance(given, list) else []
    finite = [isinstance(one, int | float) and not isinstance(one, bool) and math.isfinite(one) for one in numbers]
    if not finite or not all(finite):
        raise ValueError(f"{name} must be numbers, not {str(given)[:40]}")
    return [float(one) for one in numbers]
