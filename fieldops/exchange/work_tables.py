"""The tables of tasks and jobs that can be taken in and out by files."""

from __future__ import annotations

from sqlalchemy import select

from fieldops.dispatch.models import Job
from fieldops.dispatch.tasks.models import Task
from fieldops.dispatch.tasks.queries import task_page
from fieldops.dispatch.tasks.schemas import NewTask
from fieldops.dispatch.tasks.service import add_tasks
from fieldops.equipment.models import ToolKind
from fieldops.exchange.kinds import Kind, by_code, regional, undated
from fieldops.exchange.queries import every
from fieldops.exchange.work_rows import JobRow, add_rows, all_jobs
from fieldops.fleet.models import Aircraft
from fieldops.workforce.models import Qualification
from inventory.catalogue.models import Part
from inventory.kernel.routes import Access, Elsewhere
from inventory.network.models import Place

WORK = (
    Kind(
        "tasks",
        NewTask,
        ("code",),
        undated(add_tasks),
        every(task_page, "", by_code),
        Access("dispatch.read", Elsewhere.SHARED),
        Access("dispatch.write", Elsewhere.NETWORK),
        standing=select(Task.code),
    ),
    Kind(
        "jobs",
        JobRow,
        ("number",),
        add_rows,
        all_jobs,
        *regional("dispatch.read", "dispatch.write"),
        refers={
            "place": Place.code,
            "tail": Aircraft.registration,
            "task": Task.code,
            "qualifications": Qualification.code,
            "parts.part": Part.part_number,
            "tools.kind": ToolKind.code,
            "after": Job.number,
        },
        standing=select(Job.number),
        portion=100_000,  # a job may stand before one that it comes after, but not in an earlier portion
    ),
)
"""In the order of import."""
