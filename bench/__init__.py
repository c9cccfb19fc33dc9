"""Time and memory of the project, beside the programs of the field: `make bench`, `bench-survey`, `bench-sem`."""
