"""What the Makefile calls: prepare, execute a notebook, publish, render, check, manifest; and the warm process."""
