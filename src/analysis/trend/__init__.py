"""The tracking series and its forecast."""
