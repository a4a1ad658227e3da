"""Our side of the ERP bridge: what is to be sent, and what has been."""
