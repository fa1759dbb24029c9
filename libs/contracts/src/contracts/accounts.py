"""Coming in by the web: accounts, guests, sessions, second factors, and the linking of one person's channels."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta

from contracts.shapes import Locale, Name, Outcome, Reply, Request, SessionId
from contracts.users import User

# Bounds of the wire only; how long a login or a password has to be is counted after normalising, by the api.
Login = Annotated[str, Meta(min_length=1, max_length=128)]
Password = Annotated[str, Meta(min_length=1, max_length=1024)]
Code = Annotated[str, Meta(min_length=1, max_length=100)]
Device = Annotated[str, Meta(max_length=100)]
IdToken = Annotated[str, Meta(min_length=1, max_length=8192)]
Nonce = Annotated[str, Meta(min_length=16, max_length=200)]
# Where a call comes from, as the edge knows it and no caller can choose: the address of the peer. Kept as a digest only.
Source = Annotated[str, Meta(min_length=1, max_length=100)]
# At least 128 random bits that the edge once gave a browser to keep; kept as a digest only.
Browser = Annotated[str, Meta(min_length=22, max_length=100)]


class SignUp(Request):
    """Make an account; a signed-in guest keeps all they have. `device` is what the session is called in the list.

    `source` and `browser` are the edge's word on where the call comes from; a browser that came in before has tries of
    its own.
    """

    login: Login
    password: Password
    source: Source
    browser: Browser | None = None
    display_name: Name | None = None
    locale: Locale = "en"
    device: Device = ""


class SignIn(Request):
    """Come in by login and password; `code` is of the second factor, or one of the recovery codes.

    `source` and `browser` are the edge's word on where the call comes from; a browser that came in before has tries of
    its own, which nobody else can use up.
    """

    login: Login
    password: Password
    source: Source
    browser: Browser | None = None
    code: Code | None = None
    device: Device = ""


class SignInTelegram(Request):
    """Come in by what Telegram's OpenID Connect said of somebody, asked with `nonce`; each token once."""

    id_token: IdToken
    nonce: Nonce
    code: Code | None = None
    locale: Locale = "en"
    device: Device = ""


class SignedIn(Outcome):
    """A new session: its token, shown this once, and when it ends whatever happens."""

    token: str
    expires_at: datetime
    user: User


class SecondFactorNeeded(Outcome):
    """So far all is right; come again with a code of the second factor."""


SignInAnswer = SignedIn | SecondFactorNeeded


class SignOut(Request):
    """End the session the call is made in."""


class EnterGuest(Request):
    """Come in without an account; `source` is the edge's word on where the call comes from."""

    source: Source
    display_name: Name | None = None
    locale: Locale = "en"
    device: Device = ""


class GuestEntered(Reply):
    """A new guest: their session, and the private code, shown this once, that opens another one any time."""

    token: str
    expires_at: datetime
    code: str
    user: User


class Resume(Request):
    """Come back as a guest by the private code."""

    code: Code
    device: Device = ""


class ChangePassword(Request):
    """Choose another password; every other session ends."""

    current: Password
    new: Password


class StartTotp(Request):
    """Begin to set up a second factor; whoever has one already shows a `code` of it."""

    password: Password
    code: Code | None = None


class TotpStarted(Outcome):
    """What an authenticator app is given, as text and as an otpauth URI; it counts once a code of it is confirmed."""

    secret: str
    uri: str


class ConfirmTotp(Request):
    """Show that the authenticator app works: a code of the new secret."""

    code: Code


class TotpArmed(Reply):
    """The second factor counts from now on; each recovery code, shown this once, opens the account once without it."""

    recovery_codes: list[str]


class ListSessions(Request):
    """Where the actor is signed in."""


class Session(Reply):
    """One place somebody is signed in; `seen_at` is true to a minute."""

    id: SessionId
    device: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    is_current: bool


class Sessions(Reply):
    """The actor's sessions, the last used first."""

    items: list[Session]


class RevokeSession(Request):
    """End one of the actor's sessions."""

    session: SessionId


class StartLink(Request):
    """Ask for a code that, shown in the other channel, makes both one user.

    On the web whoever has a second factor shows a code of it: a session left open attaches nobody else's chat for good.
    """

    second_factor: Code | None = None


class LinkStarted(Outcome):
    """The code, good once and until then; an earlier one is void."""

    code: str
    expires_at: datetime


LinkStart = LinkStarted | SecondFactorNeeded


class FinishLink(Request):
    """Show the code that the other channel gave out.

    On the web a code of the second factor belongs to it where the account that stays has one: a chat alone opens no
    session of it. A guest's session ends with the guest: who is told `NotSignedIn` when asking again signs in as the other
    user.
    """

    code: Code
    second_factor: Code | None = None
    device: Device = ""


class Linked(Outcome):
    """Whom both channels lead to now; a guest's session ended with the guest, `token` is then the one that follows it."""

    user: User
    token: str | None
    expires_at: datetime | None


LinkAnswer = Linked | SecondFactorNeeded
