"""The HTTP and WebSocket faces of the calls: public, and internal for media nodes."""
