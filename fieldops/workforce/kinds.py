"""The words in which the workforce is told: kinds of certificates, employment, seats, absences."""

from __future__ import annotations

from enum import StrEnum


class CertificateKind(StrEnum):
    """What a certificate says of its holder."""

    LICENCE = "licence"
    VALIDATION = "validation"
    """An authority accepts a licence that another has issued."""
    TYPE_RATING = "type_rating"
    AUTHORISATION = "authorisation"
    """The company lets its holder sign, within a scope."""
    TRAINING = "training"
    AIRSIDE_PASS = "airside_pass"  # noqa: S105 - no password
    WORK_PERMIT = "work_permit"
    VISA = "visa"
    MEDICAL = "medical"
    OTHER = "other"


class Employment(StrEnum):
    """By whom, and on what terms, somebody is employed."""

    OWN = "own"
    EXPATRIATE = "expatriate"
    LOCAL = "local"
    CONTRACTOR = "contractor"


class Seat(StrEnum):
    """What somebody is on a job for."""

    RELEASE_SIGNATORY = "release_signatory"
    INDEPENDENT_INSPECTOR = "independent_inspector"
    MECHANIC = "mechanic"
    TRAINEE = "trainee"
    ADVISORY_ENGINEER = "advisory_engineer"
    """Advises, and never signs."""


SIGNING = frozenset({Seat.RELEASE_SIGNATORY, Seat.INDEPENDENT_INSPECTOR})
"""The seats whose holders sign."""


class AbsenceKind(StrEnum):
    """Why somebody is not there."""

    LEAVE = "leave"
    SICKNESS = "sickness"
    TRAINING = "training"
