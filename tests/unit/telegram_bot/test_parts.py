"""How words and files share the messages of a chat: nothing lost, nothing too long, everything where an edit finds it."""

import hypothesis.strategies as st
from hypothesis import given

from contracts.attachments import Location, SentAttachment
from contracts.kinds import AttachmentKind
from contracts.messages import Entity
from telegram_bot.deliver.parts import (
    ALBUM,
    ALBUM_BYTES,
    BARE,
    CAPTION,
    Carried,
    Part,
    chunked,
    laid_out,
    numbered,
    to_rename,
)
from telegram_bot.utf16 import LIMIT, Piece, units

HEADING = "Needs help · 7KQ2M · №4F7K"
TEXTS = st.lists(
    st.sampled_from(["a", "я", " ", "\n", "💉", "👩\u200d👧", "word " * 90, "слово" * 200]), max_size=30
).map("".join)
FILES = st.lists(
    st.builds(
        SentAttachment, kind=st.sampled_from([str(kind) for kind in AttachmentKind]), channel=st.just("telegram"),
        file_id=st.text("abc", min_size=1, max_size=3), name=st.sampled_from([None, "x.pdf"]),
        size=st.integers(0, 12 * 2**20),
    ),
    max_size=12,
)  # fmt: skip
PLACES = st.sampled_from([None, Location(latitude=1.0, longitude=2.0)])


def shown(parts: list[Part]) -> str:
    """The words of a delivery as its reader reads them, without the heading."""
    return "".join(part.text for part in parts).removeprefix(HEADING).removeprefix("\n")


@given(text=TEXTS, files=FILES, place=PLACES)
def test_every_word_and_file_is_there_once_and_fits(
    text: str, files: list[SentAttachment], place: Location | None
) -> None:
    parts = laid_out(HEADING, Piece(text), Carried(files, place))
    assert shown(parts) in {text, text.removeprefix("\n")}
    assert [file for part in parts for file in part.files] == files
    assert [part.place for part in parts if part.place] == ([place] if place else [])
    assert parts[0].text.startswith(HEADING)
    for part in parts:
        assert units(part.text) <= (CAPTION if part.files else LIMIT)
        assert not (part.files and part.files[0].kind in BARE and part.text)
        assert part.text or part.files or part.place


@given(text=TEXTS, start=st.integers(0, 400), length=st.integers(1, 400), files=FILES)
def test_a_styled_stretch_covers_the_same_words_wherever_they_stand(
    text: str, start: int, length: int, files: list[SentAttachment]
) -> None:
    size = units(text)
    if start >= size:
        return
    entity = Entity(type="italic", offset=start, length=min(length, size - start))
    covered = ""
    for part in laid_out(HEADING, Piece(text, (entity,)), Carried(files)):
        raw = part.text.encode("utf-16-le")
        for one in part.entities:
            assert 0 <= one.offset <= one.offset + one.length <= units(part.text)
            if one.type == "italic":
                covered += raw[2 * one.offset : 2 * (one.offset + one.length)].decode("utf-16-le", "surrogatepass")
    expected = text.encode("utf-16-le")[2 * start : 2 * (start + entity.length)].decode("utf-16-le", "surrogatepass")
    assert covered == expected


@given(before=TEXTS, after=TEXTS, files=FILES, place=PLACES)
def test_an_edit_finds_every_file_under_its_old_number(
    before: str, after: str, files: list[SentAttachment], place: Location | None
) -> None:
    def places_of_files(text: str) -> list[tuple[int, int, bool]]:
        found = numbered(laid_out(HEADING, Piece(text), Carried(files, place)))
        return [(at, file, part.place is not None) for at, (part, file) in enumerate(found) if part.files or part.place]

    assert places_of_files(before) == places_of_files(after)


@given(files=FILES)
def test_an_album_is_what_telegram_takes(files: list[SentAttachment]) -> None:
    together = [{"photo", "video"}, {"document"}, {"audio"}]
    for chunk in chunked(files):
        kinds = {file.kind for file in chunk}
        assert len(chunk) == 1 or any(kinds <= group for group in together)
        assert len(chunk) <= ALBUM
        assert len(chunk) == 1 or to_rename(chunk) <= ALBUM_BYTES


def test_an_album_of_ten_stays_one() -> None:
    photo = SentAttachment(kind=AttachmentKind.PHOTO, channel="telegram", file_id="p")
    video = SentAttachment(kind=AttachmentKind.VIDEO, channel="telegram", file_id="v")
    assert [len(chunk) for chunk in chunked([photo, video] * 5)] == [10]
    assert [len(chunk) for chunk in chunked([photo, video] * 6)] == [10, 2]
