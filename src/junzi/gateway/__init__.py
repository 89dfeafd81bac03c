"""The face of the WebSocket: who is connected, what they say, what they are told."""
