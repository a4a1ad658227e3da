"""Translation of every text that a user sees: `_("…")`, in the language of the request or the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from gettext import NullTranslations

_SOURCE_TEXTS = NullTranslations()
_current: ContextVar[NullTranslations] = ContextVar("translations", default=_SOURCE_TEXTS)


def gettext(message: str) -> str:
    """Return `message` in the language in force; the English source text where there is no translation."""
    # the empty text stands for the header of a catalogue
    return _current.get().gettext(message) if message else message


def ngettext(singular: str, plural: str, count: int) -> str:
    """Return the form of the message that fits `count`."""
    return _current.get().ngettext(singular, plural, count)


def N_(message: str) -> str:  # noqa: N802 - the name that the world gives to this mark
    """Mark a text of a table for translation; whoever reads the table translates it with `gettext`."""
    return message


def language() -> str:
    """Return the language in force, as its catalogue names it: "en" for the source texts."""
    return _current.get().info().get("language", "en")


@contextmanager
def speaking(translations: NullTranslations) -> Iterator[None]:
    """Use `translations` for the texts made inside the block (one request, one command)."""
    token = _current.set(translations)
    try:
        yield
    finally:
        _current.reset(token)


def local(name: str, other: str | None) -> str:
    """Return a name as those who read Chinese write it, where it is known so; for others as it is."""
    is_chinese = other is not None and any("\u4e00" <= letter <= "\u9fff" for letter in other)
    return other if other and is_chinese and (language() or "").startswith("zh") else name
