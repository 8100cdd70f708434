"""Vendors of speech and language: what they offer, and the keys that let a tenant's calls in."""
