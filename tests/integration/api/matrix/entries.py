"""One line for every built operation: how to ask for it so that nothing but rights can stand in the way.

Whoever builds an operation adds its line to its noun's; `test_every_built_operation_is_walked` names it otherwise. What an
argument decides beyond the table (`retired=True` is for chiefs) is a further line with a row of its own.
"""

from integration.api.matrix.entry import Entry
from integration.api.matrix.of_demands import OF_DEMANDS
from integration.api.matrix.of_messages import OF_MESSAGES
from integration.api.matrix.of_people import OF_PEOPLE
from integration.api.matrix.of_scenarios import OF_SCENARIOS

# People come last, and of their operations `users.erase_me`: nobody is left after it.
ENTRIES: tuple[Entry, ...] = (*OF_SCENARIOS, *OF_DEMANDS, *OF_MESSAGES, *OF_PEOPLE)
