"""Rules that a move breaks are told in words for people, not in those of the engine."""

from __future__ import annotations

import pytest

from fieldops.planning.desk.words import broken_rule
from optimizer.run import Reason


@pytest.mark.parametrize(
    ("code", "where", "by", "text"),
    [
        ("shift", "T-0010 shift 4 is back", 1680.0, "T-0010 would be back after the shift ends, by 28 min"),
        ("shift", "T-1 shift 0 leaves", 59.0, "T-1 would have to leave before the shift begins"),
        ("pin", "T-0010 shift 0 J-6 is not at the head", None, "job J-6 is to be the first that T-0010 does"),
        ("pin", "J-6 begins at another time", -7200.0, "job J-6 is given for another time, by 2 h 0 min"),
        ("appointment", "T-0010 here is not such", None, "T-0010 would miss what is fixed"),
        ("travel", "T-1 shift 2 to VTE", 60.0, "T-1 has not the time for the way to VTE, by 1 min"),
        ("duty", "T-1 shift 2 J-1", None, "T-1 would not be on duty all the time"),
        ("permission", "J-1 mechanic T-1", None, "T-1 may not take seat Mechanic of job J-1 then"),
        ("qualification", "J-1 mechanic T-1 B1", None, "T-1 does not hold B1 for seat Mechanic of job J-1 then"),
        (
            "seat_gap",
            "J-1 independent_inspector",
            60.0,
            "seat Independent inspector of job J-1 does not go together in time",
        ),
        ("precedence", "J-2 without J-1", None, "job J-2 comes after job J-1, which nobody does"),
        ("precedence", "J-1 J-2", 60.0, "job J-2 does not wait for job J-1, by 1 min"),
        ("parts", "J-1 PUMP-1", None, "job J-1 begins before its parts are there"),
        ("shared_tool", "TORQUE at VTE", 1.0, "others have a tool then: TORQUE at VTE"),
        ("outcome", "J-1", None, "it does not go together with the rest of the plan"),
        ("shift", "something else", None, "it does not go together with the rest of the plan"),
    ],
)
def test_a_broken_rule_is_a_sentence(code: str, where: str, by: float | None, text: str) -> None:
    told = broken_rule(Reason(code, by, {"where": where}))
    assert told.text.startswith(text)
    assert " shift 0" not in told.text


def test_times_are_told_in_minutes() -> None:
    assert broken_rule(Reason("window", 90.0, {"where": "J-1"})).misses_by == 1.5
    assert broken_rule(Reason("shared_tool", 2.0, {"where": "TORQUE at VTE"})).misses_by == 2.0
