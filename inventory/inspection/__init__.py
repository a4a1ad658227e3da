"""Receiving inspection, and what is done about parts that may be unapproved."""
