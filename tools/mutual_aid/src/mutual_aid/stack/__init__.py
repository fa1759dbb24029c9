"""The running product on one machine: its processes, started, watched, shown and stopped."""
