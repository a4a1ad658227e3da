"""What people hold, what they lack for an authorisation, and what runs out when."""
