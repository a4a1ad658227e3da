"""The rules of the authorities that the demonstration makes up."""

from __future__ import annotations

import pytest

from fieldops.demo.places import regions_of
from fieldops.demo.rights import acceptance_rules, registry
from fieldops.demo.rows import Scale
from inventory.traceability.rule_schemas import NewRule
from tests.inventory.traceability.delivered import DEFAULT_RULES


@pytest.mark.parametrize("scale", ["small", "region", "network"])
def test_each_authority_says_which_papers_it_accepts_of_what_the_delivered_rules_speak_of(scale: Scale) -> None:
    made_up = [NewRule.model_validate(one) for one in acceptance_rules(scale)]
    rules = [*DEFAULT_RULES, *made_up]
    assert len({rule.code for rule in rules}) == len(rules)
    spoken_of = {(rule.part_group, rule.usage) for rule in DEFAULT_RULES}
    for authority in {registry(table.code) for table in regions_of(scale)}:
        assert {(rule.part_group, rule.usage) for rule in rules if rule.authority == authority} == spoken_of
