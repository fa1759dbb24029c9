"""Rows about users."""

from contracts.account_failures import CannotLink, SignInRefused, WeakPassword
from contracts.accounts import (
    ChangePassword,
    ConfirmTotp,
    EnterGuest,
    FinishLink,
    GuestEntered,
    LinkAnswer,
    LinkStart,
    ListSessions,
    Resume,
    RevokeSession,
    SecondFactorNeeded,
    Sessions,
    SignedIn,
    SignIn,
    SignInAnswer,
    SignInTelegram,
    SignOut,
    SignUp,
    StartLink,
    StartTotp,
    TotpArmed,
    TotpStarted,
)
from contracts.failures import AlreadyExists, LastAdmin, NotFound
from contracts.kinds import ActorRule, Lane, Writes
from contracts.operations.row import CHANNELS, DESK, TELEGRAM, WEB, Operation
from contracts.own_data import Erased, EraseMe, ExportMe, ExportPage, Hidden, HideHistory
from contracts.people import (
    BanUser,
    CountUsers,
    GetHistory,
    GetUser,
    History,
    PersonLine,
    PersonPage,
    PersonView,
    RestrictUser,
    SearchUsers,
    SetAdmin,
    SetCapacity,
    UnbanUser,
    Unmasked,
    UnmaskUser,
    UnrestrictUser,
)
from contracts.shapes import Count, Done
from contracts.users import BootstrapAdmin, EnterUser, GetMe, Me, SetReachable, UpdateMe, User

USERS_ENTER = Operation(
    "users.enter", EnterUser, Me, callers=TELEGRAM, actor=ActorRule.OPTIONAL, writes=Writes.UNSTORED
)
USERS_ME = Operation("users.me", GetMe, Me, callers=CHANNELS)
USERS_UPDATE_ME = Operation("users.update_me", UpdateMe, User, callers=CHANNELS, writes=Writes.STORED)
USERS_BOOTSTRAP_ADMIN = Operation(
    "users.bootstrap_admin", BootstrapAdmin, User, (NotFound,), CHANNELS, lane=Lane.STAFF, writes=Writes.STORED
)
USERS_SET_REACHABLE = Operation(
    "users.set_reachable", SetReachable, Done, callers=TELEGRAM, actor=ActorRule.NONE, writes=Writes.UNSTORED
)
USERS_HIDE_HISTORY = Operation(
    "users.hide_history", HideHistory, Hidden, callers=CHANNELS, lane=Lane.SLOW, writes=Writes.STORED
)
USERS_EXPORT_ME = Operation("users.export_me", ExportMe, ExportPage, callers=CHANNELS, lane=Lane.SLOW)
# Who is forgotten cannot ask again what became of it: no answer is kept.
USERS_ERASE_ME = Operation(
    "users.erase_me", EraseMe, Erased, (LastAdmin,), CHANNELS, lane=Lane.SLOW, writes=Writes.UNSTORED
)
USERS_SEARCH = Operation("users.search", SearchUsers, PersonPage, lane=Lane.SLOW)
USERS_COUNT = Operation("users.count", CountUsers, Count, lane=Lane.SLOW)
USERS_GET = Operation("users.get", GetUser, PersonView, (NotFound,), lane=Lane.STAFF)
USERS_HISTORY = Operation("users.history", GetHistory, History, (NotFound,), lane=Lane.SLOW)
# What is shown here is kept nowhere else.
USERS_UNMASK = Operation(
    "users.unmask", UnmaskUser, Unmasked, (NotFound,), DESK, lane=Lane.STAFF, writes=Writes.UNSTORED
)
USERS_BAN = Operation(
    "users.ban", BanUser, PersonLine, (NotFound, AlreadyExists, LastAdmin), DESK, lane=Lane.STAFF, writes=Writes.STORED
)
USERS_UNBAN = Operation(
    "users.unban", UnbanUser, PersonLine, (NotFound, AlreadyExists), DESK, lane=Lane.STAFF, writes=Writes.STORED
)
USERS_RESTRICT = Operation(
    "users.restrict", RestrictUser, PersonLine, (NotFound,), DESK, lane=Lane.STAFF, writes=Writes.STORED
)
USERS_UNRESTRICT = Operation(
    "users.unrestrict",
    UnrestrictUser,
    PersonLine,
    (NotFound, AlreadyExists),
    DESK,
    lane=Lane.STAFF,
    writes=Writes.STORED,
)
USERS_SET_ADMIN = Operation(
    "users.set_admin",
    SetAdmin,
    PersonLine,
    (NotFound, AlreadyExists, LastAdmin),
    DESK,
    lane=Lane.STAFF,
    writes=Writes.STORED,
)
USERS_SET_CAPACITY = Operation(
    "users.set_capacity", SetCapacity, PersonLine, (NotFound,), lane=Lane.STAFF, writes=Writes.STORED
)

