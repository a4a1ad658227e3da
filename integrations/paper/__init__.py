"""Documents to be printed and signed, as PDF."""
