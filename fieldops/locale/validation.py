"""What is wrong with an input, in the reader's language: the checks of Pydantic have English texts of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from inventory.kernel.texts import N_, gettext

TEMPLATES = {
    "bool_parsing": N_("Input should be a valid boolean, unable to interpret input"),
    "bool_type": N_("Input should be a valid boolean"),
    "date_from_datetime_inexact": N_("Datetimes provided to dates should have zero time - e.g. be exact dates"),
    "date_from_datetime_parsing": N_("Input should be a valid date or datetime, {error}"),
    "date_parsing": N_("Input should be a valid date in the format YYYY-MM-DD, {error}"),
    "date_type": N_("Input should be a valid date"),
    "datetime_from_date_parsing": N_("Input should be a valid datetime or date, {error}"),
    "datetime_parsing": N_("Input should be a valid datetime, {error}"),
    "datetime_type": N_("Input should be a valid datetime"),
    "decimal_max_digits": N_("Decimal input should have no more than {max_digits} digit{expected_plural} in total"),
    "decimal_max_places": N_("Decimal input should have no more than {decimal_places} decimal place{expected_plural}"),
    "decimal_parsing": N_("Input should be a valid decimal"),
    "decimal_type": N_("Decimal input should be an integer, float, string or Decimal object"),
    "decimal_whole_digits": N_(
        "Decimal input should have no more than {whole_digits} digit{expected_plural} before the decimal point"
    ),
    "dict_type": N_("Input should be a valid dictionary"),
    "enum": N_("Input should be {expected}"),
    "extra_forbidden": N_("Extra inputs are not permitted"),
    "finite_number": N_("Input should be a finite number"),
    "float_parsing": N_("Input should be a valid number, unable to parse string as a number"),
    "float_type": N_("Input should be a valid number"),
    "greater_than": N_("Input should be greater than {gt}"),
    "greater_than_equal": N_("Input should be greater than or equal to {ge}"),
    "int_from_float": N_("Input should be a valid integer, got a number with a fractional part"),
    "int_parsing": N_("Input should be a valid integer, unable to parse string as an integer"),
    "int_parsing_size": N_("Unable to parse input string as an integer, exceeded maximum size"),
    "int_type": N_("Input should be a valid integer"),
    "json_invalid": N_("Invalid JSON: {error}"),
    "less_than": N_("Input should be less than {lt}"),
    "less_than_equal": N_("Input should be less than or equal to {le}"),
    "list_type": N_("Input should be a valid list"),
    "literal_error": N_("Input should be {expected}"),
    "missing": N_("Field required"),
    "model_attributes_type": N_("Input should be a valid dictionary or object to extract fields from"),
    "string_pattern_mismatch": N_("String should match pattern '{pattern}'"),
    "string_too_long": N_("String should have at most {max_length} character{expected_plural}"),
    "string_too_short": N_("String should have at least {min_length} character{expected_plural}"),
    "string_type": N_("Input should be a valid string"),
    "time_parsing": N_("Input should be in a valid time format, {error}"),
    "timezone_aware": N_("Input should have timezone info"),
    "too_long": N_(
        "{field_type} should have at most {max_length} item{expected_plural} after validation, not {actual_length}"
    ),
    "too_short": N_(
        "{field_type} should have at least {min_length} item{expected_plural} after validation, not {actual_length}"
    ),
    "uuid_parsing": N_("Input should be a valid UUID, {error}"),
    "uuid_type": N_("UUID input should be a string, bytes or UUID object"),
}
"""By kind of error, Pydantic's own text; what is not here is told in English."""


def told(error: Mapping[str, Any]) -> str:
    """Return one error of Pydantic as one line."""
    english = str(error["msg"]).removeprefix("Value error, ")
    template = TEMPLATES.get(error["type"])
    if template is None:
        return english
    translated = gettext(template)
    if translated == template:
        return english
    try:
        return translated.format_map(error.get("ctx", {}))
    except KeyError:
        return english
