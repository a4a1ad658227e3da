"""The records of an Odoo database, and what its versions 16 to 19 do in the few methods that the bridge calls."""

from __future__ import annotations

import operator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

Row = dict[str, Any]

FIELDS: dict[str, dict[str, str]] = {
    "res.company": {"name": "char", "currency_id": "many2one"},
    "res.partner": {
        "name": "char",
        "ref": "char",
        "email": "char",
        "is_company": "boolean",
        "supplier_rank": "integer",
        "customer_rank": "integer",
        "active": "boolean",
    },
    "product.product": {
        "name": "char",
        "default_code": "char",
        "uom_id": "many2one",
        "standard_price": "float",
        "cost_currency_id": "many2one",
        "tracking": "selection",
        "active": "boolean",
    },
    "account.analytic.account": {
        "name": "char",
        "code": "char",
        "root_plan_id": "many2one",
        "company_id": "many2one",
        "currency_id": "many2one",
        "active": "boolean",
    },
    "account.analytic.line": {
        "name": "char",
        "account_id": "many2one",
        "amount": "monetary",
        "date": "date",
        "ref": "char",
        "company_id": "many2one",
    },
}
OPERATORS = {"=": operator.eq, "!=": operator.ne, ">": operator.gt, ">=": operator.ge, "<": operator.lt}


@dataclass
class Fault(Exception):
    """An exception inside Odoo, by the name that goes over the wire."""

    name: str
    message: str


