"""Campaigns: whom to dial, when, how fast. Reads outcomes from calls."""
