"""The way in and out: Twilio's media WebSocket, and which calls an instance has."""
