"""Writes of knowledge bases and documents, and the search in them."""
