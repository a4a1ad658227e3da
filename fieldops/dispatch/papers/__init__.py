"""Papers of a job: its card, and the certificate with which it ends."""

from fieldops.dispatch.papers.card import JobCard, job_card_pdf
from fieldops.dispatch.papers.certificate import ReleaseCertificate, release_certificate_pdf
from fieldops.dispatch.papers.diary import Visit, job_entry

__all__ = ["JobCard", "ReleaseCertificate", "Visit", "job_card_pdf", "job_entry", "release_certificate_pdf"]
