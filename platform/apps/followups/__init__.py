"""What a call leads to: callbacks that were promised, and text messages that were sent."""
