"""The words of airworthiness papers: forms, work done, groups of parts, links between numbers, what is watched."""

from __future__ import annotations

from enum import StrEnum


class Form(StrEnum):
    """What kind of document releases or certifies a part."""

    CAAC_AAC_038 = "caac_aac_038"
    EASA_FORM_1 = "easa_form_1"
    UK_FORM_1 = "uk_form_1"
    TCCA_FORM_ONE = "tcca_form_one"
    FAA_8130_3 = "faa_8130_3"
    CONFORMITY = "conformity"
    """A certificate or statement of conformity: no release, but the way back to a standard and a batch."""
    OTHER = "other"


class WorkStatus(StrEnum):
    """What the document says was done (block 11 of the release forms)."""

    NEW = "new"
    OVERHAULED = "overhauled"
    REPAIRED = "repaired"
    INSPECTED = "inspected"
    MODIFIED = "modified"


class PartGroup(StrEnum):
    """How acceptance rules divide parts."""

    COMPONENT = "component"
    STANDARD_PART = "standard_part"
    MATERIAL = "material"
    TOOL = "tool"


class Usage(StrEnum):
    """Whether a part was in use since it was made."""

    NEW = "new"
    USED = "used"


class PeriodStatus(StrEnum):
    """What a part was doing in a period of its life."""

    IN_SERVICE = "in_service"
    STORED = "stored"
    IN_SHOP = "in_shop"


class LinkKind(StrEnum):
    """How a number is connected with another."""

    RENUMBERED = "renumbered"
    """A modification gave the piece the other number."""
    INSTALLED = "installed"
    """The piece was built into the other, its next-higher assembly."""
    REMOVED = "removed"
    """The piece was taken out of the other."""
    SPLIT = "split"
    """The lot was divided, and the other is what was taken off."""


class WatchKind(StrEnum):
    """What a watch entry names."""

    SERIAL = "serial"
    """A serial number, or the number of a lot."""
    BATCH = "batch"
    """The number of a lot, or a batch that a document names."""
    CERTIFICATE = "certificate"
    """The tracking number of a document."""
    ORGANISATION = "organisation"
    """The name or the approval number of who signed a document."""
