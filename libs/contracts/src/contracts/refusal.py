"""What all failures have in common."""

from dataclasses import asdict, dataclass
from typing import ClassVar


@dataclass(eq=True)
class Failure(Exception):
    """A call was refused."""

    status: ClassVar[int] = 500
    retryable: ClassVar[bool] = False

    def __str__(self) -> str:
        data = ", ".join(f"{name}={value!r}" for name, value in asdict(self).items())
        return f"{type(self).__name__}({data})"

    __hash__ = Exception.__hash__
