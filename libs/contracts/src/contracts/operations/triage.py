"""Rows about triage and canned answers; promised."""

from contracts.kinds import Lane
from contracts.operations.row import CHANNELS, DESK, promised

TRIAGE = (
    promised("triage.ask", CHANNELS),
    promised("triage_rules.search", DESK, lane=Lane.STAFF),
    promised("triage_rules.create", DESK, lane=Lane.STAFF),
    promised("triage_rules.update", DESK, lane=Lane.STAFF),
    promised("triage_rules.delete", DESK, lane=Lane.STAFF),
    promised("canned_answers.search"),
    promised("canned_answers.create", DESK, lane=Lane.STAFF),
    promised("canned_answers.update", DESK, lane=Lane.STAFF),
    promised("canned_answers.delete", DESK, lane=Lane.STAFF),
)
