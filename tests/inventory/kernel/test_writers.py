"""Writers at the same time wait for each other; readers do not."""

from __future__ import annotations

from threading import Event, Thread

from sqlalchemy import Engine

from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import reading, writing
from inventory.kernel.installation import InstallationFact, fact, set_fact
from tests.rivals import at_once


def _append(engine: Engine, letter: str, *, begun: Event, may_end: Event) -> None:
    with writing(engine, SYSTEM) as session:
        before = session.get(InstallationFact, "letters", with_for_update=True)
        begun.set()
        assert may_end.wait(20)
        set_fact(session, "letters", (before.value if before else "") + letter)


def test_the_second_of_two_writers_waits_and_sees_what_the_first_wrote(any_engine: Engine) -> None:
    with writing(any_engine, SYSTEM) as session:
        set_fact(session, "letters", "")
    a_begun, a_may_end, b_begun, b_may_end = Event(), Event(), Event(), Event()
    b_may_end.set()
    first = Thread(target=_append, args=(any_engine, "a"), kwargs={"begun": a_begun, "may_end": a_may_end})
    second = Thread(target=_append, args=(any_engine, "b"), kwargs={"begun": b_begun, "may_end": b_may_end})
    first.start()
    assert a_begun.wait(20)
    second.start()
    with reading(any_engine, SYSTEM) as session:
        assert fact(session, "letters") == ""
    assert not b_begun.is_set()
    a_may_end.set()
    first.join(20)
    second.join(20)
    with reading(any_engine, SYSTEM) as session:
        assert fact(session, "letters") == "ab"


def test_no_write_is_lost_between_read_and_write(any_engine: Engine) -> None:
    with writing(any_engine, SYSTEM) as session:
        set_fact(session, "count", "0")

    def count_up(_rival: int) -> None:
        for _ in range(5):
            with writing(any_engine, SYSTEM) as session:
                found = session.get_one(InstallationFact, "count", with_for_update=True)
                found.value = str(int(found.value) + 1)

    at_once(4, count_up)
    with reading(any_engine, SYSTEM) as session:
        assert fact(session, "count") == "20"


def test_a_reader_keeps_its_snapshot_while_others_write(any_engine: Engine) -> None:
    with writing(any_engine, SYSTEM) as session:
        set_fact(session, "colour", "red")
    with reading(any_engine, SYSTEM) as session:
        assert fact(session, "colour") == "red"
        with writing(any_engine, SYSTEM) as other:
            set_fact(other, "colour", "green")
        session.expire_all()
        assert fact(session, "colour") == "red"
    with reading(any_engine, SYSTEM) as session:
        assert fact(session, "colour") == "green"
