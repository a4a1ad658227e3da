"""The certificate with which work on an aircraft ends: a release, or the record that only advice was given."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from fieldops.dispatch.papers import words
from fieldops.dispatch.papers.parts import DataReference, Deferral, OperatorRelease, Signatory, Site, Statement, Tail
from fieldops.locale import catalogue, tag
from integrations.paper.document import (
    Block,
    Facts,
    Heading,
    Notice,
    Paper,
    SignatureBox,
    Signatures,
    Text,
)
from integrations.paper.render import pdf
from inventory.kernel.texts import gettext as _
from inventory.kernel.texts import language, speaking


@dataclass(frozen=True, slots=True)
class ReleaseCertificate:
    """What is printed on a certificate.

    `statement` certifies; `operator_release` stands in its place where the work was only advised, and the paper then
    says that it is no release. Raises ValueError unless there is exactly one of the two.
    """

    number: str
    job: str
    work_order: str
    organisation: str
    approval: str
    tail: Tail
    site: Site
    work_done: tuple[str, ...]
    data: tuple[DataReference, ...]
    limitations: tuple[str, ...]
    deferrals: tuple[Deferral, ...]
    signatory: Signatory
    signed_at: datetime
    statement: Statement | None = None
    operator_release: OperatorRelease | None = None

    def __post_init__(self) -> None:
        if (self.statement is None) == (self.operator_release is None):
            raise ValueError("a certificate has either a statement or the operator's own release")


def release_certificate_pdf(certificate: ReleaseCertificate, language: str) -> bytes:
    """Return a certificate as PDF, its labels in one of the product's languages; the same one gives the same bytes.

    The statement is printed in the words of its authority, never translated. Raises ValueError for an instant without
    a time zone.
    """
    with speaking(catalogue(language)):
        return pdf(_paper(certificate))


def _paper(certificate: ReleaseCertificate) -> Paper:
    advisory = certificate.operator_release is not None
    return Paper(
        number=certificate.number,
        title=_("Record of advice") if advisory else _("Certificate of release to service"),
        subtitle=f"{certificate.tail.registration} · {certificate.tail.type}",
        organisation=f"{certificate.organisation} · {certificate.approval}",
        revision=words.revision(certificate.data),
        banner=_("NOT A RELEASE: advisory only") if advisory else "",
        page_of=_("Page {page} of {pages}"),
        language=tag(language()),
        blocks=tuple(_blocks(certificate)),
    )


def _blocks(certificate: ReleaseCertificate) -> Iterator[Block]:
    yield Facts(
        (
            (_("Certificate"), certificate.number),
            (_("Job"), certificate.job),
            (_("Work order"), certificate.work_order),
            (_("Place"), words.place_in_zone(certificate.site)),
            *words.aircraft(certificate.tail),
        ),
        columns=4,
    )
    yield Facts(((_("Organisation"), certificate.organisation), (_("Approval number"), certificate.approval)))
    yield Heading(_("Advice given") if certificate.operator_release else _("Work done"))
    yield Text(words.listed(f"• {one}" for one in certificate.work_done))
    yield Heading(_("Maintenance data"))
    yield Text(words.listed(f"• {words.reference(one)}" for one in certificate.data))
    yield Heading(_("Limitations"))
    yield Text(words.listed(f"• {one}" for one in certificate.limitations) if certificate.limitations else _("None"))
    yield Heading(_("Open deferrals"))
    yield words.deferrals(certificate.deferrals)
    if certificate.statement is not None:
        yield from _release(certificate, certificate.statement)
    if certificate.operator_release is not None:
        yield from _advice(certificate, certificate.operator_release)


def _release(certificate: ReleaseCertificate, statement: Statement) -> Iterator[Block]:
    yield Heading(_("Certificate statement"))
    yield Notice(statement.text)
    yield Facts(
        (
            (_("Authority"), statement.authority),
            (_("Source"), statement.source),
            (_("Edition"), statement.edition),
        ),
        columns=3,
    )
    yield Signatures((_signed(certificate, _("Release signatory")),))


def _advice(certificate: ReleaseCertificate, release: OperatorRelease) -> Iterator[Block]:
    yield Heading(_("Release by the operator"))
    yield Notice(
        _(
            "This paper does not return the aircraft to service. The operator released it on its own authority, "
            "under the reference below."
        )
    )
    yield Facts(((_("Operator's release reference"), release.reference), (_("Released by"), release.released_by)))
    yield Signatures((_signed(certificate, _("Advisory engineer, does not release")),))


def _signed(certificate: ReleaseCertificate, title: str) -> SignatureBox:
    signatory = certificate.signatory
    facts = (
        (_("Full name"), signatory.name),
        (_("Licence"), signatory.licence),
        (_("Authorisation"), signatory.authorisation),
        (_("Date and time"), words.moment(certificate.signed_at, certificate.site)),
    )
    return SignatureBox(title, facts, (_("Signature, stamp"),))
