"""What a telephone engineer would ask for: carriers, trunks, the edge. Knows tenants, no business domain."""
