"""aiogram's models, each built when it is first used; imported before aiogram, which is why the package does it.

aiogram builds all 591 of them while it is imported, each with everything it refers to; a bot uses a few dozen. That took 2.2 s of
processor time at every start and 100 MiB of every bot (docs/decisions/0014). Where aiogram was imported earlier, everything is
built already and nothing is done.
"""

import sys
import typing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from pydantic import BaseModel


def build_when_used() -> None:
    """Import aiogram's models without building them, and let each find what it refers to when its turn comes."""
    if "aiogram.types" in sys.modules:
        return
    with _put_off():  # it is by importing that aiogram builds
        from aiogram import methods, types  # noqa: PLC0415
        from aiogram.client.default import Default  # noqa: PLC0415
        from aiogram.methods.base import Response  # noqa: PLC0415
    # The names aiogram resolves its annotations by.
    known = {name: getattr(typing, name) for name in ("List", "Optional", "Union", "Literal")}
    known |= {"Default": Default, **{name: getattr(types, name) for name in types.__all__}}

    def rebuild(cls: type[BaseModel], /, *, force: bool = False, raise_errors: bool = True, **more: Any) -> bool | None:  # noqa: ANN401 - pydantic's own
        names = known | (more.get("_types_namespace") or {})
        return _BUILD(cls, force=force, raise_errors=raise_errors, _types_namespace=names)

    for base in (types.TelegramObject, methods.TelegramMethod, Response):
        base.model_rebuild = classmethod(rebuild)  # type: ignore[method-assign, assignment]


_BUILD: Callable[..., bool | None] = BaseModel.model_rebuild.__func__  # type: ignore[attr-defined]


@contextmanager
def _put_off() -> Iterator[None]:
    """Whoever asks for a model to be built meanwhile is told that it is not."""
    asked = BaseModel.__dict__["model_rebuild"]
    BaseModel.model_rebuild = classmethod(lambda _, **__: None)  # type: ignore[method-assign, assignment]
    try:
        yield
    finally:
        BaseModel.model_rebuild = asked  # type: ignore[method-assign]


build_when_used()
