"""The languages of the product: which one is wanted, and its catalogue of translated texts."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

ENGLISH = "en"
NAMES = {ENGLISH: "English", "zh_CN": "中文"}
"""What each language calls itself, the one of the source texts first."""
LANGUAGES = tuple(NAMES)
DOMAIN = "fieldops"
_TERMINAL = ("FIELDOPS_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")


@lru_cache
def catalogue(language: str) -> NullTranslations:
    """Return the translations of one of LANGUAGES."""
    if language == ENGLISH:
        return NullTranslations()
    with (Path(__file__).parent / language / "LC_MESSAGES" / f"{DOMAIN}.mo").open("rb") as compiled:
        return GNUTranslations(compiled)


def tag(language: str) -> str:
    """Return a language as HTTP and HTML name it, such as zh-CN."""
    return language.replace("_", "-")


def known(name: str) -> str | None:
    """Return the one of LANGUAGES that a name such as zh-Hans, zh_CN.UTF-8 or en-GB means, None for any other."""
    primary = name.strip().lower().replace("_", "-").partition("-")[0].partition(".")[0]
    return next((language for language in LANGUAGES if language.partition("_")[0] == primary), None)


def accepted(accept_language: str) -> str:
    """Return the language that the header Accept-Language prefers; English where it names none of ours."""
    wanted: dict[str, float] = {}
    for choice in accept_language.split(","):
        name, _semicolon, parameter = choice.partition(";")
        language, weight = known(name), _weight(parameter)
        if language is not None and weight > 0:
            wanted[language] = max(weight, wanted.get(language, 0.0))
    return max(wanted, key=wanted.__getitem__, default=ENGLISH)


def of_terminal(environment: Mapping[str, str]) -> str:
    """Return the language of a terminal: the first set of FIELDOPS_LANGUAGE, LC_ALL, LC_MESSAGES and LANG decides."""
    first = next((environment[name] for name in _TERMINAL if environment.get(name)), "")
    return known(first) or ENGLISH


def _weight(parameter: str) -> float:
    """Return what q=… says, 1 where it says nothing, 0 where it says nonsense."""
    name, _equals, value = parameter.strip().partition("=")
    if not name:
        return 1.0
    try:
        return float(value) if name.strip().lower() == "q" and 0 <= float(value) <= 1 else 0.0
    except ValueError:
        return 0.0
