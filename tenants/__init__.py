"""Tenants and all that keeps them apart: scopes, row-level security, members, roles, keys, secrets."""
