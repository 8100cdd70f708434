"""Plumbing of the REST API: authentication, errors, pagination, idempotency, throttles, OpenAPI."""
