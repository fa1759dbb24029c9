"""`doctor`: looks for what is wrong, and names its fix."""

from mutual_aid.doctor.examine import examine

__all__ = ["examine"]
