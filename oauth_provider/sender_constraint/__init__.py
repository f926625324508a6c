"""What key does the sender hold? One file per way to show it."""
