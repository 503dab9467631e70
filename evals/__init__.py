"""What is measured rather than tested: comparisons that were the ground of a decision, and the sounds for them."""
