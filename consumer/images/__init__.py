"""Fetching the picture of a post by reference: what is allowed, from where, within which bounds."""
