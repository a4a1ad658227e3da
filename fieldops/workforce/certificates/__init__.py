"""What people hold, what they lack for an authorisation, and what an hour of them costs."""
