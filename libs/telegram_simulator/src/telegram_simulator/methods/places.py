"""Locations, venues, contacts and dice."""

import secrets

from telegram_simulator.call import Call
from telegram_simulator.refusals import JsonObject, bad_request
from telegram_simulator.sending import send

_FOREVER = 0x7FFFFFFF
_SHORTEST, _LONGEST = 60, 86_400
_DICE = {"🎲": 6, "🎯": 6, "🎳": 6, "🏀": 5, "⚽": 5, "🎰": 64}


def location(call: Call) -> JsonObject:
    """Return the point of a call; refuses a point off the globe."""
    latitude, longitude = call.number("latitude"), call.number("longitude")
    if latitude is None:
        raise bad_request("latitude is empty")
    if longitude is None:
        raise bad_request("longitude is empty")
    if abs(latitude) > 90 or abs(longitude) > 180:  # noqa: PLR2004 -- degrees of the globe
        raise bad_request("wrong location coordinates specified")
    return {"latitude": latitude, "longitude": longitude}


def live_location(call: Call) -> JsonObject:
    """Return the point with what moves: accuracy, heading, alert radius."""
    point = location(call)
    accuracy = call.number("horizontal_accuracy")
    if accuracy:
        point["horizontal_accuracy"] = accuracy
    for name in ("heading", "proximity_alert_radius"):
        if call.integer(name):
            point[name] = call.integer(name)
    return point


def send_location(call: Call) -> JsonObject:
    """Send a point on the map, live for `live_period` seconds."""
    point = live_location(call)
    period = call.integer("live_period")
    if period:
        if period != _FOREVER and not _SHORTEST <= period <= _LONGEST:
            raise bad_request("wrong live location period specified")
        point["live_period"] = period
    return send(call, {"location": point})


def send_venue(call: Call) -> JsonObject:
    """Send a place with a name and an address."""
    title, address = call.text("title"), call.text("address")
    point = location(call)
    if not title or not address:
        raise bad_request("VENUE_TITLE_EMPTY" if not title else "VENUE_ADDRESS_EMPTY")
    return send(call, {"venue": {"location": point, "title": title, "address": address}, "location": point})


def send_contact(call: Call) -> JsonObject:
    """Send a phone number with a name."""
    phone, name = call.text("phone_number"), call.text("first_name")
    if not phone:
        raise bad_request("phone number is empty")
    if not name:
        raise bad_request("first name is empty")
    contact: JsonObject = {"phone_number": phone, "first_name": name}
    contact |= {field: call.text(field) for field in ("last_name", "vcard") if call.text(field)}
    return send(call, {"contact": contact})


def send_dice(call: Call) -> JsonObject:
    """Send an animated emoji with a random value."""
    emoji = call.text("emoji") or "🎲"
    if emoji not in _DICE:
        raise bad_request("EMOTICON_INVALID")
    return send(call, {"dice": {"emoji": emoji, "value": 1 + secrets.randbelow(_DICE[emoji])}})


METHODS = {
    "sendLocation": send_location,
    "sendVenue": send_venue,
    "sendContact": send_contact,
    "sendDice": send_dice,
}