@dataclass
class Records:
    """Tables in memory. `clock` moves by 0.3 s with each write; write_date holds microseconds, the wire seconds."""

    version: int
    tables: dict[str, dict[int, Row]] = field(default_factory=lambda: {model: {} for model in FIELDS})
    external_ids: dict[str, tuple[str, int]] = field(default_factory=dict)
    other_plans: set[int] = field(default_factory=set)
    denied: set[str] = field(default_factory=set)
    clock: datetime = datetime(2026, 3, 2, 8, 0, 0, 250_000, tzinfo=UTC)

    def add(self, model: str, **values: Any) -> int:
        """Insert a record and return its id."""
        empty = {
            name: name == "active" or (0 if kind in ("integer", "float") else False)
            for name, kind in self._fields(model)
        }
        record_id = max(self.tables[model], default=0) + 1
        self.tables[model][record_id] = {"id": record_id, **empty}
        self._write(model, record_id, values)
        return record_id

    def call(self, model: str, method: str, *args: Any, **kwargs: Any) -> Any:
        """Call a model's method as a remote caller; raises Fault."""
        if model not in self.tables:
            raise KeyError(model)
        if model in self.denied:
            raise Fault("odoo.exceptions.AccessError", f"You are not allowed to access '{model}' records.")
        return getattr(self, method)(model, *args, **kwargs)

    def search_read(
        self,
        model: str,
        domain: list[Any] | None = None,
        fields: list[str] | None = None,
        offset: int = 0,
        limit: int | None = None,
        order: str | None = None,
        context: Row | None = None,
    ) -> list[Row]:
        rows = [row for row in self.tables[model].values() if self._meets(model, row, list(domain or []))]
        if (context or {}).get("active_test", True):
            rows = [row for row in rows if row.get("active", True)]
        rows.sort(key=lambda row: row["id"] if order == "id" else (str(row["name"]), row["id"]))
        ids = [row["id"] for row in rows[offset : offset + limit if limit else None]]
        return self.read(model, ids, fields)

    def read(
        self, model: str, ids: list[int] | int, fields: list[str] | None = None, context: Row | None = None
    ) -> list[Row]:
        ids = [ids] if isinstance(ids, int) else ids
        names = list(dict.fromkeys(["id", *(fields or [name for name, _ in self._fields(model)])]))
        for name in names:
            self._check_field(model, name)
        found = [self.tables[model][record_id] for record_id in ids if record_id in self.tables[model]]
        return [{name: _on_the_wire(row[name]) for name in names} for row in found]

    def fields_get(
        self,
        model: str,
        allfields: list[str] | None = None,
        attributes: list[str] | None = None,
        context: Row | None = None,
    ) -> Row:
        return {name: {"type": kind} for name, kind in self._fields(model) if not allfields or name in allfields}

    def load(self, model: str, fields: list[str], data: list[list[str]], context: Row | None = None) -> Row:
        for name in fields:
            self._check_field(model, name.removesuffix("/.id"))
        converted, messages = [], []
        for number, cells in enumerate(data):
            row = dict(zip(fields, cells, strict=True))
            values: Row = {}
            for name in fields[1:]:
                try:
                    values[name.removesuffix("/.id")] = self._converted(name, row[name])
                except (ValueError, LookupError) as error:
                    place = {"rows": {"from": number, "to": number}, "record": number, "type": "error"}
                    where = {"field": name.removesuffix("/.id"), "field_name": "Its title"}
                    messages.append({**place, **where, "message": str(error)})
            if "company_id" in FIELDS[model]:
                values["company_id"] = [((context or {}).get("allowed_company_ids") or [1])[0], "company"]
            converted.append((row["id"], values))
        if messages:
            return {"ids": False, "messages": messages, "nextrow": 0}
        return {"ids": [self._upsert(model, *entry) for entry in converted], "messages": [], "nextrow": 0}

    def _upsert(self, model: str, external_id: str, values: Row) -> int:
        _, record_id = self.external_ids.get(external_id, (model, 0))
        if record_id not in self.tables[model]:
            record_id = self.add(model)
            self.external_ids[external_id] = (model, record_id)
        self._write(model, record_id, values)
        return record_id

    def _write(self, model: str, record_id: int, values: Row) -> None:
        for name in values:
            self._check_field(model, name)
        self.clock += timedelta(seconds=0.3)
        self.tables[model][record_id].update(values, write_date=self.clock)

    def _converted(self, name: str, cell: str) -> Any:
        if name.endswith("/.id"):
            account = self.tables["account.analytic.account"].get(int(cell))
            if account is None:
                raise LookupError(f"No matching record found for database id '{cell}' in field 'Account'")
            return [account["id"], account["name"]]
        if name == "amount":
            return float(Decimal(str(float(cell))).quantize(Decimal("0.01"), ROUND_HALF_UP))
        if name == "date":
            return date.fromisoformat(cell).isoformat()
        return cell

    def _meets(self, model: str, row: Row, domain: list[Any]) -> bool:
        def term() -> bool:
            item = domain.pop(0)
            if item == "|":
                left, right = term(), term()
                return left or right
            name, sign, value = item
            self._check_field(model, name)
            if sign not in OPERATORS:
                raise Fault("builtins.ValueError", f"Invalid operator in condition {tuple(item)}")
            return bool(OPERATORS[sign](*self._comparable(row[name], value)))

        verdict = True
        while domain:
            verdict = term() and verdict
        return verdict

    def _comparable(self, stored: Any, asked: Any) -> tuple[Any, Any]:
        """Up to 18 a moment is compared with its hidden microseconds; since 19 in whole seconds."""
        if not isinstance(stored, datetime):
            return stored, asked
        try:
            moment = datetime.strptime(asked, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
        except ValueError as error:
            raise Fault("builtins.ValueError", str(error)) from None
        return stored.replace(microsecond=0) if self.version >= 19 else stored, moment

    def _fields(self, model: str) -> list[tuple[str, str]]:
        plans = self.other_plans if model == "account.analytic.line" and self.version >= 17 else set()
        return [
            *FIELDS[model].items(),
            ("write_date", "datetime"),
            *((f"x_plan{plan}_id", "many2one") for plan in plans),
        ]

    def _check_field(self, model: str, name: str) -> None:
        if name != "id" and name not in dict(self._fields(model)):
            raise Fault("builtins.ValueError", f"Invalid field '{name}' in '{model}'")


def _on_the_wire(value: Any) -> Any:
    return value.strftime("%Y-%m-%d %H:%M:%S") if isinstance(value, datetime) else value
