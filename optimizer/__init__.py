"""Pure operations research: frozen data in, explained plans out; no database, clock, network or global state."""
