"""How much aircraft are used, where and in which month: what removals are expected from."""
