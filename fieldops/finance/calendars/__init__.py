"""Fiscal calendars: years, their periods, and which of them are closed."""
