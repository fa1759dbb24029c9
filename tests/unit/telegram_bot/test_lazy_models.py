"""aiogram's models are built when they are used, and then they are whole."""

import json
import subprocess
import sys

LOOK = """
import json, sys
import telegram_bot.app
from aiogram import types
from pydantic import BaseModel
built = sum(getattr(types, name).__pydantic_complete__ for name in types.__all__ if hasattr(getattr(types, name), "model_fields"))
ours = [module for name, module in sys.modules.items() if name.startswith("telegram_bot.")]
used = {each for module in ours for each in vars(module).values() if isinstance(each, type) and issubclass(each, BaseModel)}
used = [each for each in {*used, types.Update} if each.__module__.startswith("aiogram.") and not getattr(each, "__abstractmethods__", None)]
for model in used:
    try:
        model.__pydantic_validator__.validate_python({})
    except ValueError:
        pass
    assert model.__pydantic_complete__, model
    for name, field in model.model_fields.items():
        assert "ForwardRef" not in str(field.annotation), (model, name)
chat = {"id": 7, "type": "private"}
told = {"update_id": 1, "message": {"message_id": 2, "date": 3, "chat": chat, "reply_to_message": {"message_id": 1, "date": 2, "chat": chat}}}
answered = types.Update.model_validate(told).message.reply_to_message
assert (type(answered), answered.chat.id) == (types.Message, 7)
print(json.dumps([built, sorted(model.__name__ for model in used)]))
"""
FEW = 5  # of aiogram's 403 objects


def test_each_is_built_when_it_is_used() -> None:
    """In a process of its own: here aiogram may have been imported before."""
    ran = subprocess.run([sys.executable, "-c", LOOK], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    built, used = json.loads(ran.stdout)
    assert built <= FEW
    assert {"Update", "Message", "InlineKeyboardMarkup"} <= set(used)
