"""What every deployable knows of a phone call. Standard library only."""
