"""What opens a door is in no line of the log, whether it opened or not."""

import hashlib
import re

import pytest

from contracts.account_failures import SignInRefused
from contracts.accounts import FinishLink, Resume, SignIn, StartLink
from contracts.failures import Failure, NotFound
from contracts.operations.users import USERS_LINK_FINISH, USERS_LINK_START, USERS_RESUME, USERS_SIGN_IN
from integration.api.users.authenticator import code_of
from integration.api.users.test_second_factor import armed
from integration.api.users.visitors import PASSWORD, entered, new_login, somewhere, web
from world import World


async def test_nothing_secret_is_logged(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    login = new_login()
    visitor, totp_secret, recovery = await armed(world, login)
    (guest, told), person = await entered(world), await world.person()
    link = (await guest.call(USERS_LINK_START, StartLink())).code
    wrong = "не тот пароль совсем"
    right = code_of(totp_secret)
    await web(world).call(USERS_SIGN_IN, SignIn(source=somewhere(), login=login, password=PASSWORD, code=right))
    refused: tuple[tuple[object, object, type[Failure]], ...] = (
        (USERS_SIGN_IN, SignIn(source=somewhere(), login=login, password=wrong), SignInRefused),
        (USERS_SIGN_IN, SignIn(source=somewhere(), login=login, password=PASSWORD, code=right), SignInRefused),
        (USERS_RESUME, Resume(code=told.code[::-1]), SignInRefused),
    )
    for operation, request, kind in refused:
        with pytest.raises(kind):
            await web(world).call(operation, request)  # type: ignore[arg-type]
    with pytest.raises(NotFound):
        await person.call(USERS_LINK_FINISH, FinishLink(code=link[::-1]))
    await person.call(USERS_LINK_FINISH, FinishLink(code=link))
    said = "".join(capsys.readouterr())
    assert "call.refused" in said, "what is looked through is where it would be"
    # Six digits alone: they may well be among those of an id or of a fraction of a second.
    assert not re.search(rf"(?<![\w.]){right}(?!\w)", said)
    secrets = [PASSWORD, wrong, login, totp_secret, link, told.code, *recovery, visitor.token, guest.token]
    secrets += [hashlib.sha256(each.encode()).hexdigest() for each in (visitor.token, guest.token)]
    assert not [each for each in secrets if each in said or each.replace("-", "") in said]
