"""Every text that a user sees is in a catalogue, and every catalogue is complete."""

from __future__ import annotations

import ast
import asyncio
import re
from collections.abc import Callable, Iterator
from gettext import NullTranslations
from html.parser import HTMLParser
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import read_mo
from jinja2 import Environment
from pydantic_core._pydantic_core import list_all_errors
from sqlalchemy import Engine, select
from starlette.requests import Request

from fieldops import locale
from fieldops.locale.validation import TEMPLATES
from fieldops.planning.models import DayPlan
from fieldops.planning.portion import told_plan
from fieldops.planning.schemas import DayPlanOut, ReasonOut
from fieldops.planning.service import PlanRequest, make_day_plan
from fieldops.web.limits import RateLimit
from fieldops.web.pages.plan_view import plan_view
from fieldops.web.pages.plans import called
from fieldops.web.pages.shell import Shell
from fieldops.web.problems import problem_response
from fieldops.web.templating import render
from inventory.kernel.actor import SYSTEM, Actor
from inventory.kernel.edge import Paging
from inventory.kernel.engine import open_engine, reading
from inventory.kernel.errors import DomainError
from inventory.kernel.routes import wanted_version
from inventory.kernel.texts import gettext, speaking
from optimizer.run import Limit, Reason
from tests.conftest import NOW
from tests.test_architecture import calls, is_wrapped, modules, place
from tests.worlds import load_tiny
from tools.messages import TRANSLATED, po_file, sources, translations, untranslated

ROOT = Path(__file__).parents[1]
PAGES = sorted((ROOT / "fieldops").rglob("templates/**/*.*"))
WORD = re.compile(r"[A-Za-z]{2,}")
PERCENT_FIELD = re.compile(r"%\((\w+)\)[sd]")
NAMES = {"fieldops", "JSON", "CSV", "Excel", "UTC", "ETag", "Alt", "Ctrl", "End", "Enter", "Esc", "Home"}
"""Words that are the same in every language."""
SEEN_ATTRIBUTES = {"alt", "aria-label", "aria-description", "placeholder", "title"}


@pytest.fixture(scope="module", params=TRANSLATED)
def catalog(request: pytest.FixtureRequest) -> Catalog:
    """The translations of a language as they are written."""
    return translations(request.param)


@pytest.fixture(scope="module")
def texts() -> Catalog:
    """The texts of the sources."""
    return sources()


def _forms(text: object) -> tuple[str, ...]:
    return tuple(text) if isinstance(text, list | tuple) else (str(text),)


def _fields(text: str) -> set[str]:
    try:
        braces = {name for _literal, name, _spec, _conversion in Formatter().parse(text) if name is not None}
    except ValueError:
        braces = set()
    return braces | set(PERCENT_FIELD.findall(text))


def test_the_catalogue_holds_the_texts_of_the_sources_and_no_others(catalog: Catalog, texts: Catalog) -> None:
    """`make messages` brings it up to date."""
    written = {message.id for message in catalog if message.id}
    wanted = {message.id for message in texts if message.id}
    assert len(wanted) > 300
    assert sorted(wanted - written, key=str) == []
    assert sorted(written - wanted, key=str) == []


def test_every_text_is_translated(catalog: Catalog) -> None:
    assert [message.id for message in untranslated(catalog)] == []


def test_a_translation_has_the_fields_of_its_text(catalog: Catalog) -> None:
    wrong = [message.id for message in catalog if message.id and not _same_fields(message)]
    assert wrong == []


def _same_fields(message: Message) -> bool:
    wanted = set.union(*(_fields(form) for form in _forms(message.id)))
    return all(_fields(form) == wanted for form in _forms(message.string))


def test_what_is_compiled_is_what_is_written(catalog: Catalog) -> None:
    """`make messages` compiles it."""
    with po_file(catalog.locale_identifier or "").with_suffix(".mo").open("rb") as stored:
        shipped = {_forms(message.id): _forms(message.string) for message in read_mo(stored) if message.id}
    assert shipped == {_forms(message.id): _forms(message.string) for message in catalog if message.id}


