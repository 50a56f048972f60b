"""The reactive kernel as a plain Python kernel: everything that ipykernel's does."""
