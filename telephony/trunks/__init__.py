"""Tenants' SIP trunks: gateways, credentials, allowed addresses, limits."""
