"""What crosses the wire: operations, events, failures, kinds and the typed client."""
