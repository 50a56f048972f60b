"""A Jupyter kernel that keeps a notebook consistent."""

__version__ = "0.1.0"
