"""Reports: a moderator says what came of one."""

from aiogram import Router
from aiogram.types import CallbackQuery

from contracts.failures import AlreadyExists, NotFound
from contracts.kinds import Decision
from contracts.operations.demands import REPORTS_RESOLVE
from contracts.reports import ResolveReport
from contracts.shapes import ReportId
from telegram_bot.callbacks import Press, Verb
from telegram_bot.routers.filters import pressing
from telegram_bot.turn import Turn

DECISIONS = {Verb.REPORT_ACTED: Decision.ACTED, Verb.REPORT_DISMISSED: Decision.DISMISSED}


def router() -> Router:
    """The handlers of this file."""
    made = Router(name="reporting")

    @made.callback_query(pressing(*DECISIONS))
    async def decided(query: CallbackQuery, press: Press, turn: Turn) -> None:
        del query
        try:
            report = await turn.call(
                REPORTS_RESOLVE, ResolveReport(report=ReportId(press.id), decision=DECISIONS[press.verb])
            )
        except AlreadyExists:
            await turn.answer("report-decided-already")
        except NotFound:
            await turn.answer("staff-only")
        else:
            await turn.answer("report-decided", number=report.number)

    return made
