"""The audit trail after the fact: sealed into a chain by hash, verified, listed, exported."""
