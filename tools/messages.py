"""Collect every text that a user sees, and compile the translations: python tools/messages.py"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parents[1]
DOMAIN = "fieldops"
TRANSLATED = ("zh_CN",)
_PACKAGES = ("fieldops", "inventory")
_METHODS = [
    ("**/migrations/versions/**", "ignore"),
    ("**.py", "python"),
    ("**/templates/**.*", "jinja2.ext.babel_extract"),
]
_OPTIONS = {
    "**/templates/**.*": {"encoding": "utf-8", "trimmed": "false", "silent": "false", "newstyle_gettext": "true"}
}
_KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "N_": None}


def sources() -> Catalog:
    """Return the texts of the source code and the templates, untranslated."""
    found = Catalog(project="fieldops", charset="utf-8", fuzzy=False)
    for package in _PACKAGES:
        places = extract_from_dir(ROOT / package, _METHODS, _OPTIONS, keywords=_KEYWORDS, comment_tags=("i18n:",))
        for file, _line, message, comments, context in places:
            found.add(message, locations=[(f"{package}/{file}", 0)], auto_comments=comments, context=context)
    return found


def po_file(language: str) -> Path:
    """Return where the translations of a language are written."""
    return ROOT / "fieldops" / "locale" / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def translations(language: str) -> Catalog:
    """Return the translations of a language as they are written."""
    with po_file(language).open("rb") as written:
        return read_po(written, locale=language, domain=DOMAIN)


def compiled(catalog: Catalog) -> bytes:
    """Return the translations as gettext reads them."""
    buffer = io.BytesIO()
    write_mo(buffer, catalog)
    return buffer.getvalue()


def untranslated(catalog: Catalog) -> Iterator[Message]:
    """Yield the texts that have no translation, or one that a person has not confirmed."""
    for message in catalog:
        forms = message.string if isinstance(message.string, tuple | list) else (message.string,)
        if message.id and (message.fuzzy or not all(forms)):
            yield message


def update(language: str) -> Catalog:
    """Bring a language's file up to the sources, compile it, and return it."""
    found = sources()
    file = po_file(language)
    catalog = translations(language) if file.exists() else Catalog(locale=language, domain=DOMAIN, fuzzy=False)
    catalog.update(found, no_fuzzy_matching=True, update_creation_date=False, update_header_comment=False)
    file.parent.mkdir(parents=True, exist_ok=True)
    write_catalog(file, catalog)
    return catalog


def write_catalog(file: Path, catalog: Catalog) -> None:
    """Write the translations and their compiled form; the same texts always give the same bytes."""
    with file.open("wb") as out:
        write_po(out, catalog, width=120, sort_output=True, include_lineno=False, ignore_obsolete=True)
    file.with_suffix(".mo").write_bytes(compiled(translations(catalog.locale_identifier or "")))


def main() -> int:
    """Update and compile every language; 1 where a text has no translation."""
    missing = 0
    for language in TRANSLATED:
        catalog = update(language)
        for message in untranslated(catalog):
            missing += 1
            sys.stderr.write(f"{language}: not translated: {message.id!r}\n")
        sys.stderr.write(f"{language}: {len(catalog)} texts\n")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