def test_plain_words_take_their_values_from_pydantic() -> None:
    own: dict[str, str] = {one["type"]: one["message_template_python"] for one in list_all_errors()}
    assert {kind for kind, text in TEMPLATES.items() if not _fields(text) <= _fields(own[kind])} == set()


def _bare(node: ast.AST) -> Iterator[str]:
    """Yield the constants under a node that hold words and are not given to gettext."""
    match node:
        case ast.Call(func=ast.Name(id="_" | "ngettext" | "N_" | "gettext")):
            return
        case ast.Call(func=ast.Attribute(value=value, attr="format")):
            yield from _bare(value)
            return
        case ast.FormattedValue():
            return
        case ast.Constant(value=str(text)):
            if set(WORD.findall(text)) - NAMES:
                yield text
    for child in ast.iter_child_nodes(node):
        yield from _bare(child)


def _said(call: ast.Call) -> Iterator[ast.expr]:
    """Yield what a call shows to a person at a terminal."""
    match call.func:
        case ast.Attribute(attr="echo" | "secho" | "confirm" | "prompt" | "BadParameter"):
            yield from call.args[:1]
    for keyword in call.keywords:
        if keyword.arg in ("help", "epilog", "short_help"):
            yield keyword.value


def test_what_the_command_line_says_goes_through_gettext() -> None:
    said = [
        (path, call, node) for path in modules("fieldops", "inventory") for call in calls(path) for node in _said(call)
    ]
    assert len(said) > 20
    assert [f"{place(path, call)} {text}" for path, call, node in said for text in _bare(node)] == []


def test_no_route_refuses_with_a_text_of_its_own() -> None:
    """An HTTPException has the text of its status; whoever has more to say raises a DomainError."""
    wrong = [
        place(path, call)
        for path in modules("fieldops", "inventory")
        for call in calls(path)
        if isinstance(call.func, ast.Name) and call.func.id == "HTTPException"
        for told in (*call.args[1:2], *(keyword.value for keyword in call.keywords if keyword.arg == "detail"))
        if not (is_wrapped(told) or isinstance(told, ast.Name))
    ]
    assert wrong == []


