"""What is wrong with a file, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from integrations.files.tables import Fault, FileError
from inventory.kernel.errors import Invalid
from inventory.kernel.texts import N_, gettext
from inventory.kernel.texts import gettext as _

_TEXTS = {
    Fault.NOT_A_FILE: N_("there is no such file; correct its name"),
    Fault.UNREADABLE: N_("it cannot be read ({why})"),
    Fault.CANNOT_WRITE: N_("it cannot be written ({why}); choose another file"),
    Fault.UNKNOWN_FORMAT: N_("only .csv and .xlsx are taken; save it as one of them"),
    Fault.EMPTY: N_("it is empty; its first row names the columns"),
    Fault.ENCODING: N_("its text is neither UTF-8 nor GB18030; save it as “CSV UTF-8”"),
    Fault.MALFORMED: N_("row {row} is not CSV ({why}); look at its quotation marks"),
    Fault.LONG_LINE: N_("line {row} has more than {most} characters; look at its line ends"),
    Fault.LONG_CELL: N_("row {row} has a cell of more than {most} characters, which Excel does not take"),
    Fault.ERROR_CELL: N_("a cell holds an error such as #N/A; mend its formula"),
    Fault.MERGED_HEADER: N_("the cells {cells} of its header are merged; unmerge them and name each column"),
    Fault.TOO_MANY_ROWS: N_("more than {most} rows; CSV takes a million, Excel 100000: use CSV, or several files"),
    Fault.NO_WORKBOOK: N_("it is not an Excel workbook, is damaged or has a password; save it anew as .xlsx"),
    Fault.HAS_MACROS: N_("it has macros; save it as .xlsx without them"),
    Fault.TOO_LARGE: N_("it is far larger unpacked than a table needs to be; copy the table into a new workbook"),
}


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn what is wrong with a file into a refusal."""
    try:
        yield
    except FileError as wrong:
        why = gettext(_TEXTS[wrong.fault]).format(**wrong.details)
        raise Invalid(_("{file}: {why}").format(file=path.name, why=why), code="wrong_file", field="file") from None
