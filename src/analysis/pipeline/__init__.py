"""What the Makefile calls: derive prerequisites, prepare, take in, execute, publish, render, note, check."""
