"""What an import does with records that are there already; the command line names it before it loads the rest."""

from __future__ import annotations

from enum import StrEnum


class Existing(StrEnum):
    """What becomes of a row whose record is there already."""

    REFUSE = "refuse"
    """It is a fault."""
    UPDATE = "update"
    """The record becomes as the row says; a column that the file does not have stays as it is."""
