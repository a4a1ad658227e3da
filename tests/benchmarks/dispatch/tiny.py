"""A tiny instance of each form, made by hand, and the published data where it is at hand."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

VRPTW = """tiny

VEHICLE
NUMBER     CAPACITY
  2         10

CUSTOMER
CUST NO.   XCOORD.   YCOORD.    DEMAND   READY TIME  DUE DATE   SERVICE TIME

    0          0          0          0          0        100          0
    1          1          1          6         10         20          5
    2          3          4          4          0         50          5
    3          0          5          5          0         50          5
"""

TRSP = """tiny

INFO
CREW COUNT  SKILLS  TOOLS   SPARE PARTS
2      2       1       2

DEPOT TECHNICIANS AND REQUESTS
ID   X     Y     TWS    TWE    Serv   SKILLS   TOOLS    SPARE PARTS
0    0     0     0      100    0      [] 	[] 	[]
1    0     10    0      100    0      [0] 	[] 	[1,0]
2    10    0     0      100    0      [0,1] 	[0] 	[0,0]
3    0     12    20     30     5      [0] 	[] 	[1,0]
4    3     0     0      100    5      [0] 	[0] 	[1,0]
5    10    4     0      100    5      [1] 	[0] 	[0,0]
"""

RELEASES = """# Instance tiny - 1 dynamic requests - 2 static requests
Dyn   Stat
1     2
ID    RD
3    -1
4    12
5    -1
"""

HHCRSP = json.dumps(
    {
        "patients": [
            {
                "id": "p1",
                "location": [0, 3],
                "time_window": [0, 10],
                "required_caregivers": [{"service": "s1", "duration": 5}],
            },
            {
                "id": "p2",
                "location": [0, 6],
                "time_window": [5, 6],
                "required_caregivers": [{"service": "s1", "duration": 5}, {"service": "s2", "duration": 5}],
                "synchronization": {"type": "sequential", "distance": [2, 4]},
            },
        ],
        "services": [{"id": "s1", "default_duration": 5}, {"id": "s2", "default_duration": 5}],
        "caregivers": [{"id": "c1", "abilities": ["s1"]}, {"id": "c2", "abilities": ["s2"]}],
        "central_offices": [{"id": "d", "location": [0, 0]}],
        "distances": [[0, 3, 6], [3, 0, 3], [6, 3, 0]],
    }
)

TASKS = """Capacity: 200
Customer: 3

CUST NO.\tXCOORD.\tYCOORD.\tDEMAND\tREADY TIME\tDUE DATE\tSERVICE TIME\tcost\td11\td12\td21\td22
1\t0\t0\t0\t0\t100\t0\t0\t0\t0\t0\t0
2\t3\t4\t1\t0\t50\t10\t100\t2\t1\t1\t0
3\t0\t5\t1\t0\t50\t10\t100\t0\t0\t2\t2
"""

CREW = """Technicians
Number of Technicians: 3
domains: 2
proficiency level: 2

ID\tdomain1 domain2
1\t2\t0
2\t1\t1
3\t1\t2
4\t2\t2
"""

FILES = {"vrptw": VRPTW, "trsp": TRSP, "hhcrsp": HHCRSP, "tasks": TASKS, "crew": CREW, "releases": RELEASES}


def write(folder: Path, *names: str) -> list[Path]:
    """Write those of FILES under names that tell nothing of what they hold."""
    paths = [folder / f"file{number}" for number in range(len(names))]
    for path, name in zip(paths, names, strict=True):
        path.write_text(FILES[name])
    return paths


def published() -> Path:
    """Return the folder of the published instances; the test is skipped where there is none."""
    folder = Path(os.environ.get("FIELDOPS_BENCH_DATA", ""), "dispatch")
    if "FIELDOPS_BENCH_DATA" not in os.environ or not folder.is_dir():
        pytest.skip("the published instances are not at hand: set FIELDOPS_BENCH_DATA to their folder")
    return folder
