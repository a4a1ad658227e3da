"""What is printed, read back from the files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from uuid import UUID

import pytest
from pypdf import PdfReader

from fieldops.dispatch.papers import job_card_pdf, job_entry, release_certificate_pdf, words
from fieldops.dispatch.papers.parts import DataReference, LabourLine, Site, Step
from fieldops.locale import LANGUAGES, catalogue
from inventory.kernel.texts import speaking
from tests.conftest import NOW
from tests.fieldops.dispatch.papers.samples import ADVICE, CARD, RELEASE, VISIT

_SPACE = re.compile(r"\s+")
KEY = UUID(int=7)


def pages(file: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(BytesIO(file), strict=True).pages]


def squeezed(text: str) -> str:
    """Return a text without its spaces: where a line breaks is not what is tested."""
    return _SPACE.sub("", text)


def texts(value: object, name: str = "") -> Iterator[str]:
    """Yield every text in a record."""
    if is_dataclass(value):
        for field in fields(value):
            yield from texts(getattr(value, field.name), field.name)
    elif isinstance(value, tuple):
        for one in value:
            yield from texts(one, name)
    elif isinstance(value, str) and name not in ("kind", "time_zone"):
        yield value


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_of_a_job_card_is_on_it(language: str) -> None:
    printed = squeezed("".join(pages(job_card_pdf(CARD, language))))
    assert [text for text in texts(CARD) if squeezed(text) not in printed] == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("certificate", [RELEASE, ADVICE], ids=["release", "advice"])
def test_every_text_of_a_certificate_is_on_it(language: str, certificate: object) -> None:
    printed = squeezed("".join(pages(release_certificate_pdf(certificate, language))))  # type: ignore[arg-type]
    assert [text for text in texts(certificate) if squeezed(text) not in printed] == []


def test_a_card_in_english() -> None:
    printed = "\n".join(pages(job_card_pdf(CARD, "en")))
    for told in (
        "Job card",
        "Work only to AMM 32-41-11-400 rev. 14 of Jan 15, 2026",
        "Mar 2, 2026 01:30 UTC+07:00",
        "Mar 1, 2026 18:30 UTC",
        "Asia/Vientiane",
        "Aug 31, 2026",
        "1,250.5 ml",
        "3 h 15 min",
        "not ended",
        "Release signatory",
        "▲ ◎",
        "Page 1 of 2",
    ):
        assert told in printed
    assert printed.index("Replace the left") < printed.index("更换左主轮")


def test_a_card_in_chinese() -> None:
    printed = "\n".join(pages(job_card_pdf(CARD, "zh_CN")))
    for told in (
        "工作单",
        "仅可按以下资料版本施工：AMM 32-41-11-400 版次 14（2026年1月15日）",
        "2026年3月2日 01:30 UTC+07:00",
        "2026年3月1日 18:30 UTC",
        "放行人员",
        "3 小时 15 分",
        "第 1 页，共 2 页",
    ):
        assert squeezed(told) in squeezed(printed)
    assert printed.index("更换左主轮") < printed.index("Replace the left")
    assert "Work order" not in printed


@pytest.mark.parametrize(
    ("language", "warning"), [("en", "NOT A RELEASE: advisory only"), ("zh_CN", "非放行文件：仅供技术支援")]
)
def test_advice_says_on_every_page_that_it_is_no_release(language: str, warning: str) -> None:
    long = replace(ADVICE, work_done=tuple(f"advice {number}" for number in range(150)))
    found = pages(release_certificate_pdf(long, language))
    assert len(found) > 2
    assert all(warning in page for page in found)
    assert warning not in "".join(pages(release_certificate_pdf(RELEASE, language)))


def test_a_certificate_has_a_statement_or_the_operators_release_and_not_both() -> None:
    with pytest.raises(ValueError, match="either"):
        replace(RELEASE, statement=None)
    with pytest.raises(ValueError, match="either"):
        replace(RELEASE, operator_release=ADVICE.operator_release)


def test_long_work_goes_on_over_pages_that_each_name_the_revision() -> None:
    steps = tuple(Step(f"X{number:03}", "Tighten bolt 拧紧螺栓 " * 9) for number in range(120))
    found = pages(job_card_pdf(replace(CARD, steps=steps), "en"))
    assert len(found) > 8
    for number, page in enumerate(found, 1):
        assert page.count("J-00042 · Data: AMM 32-41-11-400 rev. 14") == 1
        assert f"Page {number} of {len(found)}" in page
        assert ("Done: stamp, sign" in page) == (re.search(r"X\d{3}", page) is not None)
    assert re.findall(r"X\d{3}", "".join(found)) == [step.number for step in steps]


def test_many_references_are_counted_in_the_head_and_named_below() -> None:
    data = tuple(DataReference(f"CMM-{number}", "1") for number in range(9))
    (page,) = pages(release_certificate_pdf(replace(RELEASE, data=data), "en"))
    assert "6 more" in page
    assert "CMM-8 rev. 1" in page


def test_a_card_of_as_little_as_there_can_be() -> None:
    bare = replace(CARD, title_zh=None, steps=(), seats=(), parts=(), tools=(), precautions=(), deferrals=(), labour=())
    for language in LANGUAGES:
        assert "J-00042" in pages(job_card_pdf(bare, language))[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_same_papers_are_the_same_bytes(language: str) -> None:
    assert job_card_pdf(CARD, language) == job_card_pdf(replace(CARD), language)
    assert release_certificate_pdf(RELEASE, language) == release_certificate_pdf(replace(RELEASE), language)
    assert job_card_pdf(CARD, language) != job_card_pdf(replace(CARD, number="J-00043"), language)


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        job_card_pdf(replace(CARD, starts_at=datetime(2026, 3, 1)), "en")  # noqa: DTZ001
    with pytest.raises(ValueError, match="time zone"):
        release_certificate_pdf(replace(RELEASE, signed_at=datetime(2026, 3, 1)), "en")  # noqa: DTZ001


def test_both_halves_of_a_repeated_hour_are_told_apart() -> None:
    paris = Site("TLS", "Toulouse", "Europe/Paris")
    first, second = (words.moment(datetime(2026, 10, 25, hour, 30, tzinfo=UTC), paris) for hour in (0, 1))
    assert first == "Oct 25, 2026 02:30 UTC+02:00\nOct 25, 2026 00:30 UTC"
    assert second == "Oct 25, 2026 02:30 UTC+01:00\nOct 25, 2026 01:30 UTC"
    newfoundland = Site("YYT", "St John's", "America/St_Johns")
    assert words.moment(NOW, newfoundland).splitlines()[0].endswith("UTC-03:30")


def test_numbers_keep_their_digits() -> None:
    assert [words.number(Decimal(text)) for text in ("1", "0.0025", "12345.678901")] == ["1", "0.0025", "12,345.678901"]
    with speaking(catalogue("zh_CN")):
        assert words.day(date(2026, 3, 1)) == "2026年3月1日"
        assert words.seat("mechanic") == "维修人员"
    assert words.seat("observer") == "observer"


def test_time_is_summed_over_a_change_of_the_clock() -> None:
    paris = Site("TLS", "Toulouse", "Europe/Paris")
    night = LabourLine("A", datetime(2026, 10, 24, 23, tzinfo=UTC), datetime(2026, 10, 25, 3, tzinfo=UTC))
    printed = "\n".join(pages(job_card_pdf(replace(CARD, site=paris, labour=(night,)), "en")))
    assert "1 person" in printed
    assert printed.count("4 h 0 min") == 2


def test_the_entry_of_a_job_names_place_parts_and_tools() -> None:
    entry = job_entry(VISIT, "en", key=KEY, sequence=3, changed_at=NOW)
    assert (entry.key, entry.sequence, entry.withdrawn) == (KEY, 3, False)
    assert entry.summary == "J-00042 · B-3726 · Replace the left main wheel brake"
    assert entry.location == "VTE · Vientiane Wattay"
    assert entry.description.splitlines() == [
        "Starts: Mar 2, 2026 01:30 UTC+07:00 = Mar 1, 2026 18:30 UTC",
        "Ends: Mar 2, 2026 05:45 UTC+07:00 = Mar 1, 2026 22:45 UTC",
        "Work only to AMM 32-41-11-400 rev. 14 of Jan 15, 2026",
        "Part: 1 EA TH3241-00011-3 (BR-20417) Brake assembly, main wheel",
        "Part: 1,250.5 ml MS29526-2 Hydraulic fluid MIL-PRF-83282",
        "Tool: TW-150 (TW-0093) Torque wrench 20–150 N·m",
        "Tool: JK-20 (JK-0007) Axle jack 20 t",
    ]
    told = job_entry(VISIT, "zh_CN", key=KEY, sequence=3, changed_at=NOW, withdrawn=True)
    assert told.summary.endswith("更换左主轮刹车装置")
    assert "航材：1 EA" in told.description
    assert told.withdrawn
