"""The api about itself."""
