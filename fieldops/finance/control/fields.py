"""The field types that the schemas of the control share."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

Role = Annotated[str, StringConstraints(pattern="^[a-z][a-z_]{0,31}$")]
"""A role's code, such as regional_manager."""

Kind = Annotated[str, StringConstraints(pattern="^[a-z][a-z_]{0,31}$")]
"""A kind of document, such as job, order, transfer, purchase, repair."""

Document = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[^\s\x00-\x1f\x7f]{1,64}$")]
"""The number of a document."""

Item = Annotated[str, StringConstraints(pattern=r"^[^\s\x00-\x1f\x7f]{0,64}$")]
"""What tells the items of a document apart."""

Source = Annotated[str, StringConstraints(pattern=r"^[^\s\x00-\x1f\x7f]{1,80}$")]
"""Where an expense comes from, such as timesheet/4711; posted once."""
