"""Rows about the system itself: health, statistics, audit and outside listeners."""

from contracts.facts import FactPage, RetryFact, SearchFacts
from contracts.failures import NotFound
from contracts.kinds import ActorRule, Lane, Writes
from contracts.operations.row import DESK, Operation, promised
from contracts.people import AuditPage, SearchAudit
from contracts.shapes import Done
from contracts.system import Answer, GetAnswer, GetHealth, GetReady, Health, Ready

SYSTEM_HEALTH = Operation("system.health", GetHealth, Health, actor=ActorRule.NONE, within=1.0)
SYSTEM_READY = Operation("system.ready", GetReady, Ready, actor=ActorRule.NONE, within=3.0)
SYSTEM_ANSWER = Operation("system.answer", GetAnswer, Answer)

SYSTEM = (SYSTEM_HEALTH, SYSTEM_READY, SYSTEM_ANSWER)
STATISTICS = (
    promised("statistics.overview", lane=Lane.SLOW),
    promised("statistics.distribution", lane=Lane.SLOW),
    promised("statistics.times", lane=Lane.SLOW),
)
AUDIT_SEARCH = Operation("audit.search", SearchAudit, AuditPage, callers=DESK, lane=Lane.SLOW)
AUDIT = (AUDIT_SEARCH,)
FACTS_SEARCH = Operation("facts.search", SearchFacts, FactPage, callers=DESK, lane=Lane.STAFF)
FACTS_RETRY = Operation("facts.retry", RetryFact, Done, (NotFound,), DESK, lane=Lane.STAFF, writes=Writes.STORED)
FACTS = (FACTS_SEARCH, FACTS_RETRY)
WEBHOOKS = (
    promised("webhooks.list", DESK, lane=Lane.STAFF),
    promised("webhooks.create", DESK, lane=Lane.STAFF),
    promised("webhooks.delete", DESK, lane=Lane.STAFF),
)
