"""SQL cells: their connections, the tables that they leave, and running them.

Nothing here is imported before a SQL cell or a connection appears but `databases`, and nothing of
the packages that it needs before one runs.
"""
