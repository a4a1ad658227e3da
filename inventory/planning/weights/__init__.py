"""What a piece that is waited for weighs: rules of the trade as data, with their source."""
