"""Asking about people, their accounts and what the api itself tells."""

from uuid import uuid4

from contracts.account_failures import SignInRefused
from contracts.accounts import (
    ChangePassword,
    ConfirmTotp,
    EnterGuest,
    FinishLink,
    ListSessions,
    Resume,
    RevokeSession,
    SignIn,
    SignInTelegram,
    SignOut,
    SignUp,
    StartLink,
    StartTotp,
)
from contracts.failures import Forbidden, NotFound
from contracts.own_data import EraseMe, ExportMe, HideHistory
from contracts.people import (
    BanUser,
    CountUsers,
    GetHistory,
    GetUser,
    RestrictUser,
    SearchAudit,
    SearchUsers,
    SetAdmin,
    SetCapacity,
    UnbanUser,
    UnmaskUser,
    UnrestrictUser,
)
from contracts.system import GetAnswer, GetHealth, GetReady
from contracts.users import BootstrapAdmin, EnterUser, GetMe, SetReachable, UpdateMe
from integration.api.matrix.entry import ALL_OF_THEM, NAMES, NIL, A, Entry, N, P

LONG = "a pass phrase of nobody"

OF_PEOPLE: tuple[Entry, ...] = (
    Entry("users.enter", lambda at: EnterUser(display_name=at.cast.canaries[at.me].name if at.me in at.cast.canaries else "X"), N, keeps=True),
    Entry("users.me", lambda _: GetMe(), N),
    Entry("users.update_me", lambda _: UpdateMe(locale="en"), N, keeps=True),
    Entry("users.bootstrap_admin", lambda _: BootstrapAdmin(token="x"), N, may=(NotFound,)),
    Entry("users.set_reachable", lambda _: SetReachable(address="1", reachable=True), N, keeps=True),
    Entry("system.health", lambda _: GetHealth(), N),
    Entry("system.ready", lambda _: GetReady(), N),
    Entry("system.answer", lambda _: GetAnswer(operation="demands.next", key="x"), N),
    Entry("audit.search", lambda _: SearchAudit(), N, shows=ALL_OF_THEM),
    Entry("users.search", lambda at: SearchUsers(scenario=at.cast.scenario.id), A, shows=NAMES),
    Entry("users.count", lambda _: CountUsers(), A),
    Entry("users.get", lambda at: GetUser(user=at.person), P, shows=NAMES),
    Entry("users.history", lambda at: GetHistory(user=at.person), P),
    Entry("users.unmask", lambda at: UnmaskUser(user=at.person, reason="x"), P, shows=ALL_OF_THEM, keeps=True),
    Entry("users.ban", lambda at: BanUser(user=at.user("petitioner"), reason="x"), N, shows=NAMES),
    Entry("users.unban", lambda at: UnbanUser(user=at.user("banned")), N, shows=NAMES),
    Entry("users.restrict", lambda at: RestrictUser(user=at.user("petitioner"), reason="x"), P, shows=NAMES),
    Entry("users.unrestrict", lambda at: UnrestrictUser(user=at.user("banned")), P, shows=NAMES),
    Entry("users.set_admin", lambda at: SetAdmin(user=at.user("petitioner"), is_admin=True), N, shows=NAMES),
    Entry("users.set_capacity", lambda at: SetCapacity(user=at.user("petitioner"), capacity=2), N, shows=NAMES),
    Entry("users.enter_guest", lambda _: EnterGuest(source=uuid4().hex), N, keeps=True),
    Entry("users.resume", lambda _: Resume(code="x"), N, may=(SignInRefused,)),
    Entry("users.sign_in", lambda _: SignIn(source="x", login=f"x{uuid4().hex}", password=LONG), N, may=(SignInRefused,)),
    # Forbidden where signing in with Telegram is switched off.
    Entry("users.sign_in_telegram", lambda _: SignInTelegram(id_token="x", nonce="x" * 16), N, may=(SignInRefused, Forbidden)),
    Entry("users.link_start", lambda _: StartLink(), N, keeps=True),
    Entry("users.link_finish", lambda _: FinishLink(code="x"), N, may=(NotFound,)),
    Entry("users.sessions", lambda _: ListSessions(), N),
    Entry("users.revoke_session", lambda _: RevokeSession(session=NIL), N, may=(NotFound,)),
    Entry("users.change_password", lambda _: ChangePassword(current="x", new=LONG), N, may=(SignInRefused,)),
    Entry("users.totp_start", lambda _: StartTotp(password="x"), N, may=(SignInRefused,)),
    Entry("users.totp_confirm", lambda _: ConfirmTotp(code="123456"), N, may=(NotFound,)),
    Entry("users.sign_up", lambda _: SignUp(source=uuid4().hex, login=f"x{uuid4().hex}", password=LONG), N, keeps=True),
    Entry("users.sign_out", lambda _: SignOut(), N, keeps=True),
    Entry("users.hide_history", lambda _: HideHistory(), N, keeps=True),
    Entry("users.export_me", lambda _: ExportMe(), N),
    Entry("users.erase_me", lambda _: EraseMe(confirm="erase"), N, keeps=True),  # the last: nobody is left
)  # fmt: skip
