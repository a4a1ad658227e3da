"""A process that posts stock moves through the API and dies at a named point: `victim URL TOKEN POINT NTH COUNT`.

It writes a line before each request is sent and after it is answered, so that whoever started it knows what was
acknowledged.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from itertools import count
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import httpx
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from fieldops.app import create_app
from fieldops.settings import Settings
from inventory.kernel.engine import open_engine

STATEMENTS = {
    "move": "INSERT INTO stock_move",
    "balance": "UPDATE stock_balance",
    "event": "INSERT INTO outbox_event",
    "answer": "INSERT INTO idempotency_record",
}
POINTS = (
    "begin",
    *(f"{when}_{name}" for name in STATEMENTS for when in ("before", "after")),
    "before_flush",
    "after_flush",
    "before_commit",
    "after_commit",
)


def body(number: int) -> list[dict[str, Any]]:
    """Return the moves of one request: one lamp goes from XIY to VTE, and one back to the adjustments."""
    return [
        {
            "move_id": str(uuid5(NAMESPACE_URL, f"{number}/{leg}")),
            "part": "LAMP-1",
            "origin": origin,
            "destination": destination,
            "quantity": "1",
            "document": f"D-{number}",
        }
        for leg, (origin, destination) in enumerate((("XIY", "VTE"), ("VTE", "ADJUSTMENT")))
    ]


async def post(client: httpx.AsyncClient, number: int) -> httpx.Response:
    """Send one request, safe to be repeated."""
    return await client.post("/api/v1/stock/moves", json=body(number), headers={"Idempotency-Key": f"key-{number}"})


def die_at(point: str, nth: int) -> None:
    """Kill this process when the point is passed for the nth time, without any chance to clean up."""
    passed = count(1)

    def here(*_about: Any) -> None:
        if next(passed) == nth:
            os.kill(os.getpid(), signal.SIGKILL)

    when, _underscore, name = point.partition("_")
    if name in STATEMENTS:

        def at_statement(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            if statement.startswith(STATEMENTS[name]):
                here()

        event.listen(Engine, f"{when}_cursor_execute", at_statement)
    elif point == "begin":
        event.listen(Session, "after_begin", here)
    else:
        event.listen(Session, point, here)


async def main(url: str, token: str, point: str, nth: int, requests: int) -> None:
    """Post until the end comes."""
    app = create_app(open_engine(url), Settings(database_url=url))
    transport = httpx.ASGITransport(app)
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost", headers=headers) as client:
        await client.get("/api/v1/parts")  # who acts is known before the point is armed
        die_at(point, nth)
        for number in range(requests):
            sys.stdout.write(f"sent {number}\n")
            sys.stdout.flush()
            answer = await post(client, number)
            sys.stdout.write(f"answered {number} {answer.status_code}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5])))
