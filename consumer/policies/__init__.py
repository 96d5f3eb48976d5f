"""Policies that the package brings along (data only)."""
