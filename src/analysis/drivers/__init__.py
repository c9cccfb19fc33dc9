"""What moves customers: which dimensions matter most, and where they stand."""
