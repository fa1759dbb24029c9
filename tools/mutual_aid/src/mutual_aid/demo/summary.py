"""What went in against what came out, as a table, with the verdict as the last line."""

from rich.console import Console
from rich.table import Table

from mutual_aid.demo.count import Verdict, marked
from mutual_aid.demo.crowd import Crowd
from mutual_aid.demo.day import Day
from mutual_aid.demo.ledger import Ledger

TOLD = 20  # sentences of each kind; the counts are whole


def show(console: Console, day: Day, crowd: Crowd, ledger: Ledger, verdict: Verdict, *, seconds: float) -> None:
    """Print the summary; its last line is the verdict and nothing else."""
    stories = day.stories.values()
    holds = [one for story in stories for one in story.holds]
    written = sum(len(story.written) - 1 for story in stories)
    table = Table(box=None, pad_edge=False, header_style="dim")
    for title in ("", "went in", "in the ledger", "came out"):
        table.add_column(title, justify="left" if not title else "right")
    declines = sum(one.declined_at is not None for one in holds)
    shown = sum(len(story.due) for story in stories)
    wanted = {(one.chat, one.demand, one.message) for story in stories for one in story.due}
    arrived = len(wanted & {(one.chat, *found) for one in crowd.sent if (found := marked(one.text))})
    rows = (
        ("calls for help", len(day.rows), sum(ledger.demands.values()), ""),
        ("brought to their end", len(day.rows), len(ledger.closed), day.over),
        ("requests taken", len(holds), ledger.claims, ""),
        ("handed back", declines, ledger.declines, ""),
        ("messages written", written, sum(n for (_, m), n in ledger.messages.items() if m), ""),
        ("messages to be read", shown, "", arrived),
        ("answers to a message", sum(story.threads for story in stories), "", sum(s.threads - s.torn for s in stories)),
    )
    for name, *numbers in rows:
        table.add_row(name, *map(str, numbers))
    console.print(table)
    console.print(
        f"Telegram accepted {crowd.accepted} messages and refused {crowd.refused}; still owed {ledger.owed}, parked "
        f"{ledger.parked}; asked again {sum(chat.asked_again for chat in crowd.chats.values())} times; "
        f"{seconds:.0f} s, {len(day.rows) / seconds:.1f} requests a second",
        soft_wrap=True,
        highlight=False,
    )
    for sentences in (verdict.lost, verdict.doubled, verdict.out_of_order):
        for sentence in sentences[:TOLD]:
            console.print(f"  {sentence}", style="red", markup=False, soft_wrap=True, highlight=False)
    console.print(str(verdict), markup=False, highlight=False, soft_wrap=True)
