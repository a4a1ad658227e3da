"""Why the database refuses a change, in the reader's language."""

from __future__ import annotations

from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from inventory.kernel.texts import gettext as _

REFUSALS = (IntegrityError, StaleDataError, DataError)


def why(error: Exception) -> str:
    """Return what to do about one of the refusals."""
    match error:
        case StaleDataError():
            return _("It was changed meanwhile, and nothing was changed now; read it again and repeat")
        case IntegrityError():
            return _("Another change came first, and nothing was changed; read again and repeat")
    return _("The database cannot keep one of the values; shorten or correct it")
