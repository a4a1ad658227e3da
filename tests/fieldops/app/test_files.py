"""Answers on the wire: compressed for whoever takes that; files of pages that have not changed are not sent again."""

from __future__ import annotations

import pytest

from tests.fieldops.app.conftest import Api

STYLE = "/static/style.css"


def test_a_file_comes_compressed_or_plain_as_it_is_asked_for(tiny: Api) -> None:
    zipped = tiny.http.get(STYLE, headers={"Accept-Encoding": "gzip"})
    plain = tiny.http.get(STYLE, headers={"Accept-Encoding": "identity"})
    assert (zipped.headers["content-encoding"], zipped.headers["vary"]) == ("gzip", "Accept-Encoding")
    assert "content-encoding" not in plain.headers
    assert zipped.text == plain.text
    assert int(zipped.headers["content-length"]) < int(plain.headers["content-length"]) / 2
    assert plain.headers["content-type"] == "text/css; charset=utf-8"


def test_a_file_that_has_not_changed_is_not_sent_again(tiny: Api) -> None:
    tag = tiny.http.get(STYLE).headers["etag"]
    known = tiny.http.get(STYLE, headers={"If-None-Match": tag})
    assert (known.status_code, known.content, known.headers["etag"]) == (304, b"", tag)
    assert tiny.http.get(STYLE, headers={"If-None-Match": '"another"'}).status_code == 200


@pytest.mark.parametrize("path", ["/static/nothing.css", "/static/../app.py", "/static/js"])
def test_what_is_no_file_of_a_page_is_not_found(tiny: Api, path: str) -> None:
    assert tiny.http.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/", "/api/v1/regions", "/api/v1/openapi.json"])
def test_pages_and_answers_are_compressed_unless_they_are_small(tiny: Api, path: str) -> None:
    zipped = tiny.http.get(path, headers={"Accept-Encoding": "gzip"})
    plain = tiny.http.get(path, headers={"Accept-Encoding": "identity"})
    assert ("content-encoding" in zipped.headers) == (len(plain.content) > 1_000)
    assert "content-encoding" not in plain.headers
