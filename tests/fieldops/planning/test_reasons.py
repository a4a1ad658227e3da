"""The reasons of a plan as sentences."""

from __future__ import annotations

from fieldops.planning.reasons import reason_text


def test_the_rules_that_keep_most_from_a_seat_are_named() -> None:
    values: dict[str, str | int | float] = {"rule_1": "type_rating_missing", "name_1": "TH60", "people_1": 3}
    values |= {"rule_2": "airside_pass_expired", "name_2": "XIY", "people_2": 2}
    told = reason_text("not_permitted", 1.0, values)
    assert told.endswith("no type rating TH60 (3), airside pass of XIY not valid long enough (2)")
