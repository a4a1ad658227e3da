"""What the routes of calendars answer."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class CalendarAddress(BaseModel):
    """The address of one's own calendar; it is shown this once, and opens the calendar to whoever has it."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"address": "https://fieldops.example.com/calendars/3q2-7w…XkE.ics"}]}
    )

    address: str
