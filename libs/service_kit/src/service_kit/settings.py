"""What a process is told at its start, checked as a whole before anything runs."""

import contextlib
import types
import typing
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from service_kit.redaction import redact

S = TypeVar("S", bound="Settings")

LARGEST_FILE = 65_536
"""Bytes of a file named by ``..._FILE``: a secret or a certificate chain is far below, a device file never ends."""


class SettingsError(Exception):
    """The settings cannot be used; the text has one line for each variable that is wrong, and never a value.

    Attributes:
        lines: ``NAME: what is wrong; expected what``, in the order of the settings class.

    """

    safe_to_log = True

    def __init__(self, lines: tuple[str, ...]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


class Settings(BaseSettings):
    """Settings of one process, read from the environment, then from ``.env``.

    Subclass it with one field for each variable; the field's description is what an operator reads when it is wrong. The
    variable is the field's name in capitals after ``env_prefix``. Every variable may instead be given as a file, as container
    secrets are: ``BOT_TOKEN_FILE=/run/secrets/bot_token``; naming both is an error, a trailing line break is not part of it.
    """

    model_config = SettingsConfigDict(
        env_file=".env",
        env_file_encoding="utf-8",
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
        validate_default=True,
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read the environment, then ``.env``; nothing else."""
        del env_settings, dotenv_settings, file_secret_settings
        return init_settings, _Lenient(settings_cls), _LenientDotEnv(settings_cls)


def load(settings: type[S]) -> S:
    """Return the settings of this process, or raise SettingsError with everything that is wrong with them."""
    wrong: dict[str, str] = {}
    try:
        from_files = _read_files(settings, _variables(settings), wrong)
        made = settings(**from_files)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            field = _field(settings, detail)
            wrong.setdefault(field or ".".join(map(str, detail["loc"])), _line(settings, field, detail))
    except UnicodeDecodeError:
        wrong["env_file"] = ".env: is not text in UTF-8"
    except OSError as error:
        wrong["env_file"] = f".env: cannot be read: {error.strerror}"
    else:
        if not wrong:
            return made
    order = {field: place for place, field in enumerate(settings.model_fields)}
    # Raised outside the handler: a chained error would carry what was given into a traceback.
    raise SettingsError(tuple(wrong[field] for field in sorted(wrong, key=lambda field: order.get(field, len(order)))))


def described(settings: type[Settings]) -> list[tuple[str, str, str]]:
    """Each variable of a class with what it means and what it is when nobody says: `needed`, `none` or the value."""
    return [(_name(settings, field), _expected(info), _default(info)) for field, info in settings.model_fields.items()]


def given(settings: type[Settings]) -> set[str]:
    """The variables of a class that somebody set, in the environment, in ``.env`` or by a file, to something."""
    known = {name: _name(settings, name) for name in settings.model_fields}
    said = {name for name, value in _variables(settings).items() if value}
    return {name for name in known.values() if {name.lower(), f"{name}_FILE".lower()} & said}


class _Lenient(EnvSettingsSource):
    """Leaves what should be JSON and is not to the validation, which then reports it beside all the others."""

    def decode_complex_value(self, field_name: str, field: FieldInfo, value: Any) -> Any:  # noqa: ANN401 - pydantic's protocol
        with contextlib.suppress(ValueError):
            return super().decode_complex_value(field_name, field, value)
        return value


class _LenientDotEnv(_Lenient, DotEnvSettingsSource):
    pass


def _variables(settings: type[Settings]) -> dict[str, str]:
    """Return what is set, by lower-case name, the environment before ``.env``."""
    given = {**_LenientDotEnv(settings).env_vars, **_Lenient(settings).env_vars}
    return {name.lower(): value for name, value in given.items() if value is not None}


def _read_files(settings: type[Settings], given: dict[str, str], wrong: dict[str, str]) -> dict[str, Any]:
    """Return what the files named by ``..._FILE`` hold, by the key the class takes; say in ``wrong`` which are unusable."""
    values: dict[str, Any] = {}
    for field, info in settings.model_fields.items():
        name = _name(settings, field)
        path = given.get(f"{name}_FILE".lower())
        if not path or f"{field}_file" in settings.model_fields:
            continue
        if given.get(name.lower()):  # an empty one hides what `.env` says, as an empty NAME_FILE does
            wrong[field] = f"{name}: is given twice, by {name} and by {name}_FILE; expected one of them"
            continue
        try:
            with Path(path).open("rb") as file:
                content = file.read(LARGEST_FILE + 1)
            if len(content) > LARGEST_FILE:
                wrong[field] = f"{name}_FILE: the file is larger than {LARGEST_FILE} bytes; expected {_expected(info)}"
                continue
            values[info.validation_alias if isinstance(info.validation_alias, str) else field] = (
                content.decode().rstrip("\r\n")
            )
        except OSError as error:
            wrong[field] = f"{name}_FILE: the file cannot be read: {error.strerror}"
        except UnicodeDecodeError:
            wrong[field] = f"{name}_FILE: the file is not text in UTF-8; expected {_expected(info)}"
        except ValueError:
            wrong[field] = f"{name}_FILE: is not a path"
    return values


def _name(settings: type[Settings], field: str) -> str:
    alias = settings.model_fields[field].validation_alias
    prefix = settings.model_config.get("env_prefix") or ""
    return alias.upper() if isinstance(alias, str) else f"{prefix}{field}".upper()


def _field(settings: type[Settings], detail: ErrorDetails) -> str | None:
    first = detail["loc"][0] if detail["loc"] else None
    for field, info in settings.model_fields.items():
        if first in {field, info.validation_alias}:
            return field
    return None


def _line(settings: type[Settings], field: str | None, detail: ErrorDetails) -> str:
    if field is None:
        return f"{settings.__name__}: {_without_value(detail)}"
    expected = _expected(settings.model_fields[field])
    if detail["type"] == "missing":
        return f"{_name(settings, field)}: is missing; expected {expected}"
    inner = "".join(f"[{part}]" for part in detail["loc"][1:] if isinstance(part, int))
    return f"{_name(settings, field)}{inner}: {_without_value(detail)}; expected {expected}"


def _without_value(detail: ErrorDetails) -> str:
    """Return what is wrong in words that cannot hold what was given."""
    if detail["type"] in {"value_error", "assertion_error"}:
        # A validator of ours said it, and may have quoted the value.
        given = detail["input"]
        text = str(detail.get("ctx", {}).get("error", "")) or "is not usable"
        quotes = [given] if isinstance(given, str) else []
        for quote in quotes:
            text = text.replace(quote, "<what was given>") if quote else text
        return redact(text)
    if detail["type"] == "string_too_short" and not detail["input"]:
        return "is empty"
    return redact(detail["msg"].replace("Input should", "should").partition(", input was")[0])


def _expected(info: FieldInfo) -> str:
    return info.description or _kind(info.annotation)


def _default(info: FieldInfo) -> str:
    if info.is_required():
        return "needed"
    value = info.get_default()
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if value in (None, "", (), []):
        return "none"
    return str(value).lower() if isinstance(value, bool) else str(value)


_KINDS: dict[object, str] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "a text",
    SecretStr: "a secret",
    Path: "a path",
}


def _kind(annotation: object) -> str:
    origin, parts = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is Literal:
        return f"one of {', '.join(map(str, parts))}"
    if origin in {typing.Union, types.UnionType}:
        return " or ".join(_kind(part) for part in parts if part is not type(None))
    if origin in {list, tuple, set, frozenset}:
        return f"a JSON list of {_kind(parts[0])}" if parts else "a JSON list"
    return _KINDS.get(annotation) or str(getattr(annotation, "__name__", "a value"))
