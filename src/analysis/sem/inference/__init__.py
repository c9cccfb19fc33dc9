"""Standard errors: scores, sandwich, bootstrap, replicates, derived quantities."""
