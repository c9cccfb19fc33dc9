"""What speaks for and against a solution."""
