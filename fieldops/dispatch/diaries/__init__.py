"""Calendars of technicians: what they have seats on."""
