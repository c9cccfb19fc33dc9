"""The rows that can be used, and the moments that a fit needs of them."""
