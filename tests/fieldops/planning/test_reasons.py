"""The reasons of a plan as sentences."""

from __future__ import annotations

from fieldops.dispatch.eligibility import Rules
from fieldops.planning.reasons import reason_text
from fieldops.planning.refusing import with_rules
from fieldops.workforce.kinds import Seat
from optimizer.dispatch.explain import CODES
from optimizer.run import Reason


def test_the_rules_that_keep_most_from_a_seat_are_named() -> None:
    values: dict[str, str | int | float] = {"rule_1": "type_rating_missing", "name_1": "TH60", "people_1": 3}
    values |= {"rule_2": "airside_pass_expired", "name_2": "XIY", "people_2": 2}
    told = reason_text("not_permitted", 1.0, values)
    assert told.endswith("no type rating TH60 (3), airside pass of XIY not valid long enough (2)")
    of_some = reason_text("not_permitted", None, {"people": 4, **values})
    assert of_some.startswith("may not take it: 4, kept from it by: no type rating TH60 (3)")


def test_the_rules_that_keep_one_technician_from_a_seat_are_named() -> None:
    failing: dict[Seat, Rules] = {
        Seat.MECHANIC: (
            ("airside_pass_missing", "VTE", frozenset({"T-1", "T-2"})),
            ("type_rating_missing", "TH60", frozenset({"T-1"})),
        )
    }
    told = {
        who: {**with_rules(Reason("not_permitted"), failing, who).values, "of_one": 1} for who in ("T-1", "T-2", "T-3")
    }
    texts = [reason_text("not_permitted", None, values) for values in told.values()]
    assert texts[:2] == [
        "may not take the seat: no airside pass of VTE, no type rating TH60",
        "may not take the seat: no airside pass of VTE",
    ]
    assert texts[2].startswith("may not take the seat; check the person")
    assert with_rules(Reason("not_permitted"), failing).values["people_1"] == 2


def test_what_keeps_one_technician_is_told_of_one() -> None:
    """With an amount only where one would help; what has no sentence for one is said of a class of one."""
    assert reason_text("technicians_busy", 30.0, {"of_one": 1}) == "busy with other jobs of the plan; 30 min short"
    assert reason_text("technicians_busy", None, {"of_one": 1}) == "busy with other jobs of the plan"
    assert reason_text("over_capacity", 2.0, {"of_one": 1}) == "carry too much already, 2 over at least: 1"
    for code in CODES.values():
        told = [reason_text(code, missed, {"of_one": 1}) for missed in (90.0, None)]
        assert code not in told
        assert "None" not in " ".join(told)


def test_technicians_are_told_by_class() -> None:
    """How many fail at the same, and by how much; no amount where none would help; the seat of a crew."""
    assert reason_text("travel_too_long", 42.0, {"people": 3}) == "too far away, 42 min late at least: 3"
    assert reason_text("technicians_busy", None, {"people": 1}) == "busy with other work of the plan: 1"
    lacking = reason_text("no_qualified_technician", None, {"people": 12, "qualifications": "A320, B1", "seat": "lead"})
    assert lacking == "seat lead: technicians who do not hold A320, B1 together: 12"


def test_each_class_of_the_dispatch_engine_has_a_sentence() -> None:
    for code in CODES.values():
        assert reason_text(code, 1.0, {"people": 1}) != code
        assert reason_text(code, 1.0, {"people": 2}).endswith(": 2")
