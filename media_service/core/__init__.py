"""What happens in a call, decided without a clock, a network or a vendor in sight."""
