"""What a tenant has, and what its calls cost."""
