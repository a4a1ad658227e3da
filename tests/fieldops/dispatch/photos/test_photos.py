"""Photos through the API: what they are by their content, once, within scope, struck out and never deleted."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from PIL import Image
from sqlalchemy import Engine, select

from fieldops.dispatch.checklists.schemas import NewChecklist
from fieldops.dispatch.checklists.service import add_checklists
from fieldops.dispatch.photos import service
from fieldops.dispatch.photos.images import BYTES_MAX, cleaned
from inventory.kernel.actor import SYSTEM
from inventory.kernel.audit import AuditRow
from inventory.kernel.engine import reading, writing
from inventory.kernel.errors import Invalid
from tests.hangar import MORNING
from tests.served_hangar import Hangar, event, served_hangar, worked

LIST: dict[str, Any] = {
    "code": "AOG-PHOTO",
    "title": "Evidence",
    "task": "32-41-10",
    "steps": [{"name": "Disc", "kind": "photo"}],
}


def picture(kind: str = "JPEG", size: tuple[int, int] = (40, 20), **more: Any) -> bytes:
    """A small picture."""
    made = BytesIO()
    Image.new("RGB", size, (200, 30, 30)).save(made, kind, **more)
    return made.getvalue()


def placed() -> bytes:
    """A picture that lies on its side and tells where it was taken."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x8825] = {1: "N", 2: (17.0, 58.0, 0.0), 3: "E", 4: (102.0, 36.0, 0.0)}
    return picture(exif=exif)


@pytest.fixture
def hangar(engine: Engine) -> Iterator[Hangar]:
    """A job whose crew is there."""
    with served_hangar(engine) as made:
        yield made


def post(hangar: Hangar, who: str, content: bytes, expect: int = 201, job: str = "H-1", **told: Any) -> Any:
    """Send a photo."""
    params = {"id": str(uuid4()), "taken_at": MORNING.isoformat()} | told
    headers = {"Content-Type": "application/octet-stream"}
    return hangar.send(who, "POST", f"/jobs/{job}/photos", expect, content=content, params=params, headers=headers)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_is_kept_without_its_metadata(kind: str) -> None:
    exif = Image.Exif()
    exif[0x8825] = {1: "N", 2: (17.0, 58.0, 0.0)}
    kept = cleaned(picture(kind, exif=exif))
    with Image.open(BytesIO(kept.content)) as image:
        assert (image.format, image.size, len(image.getexif())) == (kind, (40, 20), 0)
        assert "exif" not in image.info


def test_a_picture_stands_upright() -> None:
    kept = cleaned(placed())
    assert (kept.width, kept.height) == (20, 40)
    assert b"Exif" not in kept.content


@pytest.mark.parametrize("content", [b"", b"no picture", picture()[:200], picture("GIF"), b"<svg/>", picture("BMP")])
def test_what_is_no_picture_is_refused(content: bytes) -> None:
    with pytest.raises(Invalid) as refused:
        cleaned(content)
    assert refused.value.code == "not_a_picture"


def test_a_picture_that_would_fill_the_memory_is_refused_unread() -> None:
    with pytest.raises(Invalid) as refused:
        cleaned(picture("PNG", (8_000, 4_000)))
    assert refused.value.code == "photo_too_large"


def test_a_photo_is_told_by_its_content_and_kept_once(hangar: Hangar) -> None:
    hangar.tell("mech", *worked(hangar)[:2])
    key = str(uuid4())
    first = post(hangar, "mech", placed(), id=key, note="left brake")
    assert post(hangar, "mech", placed(), id=key, note="left brake") == first
    told = hangar.send("office", "GET", "/jobs/H-1/photos")["items"]
    assert [(one["technician"], one["note"], one["media_type"]) for one in told] == [
        ("MECH", "left brake", "image/jpeg")
    ]
    answer = hangar.fetch("office", "GET", f"/jobs/H-1/photos/{key}/picture")
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Disposition"] == f'inline; filename="{key}.jpg"'
    assert b"Exif" not in answer.content
    post(hangar, "mech", picture(), 422, id=str(uuid4()), note="x", taken_at="yesterday")
    hangar.fetch("mech", "POST", "/jobs/H-1/photos", 413, content=b"x" * (BYTES_MAX + 2))
    assert post(hangar, "insp", picture(), 409, id=key)["code"] == "photo_exists"


def test_who_reports_from_the_field_of_the_region_keeps_photos(hangar: Hangar) -> None:
    assert post(hangar, "learn", picture())["photo"]["technician"] == "LEARN"
    post(hangar, "china", picture(), 404)
    post(hangar, "finance", picture(), 403)
    assert post(hangar, "office", picture())["photo"]["technician"] is None


def test_another_region_sees_no_photo(hangar: Hangar) -> None:
    key = post(hangar, "office", picture())["photo"]["id"]
    for path in ("", f"/{key}", f"/{key}/picture"):
        hangar.fetch("china", "GET", f"/jobs/H-1/photos{path}", 404)


def test_a_job_takes_so_many_photos(hangar: Hangar, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "PHOTOS_MAX", 1)
    post(hangar, "office", picture())
    assert post(hangar, "office", picture(), 409)["code"] == "too_many_photos"


def test_a_photo_answers_its_step_until_it_is_struck_out(engine: Engine, hangar: Hangar) -> None:
    with writing(engine, SYSTEM) as session:
        add_checklists(session, SYSTEM, [NewChecklist.model_validate(LIST)])
    hangar.send("office", "PATCH", "/jobs/H-1", version=hangar.version(), json={"task": "32-41-10"})
    hangar.tell("mech", *worked(hangar)[:2])
    assert hangar.send("mech", "GET", "/jobs/H-1/checklist")["open"] == [1]
    assert post(hangar, "mech", picture(), 422, step=2)["code"] == "wrong_step"
    added = post(hangar, "mech", picture(), step=1)
    assert added["answer"]["standing"] == "applied"
    key, path = added["photo"]["id"], f"/jobs/H-1/photos/{added['photo']['id']}"
    assert hangar.send("mech", "GET", "/jobs/H-1/checklist")["open"] == []
    hangar.send("china", "POST", f"{path}/strike", 404, version=1, json={"reason": "blurred"})
    hangar.send("finance", "POST", f"{path}/strike", 403, version=1, json={"reason": "blurred"})
    struck = hangar.send("office", "POST", f"{path}/strike", version=1, json={"reason": "another aircraft"})
    assert (struck["struck_by"], struck["struck_reason"], struck["version"]) == ("office", "another aircraft", 2)
    assert hangar.send("mech", "GET", "/jobs/H-1/checklist")["open"] == [1]
    (waits,) = hangar.tell("mech", event("finish", 361))
    assert (waits["reason"], "1 Disc" in waits["detail"]) == ("steps_open", True)
    hangar.send("office", "POST", f"{path}/strike", 409, version=2, json={"reason": "again"})
    assert hangar.fetch("office", "GET", f"{path}/picture").content  # it stays to be seen
    with reading(engine, SYSTEM) as session:
        rows = session.scalars(select(AuditRow).where(AuditRow.subject == "job_photo").order_by(AuditRow.id)).all()
        assert [one.action for one in rows] == ["created", "changed"]
        assert rows[0].after is not None
        assert (rows[0].after["content"], rows[0].subject_key) == ("…", key)
