"""aiogram's models are built when they are used, and are the same as if they had been built at once."""

import json
import subprocess
import sys

LOOK = """
import json, re, sys
import telegram_bot.app
from aiogram import types
from pydantic import BaseModel
ours = [module for name, module in sys.modules.items() if name.startswith("telegram_bot.")]
used = {each for module in ours for each in vars(module).values() if isinstance(each, type) and issubclass(each, BaseModel)}
used = [each for each in {*used, types.Update} if each.__module__.startswith("aiogram.") and not getattr(each, "__abstractmethods__", None)]
built = sum(getattr(types, name).__pydantic_complete__ for name in types.__all__ if hasattr(getattr(types, name), "model_fields"))
found = {}
for model in used:
    try:
        model.__pydantic_validator__.validate_python({})
    except ValueError:
        pass
    assert model.__pydantic_complete__, model
    found[model.__name__] = {
        field: [re.sub(" at 0x[0-9a-f]+", "", str(info.annotation)), info.is_required()]
        for field, info in model.model_fields.items()
    }
print(json.dumps([built, found]))
"""
FEW = 5  # of aiogram's 403 objects


def looking(before: str) -> subprocess.Popen[str]:
    """A process that begins so, and says how many objects were built before one was used, and the fields of those we use."""
    return subprocess.Popen([sys.executable, "-c", before + LOOK], stdout=subprocess.PIPE, text=True)


def test_each_is_built_when_it_is_used_and_is_the_same() -> None:
    with looking("") as one, looking("import aiogram\n") as other:
        (few, ours), (all_of_them, theirs) = (json.loads(each.communicate()[0]) for each in (one, other))
    assert few <= FEW < all_of_them
    assert {"Update", "Message", "InlineKeyboardMarkup"} <= set(ours)
    assert ours == theirs
