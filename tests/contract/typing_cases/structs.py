"""What a type checker says of structs: frozen, built by keyword, nothing missing and nothing more."""

from contracts.demands import CloseDemand, CreateDemand, TakeDemand
from contracts.failures import AtCapacity, Busy
from contracts.kinds import DemandStatus
from contracts.shapes import DemandId, ScenarioId


def wrong(demand: DemandId, scenario: ScenarioId) -> None:
    take = TakeDemand(demand=demand)
    take.demand = demand  # E: Property "demand" defined in "TakeDemand" is read-only
    TakeDemand(demand)  # E: call-arg
    TakeDemand()  # E: call-arg
    TakeDemand(demand=demand, reason="x")  # E: call-arg
    CreateDemand(scenario=scenario)  # E: call-arg
    CreateDemand(scenario=scenario, description="x", urgency="critical")  # E: arg-type
    CloseDemand(demand=demand, reason="inactive")  # E: arg-type
    CreateDemand(scenario=scenario, description=1)  # E: arg-type
    AtCapacity()  # E: call-arg
    Busy(retry_after="soon")  # E: arg-type


def exhaustive(status: DemandStatus) -> str:
    match status:  # E: exhaustive-match
        case DemandStatus.DRAFT | DemandStatus.WAITING | DemandStatus.HELD:
            return "active"
    return "closed"
