"""What stays open: frames over WebSocket, changes as server-sent events."""
