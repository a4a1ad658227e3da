"""Texts in the language in force."""

from __future__ import annotations

from gettext import NullTranslations

import pytest

from inventory.kernel.texts import gettext, ngettext, speaking
from tests.rivals import at_once


class Shouting(NullTranslations):
    def gettext(self, message: str) -> str:
        return message.upper()

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return super().ngettext(msgid1, msgid2, n).upper()


def test_the_source_text_holds_where_nobody_speaks() -> None:
    assert gettext("job") == "job"
    assert [ngettext("job", "jobs", count) for count in (1, 2)] == ["job", "jobs"]


def _shout_and_fail() -> None:
    with speaking(Shouting()):
        assert gettext("job") == "JOB"
        assert ngettext("job", "jobs", 2) == "JOBS"
        with speaking(NullTranslations()):
            assert gettext("job") == "job"
        assert gettext("job") == "JOB"
        raise ZeroDivisionError


def test_a_block_speaks_its_language_and_gives_it_back_even_when_it_fails() -> None:
    with pytest.raises(ZeroDivisionError):
        _shout_and_fail()
    assert gettext("job") == "job"


def test_threads_speak_for_themselves() -> None:
    def speak(rival: int) -> list[str]:
        with speaking(Shouting() if rival % 2 else NullTranslations()):
            return [gettext("job") for _ in range(200)]

    assert [set(heard) for heard in at_once(4, speak)] == [{"job"}, {"JOB"}, {"job"}, {"JOB"}]
