"""With which words each authority has work certified, as delivered: data, one row an authority.

They are defaults that nobody has checked, as their `source` says on every certificate.
"""

from __future__ import annotations

from collections.abc import Mapping

from fieldops.dispatch.papers.parts import Statement

UNCHECKED = "delivered default, to be checked against the edition in force"

_ROWS = (
    (
        "CAAC",
        "Except as otherwise specified above, the work was carried out in accordance with CCAR-145, and in respect of "
        "that work the aircraft is approved for return to service.\n"
        "除上述另有说明外，本次工作已按照CCAR-145的要求完成，就该项工作而言，航空器准予放行使用。",
        "CCAR-145",
    ),
    (
        "EASA",
        "Certifies that the work specified, except as otherwise specified, was carried out in accordance with Part-145 "
        "and in respect to that work the aircraft is considered ready for release to service.",
        "AMC1 145.A.50(b)",
    ),
    (
        "FAA",
        "The aircraft identified above was repaired and inspected in accordance with current regulations of the "
        "Federal Aviation Administration and is approved for return to service.",
        "14 CFR 43.9, 145.157",
    ),
)
STATEMENTS: Mapping[str, Statement] = {
    authority: Statement(authority, text, source, UNCHECKED) for authority, text, source in _ROWS
}


def statement_of(authority: str) -> Statement:
    """Return the words of an authority; of one that has none here, a general wording under its name."""
    return STATEMENTS.get(authority) or Statement(
        authority,
        "Certifies that the work specified, except as otherwise specified, was carried out as the rules of the "
        "authority of the registry require, and that in respect to that work the aircraft is released to service.",
        "–",
        UNCHECKED,
    )
