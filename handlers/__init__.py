"""What the bot does, on no platform in particular: one function per event."""
