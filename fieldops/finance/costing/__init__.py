"""The cost model: what dispatch, freight, parts, repairs and promises cost, item by item, and who pays."""
