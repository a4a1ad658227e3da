"""How long answers hold, and how much may be asked at once."""

from __future__ import annotations

from datetime import timedelta

ANSWER_HOLDS = timedelta(minutes=5)
"""So long an answer can be taken."""
FORGOTTEN = timedelta(days=1)
"""So long after its end an answer is still told to be over; then it is unknown."""
START_GRACE = timedelta(minutes=1)
"""A start that is past, or is not kept, by less than this is as good as what was wanted."""
STILL = timedelta(minutes=15)
"""A job that begins otherwise by no more than this stays where it is."""
RUNNING_MAX = timedelta(minutes=5)
"""So long a running plan counts for what stands now, once its days have begun; then it is taken up anew."""
DESKS_MAX = 8
"""So many areas are kept in a process."""
WITHOUT_MAX = 8
"""So many running plans without some of their jobs are kept of an area: a job is asked about several times over."""
OPTIONS_MAX, OTHERS_MAX, WINDOWS_MAX = 10, 4, 48
