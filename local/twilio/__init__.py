"""A Twilio on this machine: it rings, fetches TwiML, opens media streams and plays what it is sent, in real time."""
