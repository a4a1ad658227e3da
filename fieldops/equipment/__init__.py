"""Tools and ground equipment: calibrated, booked for spans of time, lent out."""
