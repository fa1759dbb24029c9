"""What participants write."""
