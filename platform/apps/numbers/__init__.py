"""Numbers a tenant owns and the agent each reaches."""
