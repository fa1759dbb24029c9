## Asking for help: the form, its card, and what follows until the end.

choice-gone = This is not offered any more. Please choose again.
resource-which-or-type = { $place }. What do you need? Choose it, or write it.
resource-unknown = { $place }: I do not know this kind of help here. Please choose one of these, or write another word.

draft-heading = Your request: { $place } · { $resource }
draft-files =
    { $count ->
        [one] And { $count } more message that is not text: a photo, a voice message or the like.
       *[other] And { $count } more messages that are not text: photos, voice messages or the like.
    }
draft-phone = Your phone { $phone } will be shown only to whoever helps you, and to coordinators.
draft-reveals = If you send it, everybody who is shown your request will learn it. To leave it out, edit your message, or press Change.
draft-nothing-sent = Nothing is sent yet. You can write more, or press Send.
draft-wordless = Without words: a voice message, photo or the like.
draft-full =
    { $count ->
        [one] That is all that fits: { $count } message. Please press Send; you can write more afterwards.
       *[other] That is all that fits: { $count } messages. Please press Send; you can write more afterwards.
    }
similar-open = You already have an open request in much the same words: №{ $number }. Both stay open; you can end one with /close.

button-send = ✅ Send
button-change = Change
button-change-place = Another place
button-change-resource = Another kind of help
button-change-words = Write it anew
button-change-back = ← Back
button-search = 🔎 Search
button-show = Show №{ $number }
button-no = No

button-help-received = Help received
button-someone-else = Someone else, please
button-share-contact = Share my phone
button-report = Report
button-hide = Hide what I got
pinned-waiting = We are looking for somebody to help. You can write more here at any time.
pinned-held = Somebody is helping you. Just write here.
pinned-closed = Closed.

release-sure = Do you want somebody else to help with №{ $number }? Your place in line is kept, and nobody is blamed.
released-by-you = All right. №{ $number } is in the queue again, at its old place, and somebody else will take it.
nobody-helps-yet = Nobody has taken №{ $number } yet, so there is nobody to change. It stays in the queue.
share-sure = Show your phone { $phone } to whoever helps you with №{ $number }, and to the coordinators in it? That cannot be undone.
button-share-sure = Show it
contact-shared = Your phone is shown to whoever helps you, and to the coordinators in it.
report-ask = What is wrong? Please write it in one message. Only coordinators will read it.
reported = Thank you for telling us. A coordinator will look at №{ $number }.
reported-already = You told us already, and a coordinator is looking at it.
hide-sure = I will take out of this chat what I wrote to you in the last 48 hours, also about requests that go on. Helpers and coordinators keep what they have. What you wrote yourself stays here: clear the chat's history in its menu for that. Go on?
button-hide-sure = Yes, hide it
hidden =
    { $count ->
        [0] There was nothing I could take out of this chat.
        [one] I am taking { $count } message of mine out of this chat.
       *[other] I am taking { $count } messages of mine out of this chat.
    }{ $old ->
        [0] { "" }
        [one] { " " }{ $old } is older than 48 hours and stays: Telegram does not let me remove it.
       *[other] { " " }{ $old } are older than 48 hours and stay: Telegram does not let me remove them.
    }{ " " }What you wrote yourself I leave alone: to remove everything, clear the history in the menu of this chat.
changed-meanwhile = №{ $number } has changed meanwhile, so I did nothing. It is now: { $state }.
not-done = All right, I did nothing.

button-arrived = Yes, help came
button-not-yet = Not yet
button-still-needed = Yes, still needed
button-no-longer = No longer needed
not-yet-told = All right, I told your helper that №{ $number } is not done yet.
still-needed-kept = All right, №{ $number } stays open.
button-helped = 👍 It helped
button-not-helped = 👎 It didn't help
button-no-words = Without words
feedback-helped = I am glad. If you like, write a few words for whoever helped you.
feedback-not-helped = I am sorry. If you like, write what was missing.
feedback-words-passed-on = Thank you, I passed it on.
button-reopen = Help still needed
reopened-by-you =
    { $ahead ->
        [0] №{ $number } is open again. It is the first in line.
        [one] №{ $number } is open again. { $ahead } person is before you.
       *[other] №{ $number } is open again. { $ahead } people are before you.
    }
reopen-too-late = This ended too long ago to be opened again. Please ask anew: /new
reopen-not-possible = This cannot be opened again. If you need help, please ask anew: /new

phone-ask-form = For this kind of help we need your phone. Only whoever helps you will see it, and coordinators. Press the key below, or type the number.
phone-ask-share = I do not know your phone yet. Once you give it, I show it to whoever helps you with this request, and to the coordinators in it. Press the key below, or type the number.
phone-ask-keep = Press the key below, or type your number. Helpers see it only if you share it in a request; a coordinator, besides, only in an emergency.
button-phone-mine = 📱 Share my number
phone-not-yours = This is not your own contact, so I did not keep it. Please use the key below, or type your number.
phone-not-understood = I cannot read this as a phone number. Please type it with the country code, for example +995 555 12 34 56. To leave it: /cancel
phone-not-read = I cannot read this as a phone number. Please write it with the country code, like this: /phone +995 555 12 34 56
phone-kept = I will keep this number: { $phone }
phone-known = Your phone: { $phone }. Helpers see it only if you share it in a request; a coordinator, besides, only in an emergency.
phone-unknown = I do not know your phone. You need not give it.
phone-deleted = I have forgotten your phone. Those you have shown it to already may remember it.
button-phone-add = Give my phone
button-phone-change = Change it
button-phone-delete = Delete it

whoami-alias = In new requests others see you as { $alias }.
whoami-no-alias = In each request others see you under a different, made-up name.
whoami-language = Language: English
whoami-phone = Phone: { $phone }. Helpers see it only if you share it.
whoami-no-phone = Phone: none
whoami-admin = You are an administrator.
whoami-provider = You help: { $place } · { $resource }
whoami-moderator = You are a coordinator: { $place } · { $resource }
whoami-open =
    { $count ->
        [0] You are in no open request.
        [one] You are in { $count } open request.
       *[other] You are in { $count } open requests.
    }
whoami-kept = What is kept: your requests and messages for at least 6 months, your name and @name at Telegram, your language, and your phone if you gave it.

inline-ask = Ask for help here
inline-nothing = Nothing found. Open the bot

menu-phone = your phone
menu-whoami = what I know about you

took-phone = Their phone, which they share with you: { $phone }
