"""What is promised by name and not built yet: whoever builds one crosses it off here, too."""

from contracts.operations import OPERATIONS
from contracts.shapes import NotBuilt

PROMISED = """
document_types.list document_types.create document_types.rename document_types.delete
documents.add documents.list documents.get documents.rename documents.delete documents.share documents.unshare
files.begin files.commit files.grant
triage.ask
triage_rules.search triage_rules.create triage_rules.update triage_rules.delete
canned_answers.search canned_answers.create canned_answers.update canned_answers.delete
webhooks.list webhooks.create webhooks.delete
statistics.overview statistics.distribution statistics.times
"""


def test_exactly_these_operations_are_still_to_be_built():
    assert [operation.name for operation in OPERATIONS if not operation.is_built] == PROMISED.split()


def test_an_operation_is_built_with_both_its_shapes_or_with_none():
    for operation in OPERATIONS:
        assert (operation.request is NotBuilt) == (operation.reply is NotBuilt), operation.name


def test_names_are_unique():
    assert len({operation.name for operation in OPERATIONS}) == len(OPERATIONS)
