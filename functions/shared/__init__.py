"""What the functions have in common around their decisions: Firestore, and Twilio's webhooks.

Bundled with each function that imports it, at this same path. What is pure is in `calls`.
"""
