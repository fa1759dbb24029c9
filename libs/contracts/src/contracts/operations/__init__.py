"""THE TABLE: every request-reply operation of the product, one frozen row each.

If it is not a row here, it does not exist. Dispatch, the typed client, deadlines, metric labels, broker permissions,
docs/operations.md and docs/asyncapi.yaml all come from these rows.
"""

from typing import Any

from contracts.operations.demands import DEMANDS, PARTICIPANTS, REPORTS
from contracts.operations.documents import DOCUMENTS
from contracts.operations.messages import DELIVERIES, MESSAGES
from contracts.operations.row import Operation
from contracts.operations.scenarios import CHATS, MEMBERSHIPS, SCENARIOS
from contracts.operations.system import AUDIT, FACTS, STATISTICS, SYSTEM, WEBHOOKS
from contracts.operations.triage import TRIAGE
from contracts.operations.users import USERS

OPERATIONS: tuple[Operation[Any, Any], ...] = (
    *USERS,
    *MEMBERSHIPS,
    *SCENARIOS,
    *CHATS,
    *DEMANDS,
    *REPORTS,
    *PARTICIPANTS,
    *MESSAGES,
    *DELIVERIES,
    *DOCUMENTS,
    *TRIAGE,
    *WEBHOOKS,
    *STATISTICS,
    *AUDIT,
    *FACTS,
    *SYSTEM,
)
BY_NAME: dict[str, Operation[Any, Any]] = {operation.name: operation for operation in OPERATIONS}

__all__ = ["BY_NAME", "OPERATIONS", "Operation"]
