"""Long runs with real processes in real time; each proves one promise of the recognition side (`make soak`)."""
