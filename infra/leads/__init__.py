"""Hand out leads, and erase what is known of a caller."""
