"""What may be promised: reservations, pre-emption, availability by date, and from where a part comes soonest."""
