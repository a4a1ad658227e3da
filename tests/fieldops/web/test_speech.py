"""Which language an answer is in."""

from __future__ import annotations

from typing import Any

import pytest

from fieldops import locale
from inventory.kernel.texts import gettext, language, speaking
from tests.fieldops.web.conftest import Site
from tests.rivals import at_once


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        ("", "en"),
        ("zh", "zh_CN"),
        ("zh-CN", "zh_CN"),
        ("zh-Hans", "zh_CN"),
        ("zh-hans-CN,en;q=0.5", "zh_CN"),
        ("en-GB,zh;q=0.9", "en"),
        ("zh;q=0.3, en;q=0.7", "en"),
        ("de, fr;q=0.9, zh;q=0.2", "zh_CN"),
        ("de, *;q=0.5", "en"),
        ("zh;q=0, en;q=0.1", "en"),
        ("zh;q=0", "en"),
        ("zh;q=nonsense", "en"),
        ("zh;q=7,en;q=0.5", "en"),
        (";;,,=;q", "en"),
    ],
)
def test_the_browser_says_which_language_it_prefers(header: str, wanted: str) -> None:
    assert locale.accepted(header) == wanted


@pytest.mark.parametrize(
    ("environment", "wanted"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh_CN"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C.UTF-8"}, "en"),
        ({"LC_ALL": "zh_CN", "FIELDOPS_LANGUAGE": "en"}, "en"),
        ({"FIELDOPS_LANGUAGE": "zh-CN", "LANG": "de_DE"}, "zh_CN"),
        ({"LANG": "POSIX"}, "en"),
        ({"FIELDOPS_LANGUAGE": "", "LANG": "zh"}, "zh_CN"),
    ],
)
def test_a_terminal_says_its_language_in_the_environment(environment: dict[str, str], wanted: str) -> None:
    assert locale.of_terminal(environment) == wanted


def test_a_catalogue_names_its_language() -> None:
    for name in locale.LANGUAGES:
        with speaking(locale.catalogue(name)):
            assert language() == name
    assert language() == "en"


@pytest.mark.parametrize(
    ("headers", "wanted"),
    [
        ({}, "en"),
        ({"accept-language": "zh"}, "zh-CN"),
        ({"accept-language": "zh", "cookie": "fieldops_language=en"}, "en"),
        ({"cookie": "fieldops_language=zh_CN"}, "zh-CN"),
        ({"cookie": "fieldops_language=../../etc"}, "en"),
    ],
)
@pytest.mark.parametrize("path", ["/page", "/api/v1/errors/conflict", "/api/v1/errors/broken", "/nothing"])
def test_every_answer_names_its_language_also_from_threads_and_for_errors(
    shared: Site, path: str, headers: dict[str, Any], wanted: str
) -> None:
    answer = shared.http.get(path, headers=headers | {"accept": "text/html"})
    assert answer.headers["content-language"] == wanted
    assert "Accept-Language" in answer.headers["vary"]
    with speaking(locale.catalogue(wanted.replace("-", "_"))):
        word = gettext("Stopped; what was not finished is not kept")
    if path.endswith("conflict"):
        assert word in answer.text
    elif not path.startswith("/api/"):
        assert f'<html lang="{wanted}">' in answer.text


def test_requests_at_once_do_not_hear_each_other(shared: Site) -> None:
    def ask(rival: int) -> list[str]:
        wanted = ("zh-CN", "en")[rival % 2]
        pages = [shared.http.get("/page", headers={"accept-language": wanted}).text for _ in range(20)]
        return [page for page in pages if f'<html lang="{wanted}">' not in page]

    assert at_once(4, ask) == [[], [], [], []]
