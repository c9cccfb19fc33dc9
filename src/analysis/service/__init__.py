"""The service as its own records show it: clocks, limits, and who keeps them."""
