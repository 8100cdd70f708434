"""What a node does for trunks between calls: holds registrations, asks gateways whether they are there."""
