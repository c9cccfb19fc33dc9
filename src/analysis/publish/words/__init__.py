"""The words of the report in both languages: read from files beside what they describe, and how values are written."""
