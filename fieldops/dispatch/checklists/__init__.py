"""Checklists: the work of a task or of a kind of job as steps, given to new jobs, answered in the field."""
