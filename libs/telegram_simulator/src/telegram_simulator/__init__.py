"""A strict Telegram Bot API server and a page to chat as several people."""

from telegram_simulator.answers import PressAnswer, Screen
from telegram_simulator.callbacks import Answer
from telegram_simulator.client import Simulator
from telegram_simulator.faults import Fault
from telegram_simulator.journal import Entry
from telegram_simulator.people import DEMO_TOKEN
from telegram_simulator.person import Person
from telegram_simulator.refusals import ControlError
from telegram_simulator.running import running_simulator
from telegram_simulator.views import Seen

__all__ = [
    "DEMO_TOKEN",
    "Answer",
    "ControlError",
    "Entry",
    "Fault",
    "Person",
    "PressAnswer",
    "Screen",
    "Seen",
    "Simulator",
    "running_simulator",
]
