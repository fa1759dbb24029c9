"""Facts and signals put aside."""
