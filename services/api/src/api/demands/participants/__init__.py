"""Who is and was in a demand."""