class Words(HTMLParser):
    """Collects what a person reads on a page, code and other languages' texts left out."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self._silent = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += self._is_silent(tag)
        self.found += [value for name, value in attrs if name in SEEN_ATTRIBUTES and value]

    def handle_endtag(self, tag: str) -> None:
        self._silent -= self._is_silent(tag)

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.found.append(data)

    def _is_silent(self, tag: str) -> bool:
        return tag in ("code", "style", "script")


def _without_code(template: str) -> str:
    """Return a template with its expressions, statements and comments left out."""
    tokens = Environment(autoescape=True).lex(template)
    return "".join(value for _line, kind, value in tokens if kind == "data")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_template_holds_no_word_of_its_own(page: Path) -> None:
    bare = [set(WORD.findall(text)) - NAMES for text in Words(_without_code(page.read_text())).found]
    assert [found for found in bare if found] == []


class Pseudo(NullTranslations):
    """A language in which every text is between ⟦ and ⟧."""

    def gettext(self, message: str) -> str:
        return f"⟦{message}⟧"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return f"⟦{super().ngettext(msgid1, msgid2, n)}⟧"


def _untouched(page: str) -> set[str]:
    """Return the words of a page that no translation has touched."""
    left: set[str] = set()
    for text in Words(page).found:
        while text != (text := re.sub(r"⟦[^⟦⟧]*⟧", "", text)):
            pass
        left |= {word for word in WORD.findall(text) if word.islower()}
    return left - NAMES


SHELL = Shell(
    name="",
    csrf="",
    path="",
    theme="auto",
    entries=(),
    regions=(),
    region=None,
    permissions=frozenset({"*"}),
    everywhere=True,
    news=0,
    news_kinds=(),
)


def test_the_page_of_a_plan_speaks_no_english_of_its_own(engine: Engine) -> None:
    load_tiny(engine)
    request = PlanRequest(NOW.date(), limit=Limit(iterations=20))
    make_day_plan(engine, SYSTEM, request, clock=lambda: NOW)
    with reading(engine, SYSTEM) as session, speaking(Pseudo()):
        plan = session.scalars(select(DayPlan)).one()
        view = plan_view(session, plan, told_plan(session, plan), None)
        page = render("plans/plan.html", board=view, shell=SHELL, script_words={}, page_words={}, **called())
    assert page.count("⟦") > 100
    named = set(WORD.findall(str(plan.document["plan"]) + " ".join(_names(engine))))
    assert _untouched(page.replace(plan.plan_hash, "")) - named == set()


def _names(engine: Engine) -> list[str]:
    """Return every text that is data: what people typed is never translated."""
    with engine.connect() as connection:
        rows = connection.exec_driver_sql(
            "SELECT name FROM place UNION ALL SELECT name FROM technician UNION ALL SELECT title FROM job"
            " UNION ALL SELECT description FROM part UNION ALL SELECT code FROM place"
        )
        return [str(name) for (name,) in rows]


def test_the_page_before_the_first_plan_speaks_no_english_of_its_own() -> None:
    with speaking(Pseudo()):
        page = render("empty.html")
    assert _untouched(page) == set()


REFUSALS: list[Callable[[], object]] = [
    lambda: Actor("somebody").require("plan.make"),
    lambda: Actor("somebody").require_region("CN"),
    lambda: asyncio.run(wanted_version(None)),
    lambda: asyncio.run(wanted_version("nonsense")),
    lambda: Paging(50, "nonsense").after(("",)),
    lambda: open_engine("sqlite:////dev/null/x.db"),
    lambda: _twice(RateLimit(1)),
]


def _twice(limit: RateLimit) -> None:
    limit.take("a")
    limit.take("a")


@pytest.mark.parametrize("refusal", REFUSALS)
def test_the_page_of_an_error_speaks_no_english_of_its_own(refusal: Callable[[], object]) -> None:
    request = Request({"type": "http", "method": "GET", "path": "/", "headers": [(b"accept", b"text/html")]})
    with speaking(Pseudo()), pytest.raises(DomainError) as refused:
        refusal()
    with speaking(Pseudo()):
        wrong = refused.value
        page = bytes(problem_response(request, wrong.status, wrong.code, wrong.message).body).decode()
    assert page.count("⟦") >= 5
    assert _untouched(page) == set()


def test_the_empty_text_stays_empty() -> None:
    with speaking(locale.catalogue("zh_CN")):
        assert gettext("") == ""


def test_a_reason_is_told_in_the_language_of_its_reader() -> None:
    reason = ReasonOut.of(Reason("parts_late", 90.0, {"part": "P-1"}))
    stored = reason.model_dump(mode="json")
    with speaking(Pseudo()):
        read = ReasonOut.model_validate(stored)
        assert read.text == "⟦part P-1: ⟦the parts arrive ⟦1 h 30 min⟧ after the latest start⟧⟧"
    assert reason.text == "part P-1: the parts arrive 1 h 30 min after the latest start"
    assert ReasonOut.model_validate(stored) == reason
    one = ReasonOut.of(Reason("no_qualified_technician", None, {"qualifications": "B1"}), of_one=True)
    assert (one.text, ReasonOut.model_validate_json(one.model_dump_json())) == ("does not hold B1", one)


def test_a_reason_of_an_older_plan_keeps_its_text() -> None:
    old = {"code": "no_stock", "text": "no serviceable stock is left within reach; 2 missing", "misses_by": 2.0}
    with speaking(Pseudo()):
        assert ReasonOut.model_validate(old).text == old["text"]


def test_a_stored_plan_is_read_in_another_language(engine: Engine) -> None:
    load_tiny(engine)
    made = make_day_plan(engine, SYSTEM, PlanRequest(NOW.date(), limit=Limit(iterations=20)), clock=lambda: NOW)
    with reading(engine, SYSTEM) as session:
        plan = session.scalars(select(DayPlan)).one()
        assert DayPlanOut.model_validate(plan.document) == made
        with speaking(Pseudo()):
            read = DayPlanOut.model_validate(plan.document)
    reasons = [reason for one in read.replenishment.unmet for reason in one.reasons]
    reasons += [reason for job in read.dispatch.unassigned for reason in job.reasons]
    assert reasons
    assert all(reason.text.startswith("⟦") for reason in reasons)
