"""What of a person's message may travel on."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args
from uuid import uuid4

import msgspec
import pytest
from aiogram.types import Message, MessageEntity

from contracts.attachments import WrittenAttachment
from contracts.demands import DemandLine
from contracts.messages import Style, WrittenEntity
from telegram_bot.routers.filters import number_in
from telegram_bot.routers.relay import joined, refusal, revealed, written
from telegram_bot.routers.relay.headings import headed
from telegram_bot.routers.relay.styles import STYLES, may_pass, plain

SAMPLE = Path(__file__).resolve().parents[2] / "contract" / "samples" / "users.me.json"


def test_the_styles_are_those_of_the_contract() -> None:
    assert frozenset(get_args(Style)) == STYLES


@pytest.mark.parametrize(
    "kind",
    ["mention", "text_mention", "hashtag", "url", "email", "phone_number", "bot_command", "custom_emoji", "cashtag"],
)
def test_what_names_somebody_loses_its_styling(kind: str) -> None:
    assert not may_pass(MessageEntity(type=kind, offset=0, length=3))


@pytest.mark.parametrize(
    ("url", "passes"),
    [
        ("https://example.org/a", True),
        ("http://example.org", True),
        ("tg://user?id=123456789", False),
        ("tel:+995555123456", False),
        ("javascript:alert(1)", False),
        (None, False),
    ],
)
def test_behind_a_word_only_web_addresses_may_hide(url: str | None, *, passes: bool) -> None:
    assert may_pass(MessageEntity(type="text_link", offset=0, length=3, url=url)) is passes


def demand(number: str) -> DemandLine:
    sample = json.loads(SAMPLE.read_text())["replies"]["Me"]["demands"][0]
    return msgspec.convert({**sample, "number": number, "id": str(uuid4())}, DemandLine)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Needs help · JZKUB · №4F7K\nSee №9E76", "4F7K"),
        ("Helper №9E76 · №4F7K\nwho chose a number for a name", "4F7K"),
        ("Нужна помощь · JZKUB · №4F7K · возможно, повтор · A1B2\nда", "4F7K"),
        ("Needs help · JZKUB · №0000\na closed one", None),
        ("Помічник A · №9E76 · №4F7K · змінено\nхто зветься двома", "4F7K"),
        ("Thank you for telling us. A coordinator will look at №4F7K.", None),
        ("Somebody reports that something is wrong in №4F7K: Tbilisi · Medicine. Please have a look.", None),
        ("Your note is kept in №4F7K, and the other coordinators have it.", None),
        ("Only the helper gets this, in №4F7K.", None),
        ("Only for you, from a coordinator · №4F7K\ncareful", "4F7K"),
        ("You have several conversations. Who is this for?", None),
        ("", None),
    ],
)
def test_what_the_first_line_of_ours_names_is_where_an_answer_goes(text: str, number: str | None) -> None:
    active = [demand("4F7K"), demand("9E76")]
    assert headed(text, active).get("demand") == next((str(one.id) for one in active if one.number == number), None)


def test_what_the_contract_does_not_take_of_a_stretch_is_left_out_and_the_words_travel() -> None:
    long = [
        {"type": "pre", "offset": 0, "length": 4, "language": "x" * 65},
        {"type": "text_link", "offset": 0, "length": 4, "url": "https://example.org/" + "x" * 2048},
        {"type": "pre", "offset": 0, "length": 4, "language": "x" * 64},
    ]
    styles = kept(text="here", entities=long)["styles"]
    assert [style.get("language", "") for style in styles] == ["", "x" * 64]
    assert len(msgspec.convert(styles, list[WrittenEntity])) == 2


def test_a_media_type_that_is_none_is_left_out() -> None:
    file = {"file_id": "f", "file_unique_id": "u", "file_size": 9, "mime_type": "x/" + "y" * 200}
    [document] = kept(document=file)["files"]
    assert "mime" not in document
    msgspec.convert(document, WrittenAttachment)


def test_a_stretch_becomes_what_the_contract_takes() -> None:
    code = MessageEntity(type="pre", offset=2, length=5, language="python")
    assert WrittenEntity(**plain(code)) == WrittenEntity(type="pre", offset=2, length=5, language="python")
    bold = MessageEntity(type="bold", offset=0, length=1)
    assert plain(bold) == {"type": "bold", "offset": 0, "length": 1}


@pytest.mark.parametrize(
    ("typed", "number"),
    [("4F7K", "4F7K"), ("№4f7k", "4F7K"), (" # 4f7k ", "4F7K"), ("", ""), (None, ""), ("two words", ""), ("'; --", "")],
)
def test_a_number_as_people_type_it(typed: str | None, number: str) -> None:
    assert number_in(typed) == number


FILE = {"file_id": "f", "file_unique_id": "u", "file_size": 9}
POINT = {"latitude": 41.7, "longitude": 44.8}
CARRIED: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "voice": ({"voice": FILE | {"duration": 3, "mime_type": "audio/ogg"}}, {"kind": "voice", "duration": 3}),
    "video note": ({"video_note": FILE | {"length": 240, "duration": 5}}, {"kind": "video_note", "width": 240, "height": 240}),
    "song": (
        {"audio": FILE | {"duration": 60, "title": "Song", "performer": "Olga", "mime_type": "audio/mpeg"}},
        {"kind": "audio", "name": "audio.mp3"},
    ),
    "animation": (
        {"animation": FILE | {"width": 1, "height": 1, "duration": 1, "file_name": "Olga.mp4"}, "document": FILE},
        {"kind": "animation", "name": "animation.mp4"},
    ),
    "video": ({"video": FILE | {"width": 1, "height": 1, "duration": 1}}, {"kind": "video", "name": None}),
    "sticker": (
        {"sticker": FILE | {"type": "regular", "width": 1, "height": 1, "is_animated": False, "is_video": False, "set_name": "Olga"}},
        {"kind": "sticker", "name": "sticker.webp"},
    ),
    "document": ({"document": FILE | {"file_name": "Olga.tar.GZ"}}, {"kind": "document", "name": "document.gz"}),
    "named by its type": (
        {"document": FILE | {"file_name": "Olga.Petrova", "mime_type": "application/pdf"}},
        {"kind": "document", "name": "document.pdf"},
    ),
    "named by nothing": ({"document": FILE | {"file_name": "Olga.Petrova"}}, {"kind": "document", "name": "document"}),
}  # fmt: skip


def message(**content: Any) -> Message:
    around = {"message_id": 17, "date": datetime.now(UTC), "chat": {"id": 77, "type": "private"}}
    return Message.model_validate(around | {"from": {"id": 77, "is_bot": False, "first_name": "Olga"}} | content)


def kept(**content: Any) -> dict[str, Any]:
    found = written(message(**content))
    assert found is not None
    assert json.loads(json.dumps(found)) == found, "kept as JSON between two updates"
    return found


@pytest.mark.parametrize("what", CARRIED)
def test_of_a_file_its_id_is_kept_and_a_name_that_names_nobody(what: str) -> None:
    content, expected = CARRIED[what]
    one = kept(**content)
    [file] = one["files"]
    assert {key: file.get(key) for key in expected} == expected
    assert (file["file_id"], file["unique_id"]) == ("f", "u")
    assert "Olga" not in json.dumps(one)


def test_a_file_too_large_to_be_renamed_keeps_its_name_and_its_sender_is_asked() -> None:
    one = kept(video=FILE | {"file_size": 30_000_000, "file_name": "Olga.mp4", "width": 1, "height": 1, "duration": 9})
    assert "name" not in one["files"][0]
    assert revealed(one, "RU") == ["name"]
    assert one["bears"] == "Olga.mp4"


def test_places_and_cards_are_kept_without_whom_they_name() -> None:
    assert kept(location=POINT | {"live_period": 60, "heading": 9})["location"] == POINT
    venue = {"location": POINT, "title": "Pharmacy", "address": "Saburtalo 1", "google_place_id": "g"}
    assert kept(venue=venue, location=POINT)["venue"] == POINT | {"title": "Pharmacy", "address": "Saburtalo 1"}
    card = {"phone_number": "7 912 345-67-89", "first_name": "Ivan", "vcard": "BEGIN:VCARD"}
    assert kept(contact=card | {"user_id": 77})["contact"] == {"phone": "+79123456789", "is_own": True}
    assert kept(contact=card | {"user_id": 78})["contact"] == {"phone": "+79123456789", "is_own": False}
    assert kept(contact=card)["contact"]["is_own"] is False, "who typed a card by hand is not said to own it"
    assert refusal(message(contact={"phone_number": "*100#", "first_name": "Ivan"})) == "card-without-phone"


@pytest.mark.parametrize(
    "content",
    [
        {"dice": {"emoji": "🎲", "value": 4}},
        {"story": {"id": 1, "chat": {"id": 9, "type": "private"}}},
        {"game": {"title": "t", "description": "d", "photo": []}},
        {"paid_media": {"star_count": 1, "paid_media": []}},
    ],
)
def test_what_cannot_travel_is_kept_by_nobody(content: dict[str, Any]) -> None:
    assert refusal(message(**content)) == "cannot-pass-on"
    assert written(message(**content)) is None


@pytest.mark.parametrize("name", ["IMG_1.JPG", "scan.heic", "film.MOV", "photo.png"])
def test_a_picture_as_the_camera_wrote_it_does_not_travel(name: str) -> None:
    assert refusal(message(document=FILE | {"file_name": name})) == "picture-as-file"
    assert refusal(message(document=FILE | {"file_name": "x", "mime_type": "image/webp"})) == "picture-as-file"


def test_nothing_around_a_message_is_kept() -> None:
    stranger = {"id": 8, "is_bot": False, "first_name": "Stranger"}
    one = kept(
        text="yes", via_bot=stranger | {"is_bot": True}, forward_origin={"type": "user", "date": 1, "sender_user": stranger},
        quote={"text": "Stranger said", "position": 0}, entities=[{"type": "text_mention", "offset": 0, "length": 3, "user": stranger}],
    )  # fmt: skip
    assert one == {"message": 17, "text": "yes", "styles": [], "mentions": True}
    assert revealed(one, "RU") == ["mention"]


def test_captions_of_an_album_stand_below_each_other_with_their_styling() -> None:
    bold = {"type": "bold", "offset": 0, "length": 3}
    photo = {"photo": [FILE | {"width": 1, "height": 1}], "media_group_id": "a"}
    one, two, three = (kept(caption=words, caption_entities=[bold], **photo) for words in ("💉 one", "", "three"))
    album = joined(joined(one, two), three)
    assert album["text"] == "💉 one\n\nthree"
    assert [style["offset"] for style in album["styles"]] == [0, 8]
    assert len(album["files"]) == len(album["parts"]) == 3


@pytest.mark.parametrize(
    ("text", "reasons"),
    [
        ("8 (912) 345-67-89", ["phone"]), ("+380 67 123 45 67", ["phone"]), ("звоните 234-56-78", ["phone"]),
        ("паспорт 4510 123456", ["phone"]), ("дом 6 кв 14, код 1234, в 17:30 21.11.2026", []), ("цена 1 200 000", []),
        ("@olga_s", ["username"]), ("почта olga.s@mail.ru", ["email"]), ("T.me/olga", ["link"]), ("tg://user?id=1", ["link"]),
        ("https://wa.me/79123456789", ["phone", "link"]), ("https://example.org/help", []), ("a@b", []), ("в 10:00 у аптеки", []),
        ("пишите в тг-@masha_kiev", ["username"]), ("пишите.@masha_kiev", ["username"]), ("tg/@masha_kiev", ["username"]),
        ("тг@masha_kiev", ["username"]), ("@@masha_kiev.Жду", ["username"]), ("я тут: durov.t.me", ["link"]),
        ("https://durov.t.me/1", ["link"]), ("about.t.media", []), ("@" * 4096, []), (".t.me" * 800, ["link"]),
        ("x" * 4096, []), ("1-2 a " * 680, []),
    ],
)  # fmt: skip
def test_what_of_a_text_leads_to_somebody(text: str, reasons: list[str]) -> None:
    assert revealed(kept(text=text), "RU") == reasons


def test_what_hides_behind_a_word_leads_to_somebody_too() -> None:
    link = {"type": "text_link", "offset": 0, "length": 4, "url": "https://t.me/olga"}
    assert revealed(kept(text="here", entities=[link]), "RU") == ["link"]
