"""Threads, what lies between them, how they end, and whether they live."""
