"""What the Makefile calls: prepare, execute a notebook, render, check, manifest, bench."""
