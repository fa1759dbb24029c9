"""Scenarios: a place and a resource, the kind of help people ask for and offer."""

from msgspec import UNSET, UnsetType

from contracts.kinds import Routing
from contracts.shapes import Limit, LongText, Name, Offset, Payload, Query, Reply, Request, ScenarioId, Version


class Scenario(Reply):
    """One kind of help in one place.

    Where `phone_required` a channel asks whoever asks for help there for their phone, and says who will see it. Of the
    payload channels know `emergency_number` (a text, as people dial it): whom to call there when a life is in danger.
    """

    id: ScenarioId
    place: str
    resource: str
    description: str
    payload: Payload
    routing: Routing
    provider_may_close: bool
    retired: bool
    version: int
    phone_required: bool = False


class ScenarioPage(Reply):
    """Scenarios in a stable order, at most 512 KiB of them; `more` says that another page follows."""

    items: list[Scenario]
    more: bool


class SearchScenarios(Request):
    """Find scenarios by words of their place, resource or description; an empty query is everything."""

    query: Query = ""
    id: ScenarioId | None = None
    place: Name | None = None
    resource: Name | None = None
    retired: bool = False
    limit: Limit = 20
    offset: Offset = 0


class CountScenarios(Request):
    """How many scenarios a search would find."""

    query: Query = ""
    id: ScenarioId | None = None
    place: Name | None = None
    resource: Name | None = None
    retired: bool = False


class GetScenario(Request):
    """One scenario by its id."""

    id: ScenarioId


class CreateScenario(Request):
    """Open a kind of help."""

    place: Name
    resource: Name
    description: LongText = ""
    payload: Payload = {}
    routing: Routing = Routing.PULL
    provider_may_close: bool = False
    phone_required: bool = False


class UpdateScenario(Request):
    """Change what is named here and nothing else; `version` is the one that was read."""

    id: ScenarioId
    version: Version
    place: Name | UnsetType = UNSET
    resource: Name | UnsetType = UNSET
    description: LongText | UnsetType = UNSET
    payload: Payload | UnsetType = UNSET
    routing: Routing | UnsetType = UNSET
    provider_may_close: bool | UnsetType = UNSET
    phone_required: bool | UnsetType = UNSET


class RetireScenario(Request):
    """Take a scenario out of use; held demands go on."""

    id: ScenarioId


class RestoreScenario(Request):
    """Bring a retired scenario back."""

    id: ScenarioId
