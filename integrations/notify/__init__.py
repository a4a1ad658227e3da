"""Telling the outside world: signed posts to webhooks, and mail."""
