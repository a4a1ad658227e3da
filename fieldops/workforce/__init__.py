"""Technicians, what they are qualified for and when they are on duty."""
