"""What the SIP edge needs to know: which media nodes exist, which are alive, and how they prove it."""
