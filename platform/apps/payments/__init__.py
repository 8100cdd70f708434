"""How tenants pay: Stripe."""
