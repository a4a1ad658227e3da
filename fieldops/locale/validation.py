"""What is wrong with an input, in plain words and the reader's language, in the place of Pydantic's own texts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from inventory.kernel.texts import N_, gettext

_TRUTH = N_("must be true or false")
_DAY = N_("must be a day, such as 2026-03-01")
_INSTANT = N_("must be an instant with its time zone, such as 2026-03-01T08:00:00Z")
_NUMBER = N_("must be a number, such as 12.5, without separators")
_WHOLE = N_("must be a whole number")
_TEXT = N_("must be a text")
_LIST = N_("must be a list")
_FIELDS = N_("must have fields, each with its value")
_KEY = N_("must be a key (UUID)")

TEMPLATES = {
    "bool_parsing": _TRUTH,
    "bool_type": _TRUTH,
    "date_from_datetime_inexact": _DAY,
    "date_from_datetime_parsing": _DAY,
    "date_parsing": _DAY,
    "date_type": _DAY,
    "datetime_from_date_parsing": _INSTANT,
    "datetime_parsing": _INSTANT,
    "datetime_type": _INSTANT,
    "decimal_max_digits": N_("must have no more than {max_digits} digits"),
    "decimal_max_places": N_("must have no more than {decimal_places} digits after the decimal point"),
    "decimal_parsing": _NUMBER,
    "decimal_type": _NUMBER,
    "decimal_whole_digits": N_("must have no more than {whole_digits} digits before the decimal point"),
    "dict_type": _FIELDS,
    "enum": N_("must be one of {expected}"),
    "extra_forbidden": N_("is not known here; leave it out or correct its name"),
    "finite_number": N_("must be a number that is not infinite"),
    "float_parsing": _NUMBER,
    "float_type": _NUMBER,
    "greater_than": N_("must be more than {gt}"),
    "greater_than_equal": N_("must be at least {ge}"),
    "int_from_float": _WHOLE,
    "int_parsing": _WHOLE,
    "int_parsing_size": N_("is too large a number"),
    "int_type": _WHOLE,
    "json_invalid": N_("is no JSON: {error}"),
    "less_than": N_("must be less than {lt}"),
    "less_than_equal": N_("must be at most {le}"),
    "list_type": _LIST,
    "literal_error": N_("must be {expected}"),
    "missing": N_("is missing"),
    "model_attributes_type": _FIELDS,
    "string_pattern_mismatch": N_("is not of the form that is wanted here ({pattern})"),
    "string_too_long": N_("must have at most {max_length} characters"),
    "string_too_short": N_("must have at least {min_length} characters"),
    "string_type": _TEXT,
    "time_parsing": N_("must be a time of day, such as 17:30"),
    "timezone_aware": _INSTANT,
    "too_long": N_("must have at most {max_length} items, not {actual_length}"),
    "too_short": N_("must have at least {min_length} items, not {actual_length}"),
    "uuid_parsing": _KEY,
    "uuid_type": _KEY,
}
"""By kind of error; what is not here is told in Pydantic's English."""


def told(error: Mapping[str, Any]) -> str:
    """Return one error of Pydantic as one line."""
    template = TEMPLATES.get(error["type"])
    if template is None:
        return str(error["msg"]).removeprefix("Value error, ")
    return gettext(template).format_map(error.get("ctx", {}))
