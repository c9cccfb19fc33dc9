"""Raw files in, contracts, quarantine and the simulated edition."""
