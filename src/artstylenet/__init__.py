"""Discover the hidden styles of a collection of paintings."""
