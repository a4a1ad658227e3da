"""What stateful code needs to write safely: columns, engine, unit of work, actor, errors, numbering, outbox."""
