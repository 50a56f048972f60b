"""The notebooks that show what the kernel is for."""