# Answers that hold a token or a code are kept nowhere, and neither is a digest of a request that holds a password.
USERS_ENTER_GUEST = Operation(
    "users.enter_guest", EnterGuest, GuestEntered, callers=WEB, actor=ActorRule.OPTIONAL, writes=Writes.UNSTORED
)
USERS_RESUME = Operation(
    "users.resume", Resume, SignedIn, (SignInRefused,), WEB, ActorRule.NONE, writes=Writes.UNSTORED
)
USERS_SIGN_UP = Operation(
    "users.sign_up", SignUp, SignedIn, (AlreadyExists, WeakPassword), WEB, ActorRule.OPTIONAL, writes=Writes.UNSTORED
)
USERS_SIGN_IN = Operation(
    "users.sign_in", SignIn, SignInAnswer, (SignInRefused,), WEB, ActorRule.NONE, writes=Writes.UNSTORED
)
USERS_SIGN_IN_TELEGRAM = Operation(
    "users.sign_in_telegram", SignInTelegram, SignInAnswer, (SignInRefused,), WEB, ActorRule.NONE,
    writes=Writes.UNSTORED,
)  # fmt: skip
USERS_SIGN_OUT = Operation(
    "users.sign_out", SignOut, Done, callers=WEB, actor=ActorRule.OPTIONAL, writes=Writes.UNSTORED
)
USERS_CHANGE_PASSWORD = Operation(
    "users.change_password", ChangePassword, Done, (SignInRefused, WeakPassword), WEB, writes=Writes.UNSTORED
)
USERS_TOTP_START = Operation(
    "users.totp_start", StartTotp, TotpStarted | SecondFactorNeeded, (SignInRefused,), WEB, writes=Writes.UNSTORED
)
USERS_TOTP_CONFIRM = Operation(
    "users.totp_confirm", ConfirmTotp, TotpArmed, (NotFound, SignInRefused), WEB, writes=Writes.UNSTORED
)
USERS_LINK_START = Operation(
    "users.link_start", StartLink, LinkStart, (SignInRefused,), CHANNELS, writes=Writes.UNSTORED
)
USERS_LINK_FINISH = Operation(
    "users.link_finish", FinishLink, LinkAnswer, (NotFound, AlreadyExists, CannotLink, SignInRefused), CHANNELS,
    writes=Writes.UNSTORED,
)  # fmt: skip
USERS_SESSIONS = Operation("users.sessions", ListSessions, Sessions, callers=WEB)
USERS_REVOKE_SESSION = Operation("users.revoke_session", RevokeSession, Done, (NotFound,), WEB, writes=Writes.UNSTORED)

USERS = (
    USERS_ENTER,
    USERS_ENTER_GUEST,
    USERS_RESUME,
    USERS_SIGN_UP,
    USERS_SIGN_IN,
    USERS_SIGN_IN_TELEGRAM,
    USERS_SIGN_OUT,
    USERS_CHANGE_PASSWORD,
    USERS_TOTP_START,
    USERS_TOTP_CONFIRM,
    USERS_BOOTSTRAP_ADMIN,
    USERS_ME,
    USERS_UPDATE_ME,
    USERS_LINK_START,
    USERS_LINK_FINISH,
    USERS_SESSIONS,
    USERS_REVOKE_SESSION,
    USERS_HIDE_HISTORY,
    USERS_EXPORT_ME,
    USERS_ERASE_ME,
    USERS_SEARCH,
    USERS_COUNT,
    USERS_GET,
    USERS_HISTORY,
    USERS_UNMASK,
    USERS_BAN,
    USERS_UNBAN,
    USERS_RESTRICT,
    USERS_UNRESTRICT,
    USERS_SET_ADMIN,
    USERS_SET_CAPACITY,
    USERS_SET_REACHABLE,
)
