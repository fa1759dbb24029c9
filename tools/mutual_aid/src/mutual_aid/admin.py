"""The first admin: a one-time token that whoever sends it to the bot becomes admin by."""

from mutual_aid import telegram
from mutual_aid.place import Place
from mutual_aid.settings import OperatorSettings
from mutual_aid.stack import record, tools
from mutual_aid.stack.reach import reach


async def create(place: Place, settings: OperatorSettings) -> str:
    """How to become admin: the command to send to the bot, and with real Telegram the link that sends it.

    The token in it works once, for 30 minutes. Raises Trouble when the ledger or Telegram cannot be reached.
    """
    async with reach(place, settings) as below:
        where = {"POSTGRES_URL": below.environment["POSTGRES_URL"], "LOG_FORMAT": "console"}
        token = await tools.run(place, "admin", ("api", "bootstrap-token"), where)
    command = f"/start admin_{token}"
    found = record.running(place)
    simulated = found.page if found else settings.uses_simulator
    if simulated or settings.bot_token is None:
        return f"Send this to the bot within 30 minutes:\n{command}"
    name = await telegram.check_token(settings.bot_api_url, settings.bot_token.get_secret_value())
    return f"Open this within 30 minutes:\nhttps://t.me/{name}?start=admin_{token}\nor send this to @{name}:\n{command}"
