"""The failures of coming in and of linking; members of the one family in `contracts.failures`."""

from dataclasses import dataclass
from typing import ClassVar

from contracts.kinds import LinkObstacle, PasswordFlaw
from contracts.refusal import Failure


@dataclass(eq=True)
class SignInRefused(Failure):
    """Nobody comes in by this: login, password or code is wrong, was used, is too old, or its owner is not let in."""

    status: ClassVar[int] = 401
    __hash__ = Exception.__hash__


@dataclass(eq=True)
class WeakPassword(Failure):
    """The password cannot be chosen; `why` says what to change."""

    why: PasswordFlaw
    status: ClassVar[int] = 400
    __hash__ = Exception.__hash__


@dataclass(eq=True)
class CannotLink(Failure):
    """The two users cannot become one; `why` says what is in the way."""

    why: LinkObstacle
    status: ClassVar[int] = 409
    __hash__ = Exception.__hash__
