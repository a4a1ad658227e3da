"""Everything persistent about spares: catalogue, network, ledger and the planning of stock."""
