"""Field and after-sales service logistics: dispatch, spares and budget in one explained plan."""

__version__ = "0.1.0"
