"""What the Makefile calls: prepare, deps, intake, execute, publish, render, check, manifest; and the warm process."""
