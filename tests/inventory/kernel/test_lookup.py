"""From codes to keys, however many."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import Engine, insert
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import reading, writing
from inventory.kernel.errors import Conflict, Invalid
from inventory.kernel.lookup import keys_by_code, refuse_taken
from inventory.network.models import Region


def _unknown(code: str) -> Invalid:
    return Invalid(f"no {code}", code="unknown")


def _taken(code: str) -> Conflict:
    return Conflict(f"has {code}", code="taken")


def _add(session: Session, codes: list[str]) -> dict[str, UUID]:
    keys = {code: uuid7() for code in codes}
    session.execute(insert(Region), [{"id": key, "code": code, "name": code} for code, key in keys.items()])
    return keys


def test_codes_become_keys_also_beyond_one_query(any_engine: Engine) -> None:
    codes = [f"R{number}" for number in range(5_001)]
    with writing(any_engine, SYSTEM) as session:
        keys = _add(session, codes)
    with reading(any_engine, SYSTEM) as session:
        assert keys_by_code(session, Region.code, Region.id, iter([*codes, *codes]), _unknown) == keys
        with pytest.raises(Conflict, match="has R5000"):
            refuse_taken(session, Region.code, [f"N{number}" for number in range(5_000)] + ["R5000"], _taken)


def test_only_what_is_wanted_is_returned(engine: Engine) -> None:
    with writing(engine, SYSTEM) as session:
        keys = _add(session, ["A", "B"])
        assert keys_by_code(session, Region.code, Region.id, ["B"], _unknown) == {"B": keys["B"]}
        assert keys_by_code(session, Region.code, Region.id, [], _unknown) == {}


def test_the_first_unknown_code_is_named(engine: Engine) -> None:
    with writing(engine, SYSTEM) as session:
        _add(session, ["B"])
        with pytest.raises(Invalid, match="no A"):
            keys_by_code(session, Region.code, Region.id, ["C", "B", "A"], _unknown)


def test_a_code_that_exists_or_comes_twice_is_refused(engine: Engine) -> None:
    with writing(engine, SYSTEM) as session:
        _add(session, ["B"])
        refuse_taken(session, Region.code, ["A", "C"], _taken)
        refuse_taken(session, Region.code, [], _taken)
        with pytest.raises(Conflict, match="has B"):
            refuse_taken(session, Region.code, ["A", "B"], _taken)
        with pytest.raises(Conflict, match="has A"):
            refuse_taken(session, Region.code, ["A", "C", "A"], _taken)
