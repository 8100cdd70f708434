"""What media nodes ask and tell: the internal API under /internal/v1/. Shapes: media_workers.contract."""
