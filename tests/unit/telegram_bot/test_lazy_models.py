"""aiogram's models are built when they are used, and are the same as if they had been built at once."""

import json
import subprocess
import sys

LOOK = """
import json
import re
from aiogram import methods, types
found = {}
for module in (types, methods):
    for name in module.__all__:
        model = getattr(module, name)
        if hasattr(model, "model_rebuild"):
            was = bool(model.__pydantic_complete__)
            try:
                was or model.__pydantic_validator__.validate_python({})
            except ValueError:
                pass
            fields = {field: [re.sub(" at 0x[0-9a-f]+", "", str(info.annotation)), info.is_required()] for field, info in model.model_fields.items()}
            found[f"{module.__name__}.{name}"] = [was, bool(model.__pydantic_complete__), fields]
print(json.dumps(found))
"""
AT_ONCE = 5  # parts of a hundred of aiogram's objects that may be built before one is used


def looking(before: str) -> subprocess.Popen[str]:
    """A process that begins with these lines and says of each model whether it was built, whether it is now, and its fields."""
    return subprocess.Popen([sys.executable, "-c", before + LOOK], stdout=subprocess.PIPE, text=True)


def test_each_is_built_when_it_is_used_and_is_the_same() -> None:
    with looking("import telegram_bot.app\n") as one, looking("") as other:
        ours, theirs = (json.loads(each.communicate()[0]) for each in (one, other))
    assert all(was for was, _, _ in theirs.values())
    early = [name for name, (was, _, _) in ours.items() if was and ".types." in name]
    assert len(early) * 100 <= AT_ONCE * sum(".types." in name for name in ours), early
    assert [name for name, (_, now, _) in ours.items() if not now] == []
    assert {name: fields for name, (_, _, fields) in ours.items()} == {
        name: fields for name, (_, _, fields) in theirs.items()
    }
