"""A request that is being written: where it stands and what was said so far, kept with the chat's step until it is sent."""

from typing import Any, Final

import msgspec
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup

from contracts.scenarios import Scenario
from contracts.shapes import ScenarioId
from telegram_bot.callbacks import pack_id, unpack_id
from telegram_bot.emergency import KEY
from telegram_bot.turn import Turn

BESIDE: Final = ("files", "location", "venue", "contact")
"""What a kept message may have beside its words, or instead of them."""

LONGEST: Final = 8192
"""Characters of a demand's description; what is written beyond it follows as messages."""

MOST: Final = 20
"""Messages of one draft."""


class Form(StatesGroup):
    """What the person is asked now."""

    place = State()
    resource = State()
    phone = State()
    description = State()
    report = State()
    feedback = State()


class Draft(msgspec.Struct):
    """A request before it is sent. `card` is the message that shows it, `asked` the one that asked for its words.

    `begun` is the update it was begun by, which tells its buttons from those of an earlier one.
    """

    scenario: str = ""
    place: str = ""
    resource: str = ""
    emergency: str = ""
    phone_required: bool = False
    messages: list[dict[str, Any]] = []
    card: int = 0
    asked: int = 0
    begun: int = 0

    @property
    def scenario_id(self) -> ScenarioId:
        """The scenario it is for; raises ValueError while none is chosen."""
        return ScenarioId(unpack_id(self.scenario))


def draft_of(turn: Turn) -> Draft:
    """The draft of this chat, an empty one when there is none."""
    try:
        return msgspec.convert(turn.step.data.get("form", {}), Draft)
    except msgspec.ValidationError:
        return Draft()


def keep(turn: Turn, draft: Draft) -> None:
    """Put the draft beside the step; it is written with the update's end."""
    draft.begun = draft.begun or turn.update_id
    turn.step.data["form"] = msgspec.to_builtins(draft)


def way_out(turn: Turn) -> str:
    """What the Cancel of a question of the form carries: it leaves this form, and no later one."""
    return f"form{draft_of(turn).begun}"


def drop(turn: Turn) -> Draft | None:
    """Forget the draft; returns it as it was."""
    if "form" not in turn.step.data:
        return None
    draft = draft_of(turn)
    del turn.step.data["form"]
    return draft


def fill_in(draft: Draft, scenario: Scenario) -> None:
    """Take a scenario for the draft; what was written stays."""
    emergency = scenario.payload.get(KEY)
    draft.scenario = pack_id(scenario.id)
    draft.place, draft.resource = scenario.place, scenario.resource
    draft.emergency = emergency if isinstance(emergency, str) else ""
    draft.phone_required = scenario.phone_required


async def step_back(turn: Turn, state: FSMContext) -> None:
    """Go back from a question asked in between to where the form stands, if there is one."""
    draft = draft_of(turn)
    if "form" not in turn.step.data:
        await state.set_state(None)
    elif draft.scenario:
        await state.set_state(Form.description)
    else:
        await state.set_state(Form.resource if draft.place else Form.place)


def split(messages: list[dict[str, Any]]) -> tuple[str, list[dict[str, Any]]]:
    """The description a draft becomes, its first words; and what follows it as messages, in order.

    Words that stand under a file stay with it. A draft that begins with a file has no description of its own.
    """
    words: list[str] = []
    for at, one in enumerate(messages):
        if not is_plain(one) or len("\n\n".join([*words, one["text"]])) > LONGEST:
            return "\n\n".join(words), messages[at:]
        words.append(one["text"])
    return "\n\n".join(words), []


def is_plain(one: dict[str, Any]) -> bool:
    """Whether a kept message is words and nothing else."""
    return bool(one["text"]) and not any(part in one for part in BESIDE)
