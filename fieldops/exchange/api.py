"""Routes of files: for each kind one that takes a file in and one that writes it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from enum import StrEnum
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryDirectory
from typing import Annotated

from fastapi import APIRouter, Depends, Query, UploadFile
from starlette.responses import StreamingResponse

from fieldops.exchange.existing import Existing
from fieldops.exchange.kinds import Kind
from fieldops.exchange.schemas import ImportReport
from fieldops.exchange.service import export_file, import_file
from fieldops.exchange.tables import KINDS
from inventory.kernel.edge import Acting, Here
from inventory.kernel.routes import Route

UPLOAD_MAX = 10 * 1024 * 1024
"""Bytes of a file that is sent; the command line takes larger ones."""

AT_ONCE = 2
"""How many files are read, and how many written, at the same time."""

_CHUNK = 64 * 1024

router = APIRouter(tags=["exchange"], route_class=Route)


class Format(StrEnum):
    """The formats of a file."""

    CSV = "csv"
    XLSX = "xlsx"


_MEDIA = {
    Format.CSV: "text/csv",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
DryRun = Annotated[bool, Query(description="Try everything and keep nothing.")]
OfExisting = Annotated[Existing, Query(description="What becomes of a row whose record is there already.")]


async def _taking_in() -> AsyncIterator[None]:
    """Let whoever sends a file wait, without a worker thread, for those who did so before."""
    yield


async def _writing_out() -> AsyncIterator[None]:
    """Let whoever wants a file wait, without a worker thread, for those who did so before."""
    yield


def _import(kind: Kind) -> Callable[..., ImportReport]:
    def take_in(
        edge: Here, actor: Acting, file: UploadFile, dry_run: DryRun = False, existing: OfExisting = Existing.REFUSE
    ) -> ImportReport:
        """Take in a CSV or Excel file: all rows or none; the answer tells every fault of each row.

        With `dry_run` nothing is kept. `applied` tells whether the rows are in. With `existing=update` the records
        that are there become as the file says; columns that it does not have stay.
        """
        # what the sender calls the file is no path of ours
        name = (file.filename or "").replace("\\", "/").rpartition("/")[2]
        with TemporaryDirectory() as folder:
            path = Path(folder, f"table{Path(name).suffix}")
            with path.open("wb") as kept:
                copyfileobj(file.file, kept)
            told = import_file(edge.engine, actor, kind, path, clock=edge.clock, dry_run=dry_run, existing=existing)
        return told.model_copy(update={"file": name})

    return take_in


def _export(kind: Kind) -> Callable[..., StreamingResponse]:
    def write_out(edge: Here, actor: Acting, format: Format = Format.CSV) -> StreamingResponse:  # noqa: A002 - as the query says it
        """Write every record that the actor sees to a CSV or Excel file, which an import takes."""
        folder = TemporaryDirectory()
        path = Path(folder.name, f"{kind.name}.{format}")
        try:
            export_file(edge.engine, actor, kind, path)
        except BaseException:
            folder.cleanup()
            raise

        def content() -> Iterator[bytes]:
            with folder, path.open("rb") as file:
                while chunk := file.read(_CHUNK):
                    yield chunk

        name = f'attachment; filename="{path.name}"'
        return StreamingResponse(content(), media_type=_MEDIA[format], headers={"Content-Disposition": name})

    return write_out


for _kind in KINDS.values():
    _name = _kind.name.replace("-", "_")
    router.add_api_route(
        f"/imports/{_kind.name}",
        _import(_kind),
        methods=["POST"],
        name=f"import_{_name}",
        dependencies=[Depends(_kind.writing), Depends(_taking_in, scope="request", max_concurrency=AT_ONCE)],
        openapi_extra={"x-body-max": UPLOAD_MAX},
    )
    router.add_api_route(
        f"/exports/{_kind.name}",
        _export(_kind),
        methods=["GET"],
        name=f"export_{_name}",
        dependencies=[Depends(_kind.reading), Depends(_writing_out, scope="request", max_concurrency=AT_ONCE)],
        response_class=StreamingResponse,
        responses={200: {"content": {media: {"schema": {"type": "string"}} for media in _MEDIA.values()}}},
    )
