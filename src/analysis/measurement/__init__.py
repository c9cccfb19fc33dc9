"""The measurement of the constructs: how reliably their items speak for them."""
