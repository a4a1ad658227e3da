"""Long work: submitted at once, done by a worker, waited for."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

from fieldops.client.errors import OperationFailed
from fieldops.client.records import Operation
from fieldops.client.transport import Transport


class LongWork:
    """An operation on the server; `value` is what it told last."""

    def __init__(self, transport: Transport, value: Operation) -> None:
        self._transport = transport
        self.value = value

    def refresh(self) -> Operation:
        """Ask how far it is."""
        self.value = self._transport.get(f"/operations/{self.value['id']}")
        return self.value

    def cancel(self) -> Operation:
        """Ask it to stop; what it found so far stays in `incumbent`."""
        self._transport.send("POST", f"/operations/{self.value['id']}/cancel")
        return self.refresh()

    def wait(
        self,
        *,
        timeout_s: float | None = None,
        every_s: float = 1.0,
        progress: Callable[[Operation], None] | None = None,
    ) -> Operation:
        """Return the operation once it is done, calling `progress` with each news of it.

        Raises OperationFailed for any other end, TimeoutError when it lasts longer than `timeout_s`.
        """
        last = None if timeout_s is None else monotonic() + timeout_s
        told: Operation | None = None
        while True:
            now = self.refresh()
            if progress is not None and now != told:
                progress(now)
            told = now
            if now["ended_at"] is not None:
                break
            if last is not None and monotonic() >= last:
                raise TimeoutError(f"{now['kind']} {now['id']} is not done after {timeout_s} s")
            self._transport.sleep(every_s)
        if now["state"] != "done":
            raise OperationFailed(now)
        return now
