"""Many editions from one: cells of a grid, what they share, where they are made, what they may tell together."""
