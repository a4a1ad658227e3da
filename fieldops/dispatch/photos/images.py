"""A picture as it comes from a telephone, made fit to be kept: what it is by its content, upright, without metadata."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO

from PIL import Image, ImageOps

from inventory.kernel.errors import Invalid
from inventory.kernel.texts import gettext as _

BYTES_MAX = 5 * 1024 * 1024
"""Bytes of a picture, as it is sent and as it is kept."""
PIXELS_MAX = 25_000_000
MEDIA = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
"""The media types of the formats that are taken."""
SUFFIXES = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}
_QUALITY = 90


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture without anything but its pixels and their colours; sizes in pixels."""

    media_type: str
    width: int
    height: int
    content: bytes

    @property
    def sha256(self) -> str:
        """Return the hash of the content."""
        return sha256(self.content).hexdigest()


def cleaned(content: bytes) -> Picture:
    """Return a picture that is encoded anew: where and with what it was taken is left out, and it stands upright.

    Raises Invalid for what is no JPEG, PNG or WebP by its content, cannot be read, or is too large.
    """
    if len(content) > BYTES_MAX:
        raise _too_large()
    try:
        with Image.open(BytesIO(content), formats=list(MEDIA)) as told:
            if told.width * told.height > PIXELS_MAX:
                raise _too_large()
            return _encoded(ImageOps.exif_transpose(told), str(told.format))
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as wrong:
        raise _too_large() from wrong
    except (OSError, SyntaxError, ValueError) as wrong:
        raise Invalid(
            _("This is no picture in JPEG, PNG or WebP that can be read; take the photo again"),
            code="not_a_picture",
            field="body",
        ) from wrong


def _encoded(image: Image.Image, kind: str) -> Picture:
    known = {"RGB", "L"} if kind == "JPEG" else {"RGB", "RGBA", "L"}
    plain = Image.frombytes(image.mode, image.size, image.tobytes()) if image.mode in known else image.convert("RGB")
    kept = BytesIO()
    profile = image.info.get("icc_profile")
    plain.info.clear()
    plain.save(kept, kind, quality=_QUALITY, **({"icc_profile": profile} if profile else {}))
    if kept.tell() > BYTES_MAX:
        raise _too_large()
    return Picture(MEDIA[kind], image.width, image.height, kept.getvalue())


def _too_large() -> Invalid:
    return Invalid(
        _("A photo has at most {bytes} MB and {pixels} million pixels; send a smaller one").format(
            bytes=BYTES_MAX // 1024 // 1024, pixels=PIXELS_MAX // 1_000_000
        ),
        code="photo_too_large",
        field="body",
    )
