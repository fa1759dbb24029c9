"""Find or make the user behind a telegram identity."""

from sqlalchemy import text

from api.actors import Person
from api.call import Call
from api.users.erased import refuse_banned
from contracts.failures import NotSignedIn
from contracts.users import EnterUser, Me

ENTER = text("SELECT users_enter_v1(:channel, :external_id, :display_name, :username, :locale, :trace)")


async def enter_user(call: Call, request: EnterUser) -> Me:
    """The user with what they are and their active demands; `is_new` at the very first contact.

    `Banned` also for somebody who was forgotten and banned: nothing is kept of them then.
    """
    if not isinstance(call.actor, Person):
        raise NotSignedIn
    me = await call.one(
        ENTER, Me, channel=call.actor.channel.value, external_id=call.actor.external_id,
        display_name=request.display_name, username=request.username, locale=request.locale, trace=call.traceparent,
    )  # fmt: skip
    if me is None:
        raise NotSignedIn
    if me.is_new:
        await refuse_banned(call, call.actor.channel, call.actor.external_id)
    return me
