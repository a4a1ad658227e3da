"""Approvals: who lets pass what the control does not, within which authority."""
