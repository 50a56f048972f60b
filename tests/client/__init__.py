"""Notebook files run without a page."""
