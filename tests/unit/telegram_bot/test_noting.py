"""To which conversation a note or a whisper goes, and what answers one."""

import msgspec

from contracts.demands import DemandLine
from contracts.kinds import Audience, EntryKind, Role
from contracts.messages import Noted
from unit.telegram_bot.talk import Talk, sample
from unit.telegram_bot.test_where import located, of_ours, sent


def coordinating(talk: Talk, *roles: Role) -> None:
    """Let the person be a coordinator of these requests."""
    me = talk.api.replies["users.me"](None)
    lines: list[DemandLine] = [
        msgspec.structs.replace(one, role=role) for one, role in zip(me.demands, roles, strict=True)
    ]
    user = msgspec.structs.replace(me.user, is_admin=True)
    talk.answers("users.me", msgspec.structs.replace(me, demands=lines, user=user))
    talk.answers("messages.note", sample("messages.note", Noted, recipients=1))


async def test_a_whisper_after_another_request_spoke_is_asked_about() -> None:
    talk = Talk(demands=["4F7K", "9E76"])
    coordinating(talk, Role.MODERATOR, Role.MODERATOR)
    talk.step.data["demand"] = talk.demands[0]
    await talk.hears({"text": "/whisper be kind"})
    assert "in №4F7K" in talk.said[-1]
    talk.noted.heard_from = talk.demands[1]
    await talk.hears({"text": "/whisper he is violent"})
    await talk.hears({"text": "/note he is violent"})
    assert [one.text for one in talk.calls("messages.note")] == ["be kind"]
    assert "Which request" in talk.said[-1]
    await talk.hears({"text": "/whisper 9e76 he is violent"})
    assert str(talk.calls("messages.note")[-1].demand) == talk.demands[1]
    assert "in №9E76" in talk.said[-1]


async def test_where_one_only_helps_raises_no_doubt_about_a_note() -> None:
    talk = Talk(demands=["4F7K", "9E76"])
    coordinating(talk, Role.MODERATOR, Role.PROVIDER)
    talk.noted.heard_from = talk.demands[1]
    await talk.hears({"text": "/whisper be kind"})
    assert [str(one.demand) for one in talk.calls("messages.note")] == [talk.demands[0]]


async def test_an_answer_to_a_whisper_is_not_published() -> None:
    talk = Talk(demands=["4F7K"])
    located(talk, talk.demands[0], kind=EntryKind.NOTE, audience=Audience.PROVIDER)
    await talk.hears({"text": "I will"} | of_ours())
    assert sent(talk) == []
    assert "I cannot pass an answer" in talk.said[-1]


async def test_an_answer_to_a_note_is_a_note() -> None:
    talk = Talk(demands=["4F7K"])
    coordinating(talk, Role.MODERATOR)
    located(talk, talk.demands[0], kind=EntryKind.NOTE, audience=Audience.MODERATORS)
    talk.step.state = "Form:report"
    await talk.hears({"text": "I call her"} | of_ours())
    [note] = talk.calls("messages.note")
    assert (note.text, note.audience) == ("I call her", Audience.MODERATORS)
    assert "Your note is kept in №4F7K" in talk.said[-1]
    talk.step.state = None
    await talk.hears({"photo": [{"file_id": "p", "file_unique_id": "p", "width": 9, "height": 9}]} | of_ours())
    assert "can only be words" in talk.said[-1]
    assert sent(talk) == []
