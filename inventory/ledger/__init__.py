"""The stock ledger: immutable double entries, and the balances that they add up to."""
