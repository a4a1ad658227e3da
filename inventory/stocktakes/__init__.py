"""Counting what lies on the shelves, and booking what differs once somebody else approves it."""
