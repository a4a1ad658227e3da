"""What happens to a job from its plan to its end: the table of steps, events from the field, what they book."""
