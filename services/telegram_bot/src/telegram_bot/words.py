"""Every sentence people read, in their language; the sentences themselves are in locales/*/*.ftl."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

import structlog
from fluent.runtime import FluentBundle, FluentResource

from telegram_bot.emergency import Emergency

log = structlog.get_logger(__name__)

LOCALES: Final = ("en", "ru", "uk")

ANYWHERE: Final = Emergency("112")
"""The number most telephones of the world know."""


class Words:
    """The sentences of every language; a language nobody wrote falls back to the default one.

    Every sentence may name the `emergency` number: that of its language, where whoever says it has no better one.
    """

    def __init__(self, default: str = "en", emergency: Emergency = ANYWHERE) -> None:
        self._default = default
        self._emergency = emergency
        self._bundles = {locale: _bundle(locale) for locale in LOCALES}

    def locale_for(self, hint: str | None) -> str:
        """The language we speak that is nearest to an IETF tag such as `ru-RU`."""
        language = (hint or "").split("-")[0].lower()
        return language if language in self._bundles else self._default

    def say(self, locale: str, key: str, /, **values: Any) -> str:  # noqa: ANN401 - numbers and texts of any sentence
        """The sentence `key` with `values` in its places; raises KeyError for a sentence nobody wrote."""
        bundle = self._bundles[self.locale_for(locale)]
        pattern = bundle.get_message(key).value
        if pattern is None:
            raise KeyError(key)
        # Fluent knows numbers and words only; a truth value would match no variant and read as the default one.
        values = {"emergency": self._emergency.number(self.locale_for(locale)), **values}
        said = {name: str(value).lower() if isinstance(value, bool) else value for name, value in values.items()}
        text, errors = bundle.format_pattern(pattern, said)
        if errors:
            log.error("words.incomplete", sentence=key, locale=locale, problems=len(errors))
        return str(text)

    def has(self, locale: str, key: str) -> bool:
        """Whether the sentence is written in this very language."""
        return self._bundles[locale].has_message(key)


def sentences(locale: str) -> Mapping[str, str]:
    """The source files of one language by name, for checks over all of them."""
    folder = files("telegram_bot").joinpath("locales", locale)
    return {entry.name: entry.read_text("utf-8") for entry in sorted(folder.iterdir(), key=lambda entry: entry.name)}


@cache
def _bundle(locale: str) -> FluentBundle:
    # Isolation marks around values would be visible as boxes in some clients and would break commands.
    bundle = FluentBundle([locale], use_isolating=False)
    for source in sentences(locale).values():
        bundle.add_resource(FluentResource(source))
    return bundle
