"""The protocol's tables, row by row, against a real kernel."""
