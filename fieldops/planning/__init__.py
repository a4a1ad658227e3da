"""The day plan: dispatch, spares and budget in one."""
