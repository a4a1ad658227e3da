"""Request bodies that are accepted, to be bent by tests."""

from __future__ import annotations

from typing import Any

Body = dict[str, Any]


def move(**changes: Any) -> Body:
    """A transfer of two lamps from the central depot to the hub."""
    return {
        "move_id": "01900000-0000-7000-8000-000000000001",
        "part": "LAMP-1",
        "origin": "XIY",
        "destination": "VTE",
        "quantity": "2",
        "document": "T-1",
    } | changes


def job(**changes: Any) -> Body:
    """A job at the hub in the world's week."""
    return {
        "number": "J-9",
        "work_order": "W-9",
        "title": "更换着陆灯",
        "kind": "defect",
        "priority": "CRITICAL",
        "place": "VTE",
        "duration_min": 90,
        "window_start": "2026-03-03T08:00:00+07:00",
        "window_end": "2026-03-04T18:00:00+07:00",
        "due_at": "2026-03-03T12:00:00+07:00",
        "delay_cost_per_h": "150.00",
        "currency": "USD",
        "qualifications": ["B1"],
        "parts": [{"part": "LAMP-1", "quantity": "1"}],
    } | changes


def technician(**changes: Any) -> Body:
    """A technician of the hub."""
    return {
        "code": "T-9",
        "name": "Nguyễn An",
        "base": "VTE",
        "time_zone": "Asia/Vientiane",
        "cost_per_h": "21.5",
        "currency": "USD",
        "qualifications": [{"code": "B1", "valid_from": "2026-01-01", "valid_until": "2026-12-31"}],
        "shifts": [{"work_date": "2026-03-02", "starts": "08:00", "ends": "16:00"}],
    } | changes


def place(**changes: Any) -> Body:
    """An outlet of the second region."""
    return {
        "code": "PKZ",
        "name": "Pakse",
        "name_local": "ປາກເຊ",
        "tier": "outlet",
        "region": "SEA",
        "area": "SEA",
        "parent": "VTE",
        "latitude": 15.13,
        "longitude": 105.78,
        "time_zone": "Asia/Vientiane",
        "country": "LA",
    } | changes


def lane(**changes: Any) -> Body:
    """A slow way from the hub to the outlet that stands there already."""
    return {
        "origin": "VTE",
        "destination": "UTH",
        "mode": "boat",
        "lead_h": 60,
        "cost_per_kg": "1",
        "currency": "USD",
    } | changes


def part(**changes: Any) -> Body:
    """A pump that the small world does not know."""
    return {
        "part_number": "PUMP-9",
        "manufacturer_code": "TEST0",
        "ata_chapter": "29-11-03",
        "description": "Hydraulic pump",
        "part_class": "repairable",
        "essentiality": "NO_GO",
        "currency": "USD",
        "standard_cost": "9500",
        "lead_time_days": 60,
        "weight_kg": "12",
        "usage_driver": "flight_hours",
    } | changes


def budget_line(**changes: Any) -> Body:
    """A line of the quarter after the small world's."""
    return {
        "region": "SEA",
        "category": "freight",
        "period_start": "2026-04-01",
        "period_end": "2026-07-01",
        "currency": "USD",
        "budget": "50000",
    } | changes


def limits(**changes: Any) -> Body:
    """Approval limits of two roles."""
    return {"currency": "USD", "limits": {"finance": "1000", "administrator": None}} | changes


def without(body: Body, field: str) -> Body:
    """The body with a field left out."""
    return {name: value for name, value in body.items() if name != field}
