## Staff chats and what coordinators do.

group-card-heading = №{ $number } · { $place } · { $resource }
group-card-urgent = ❗ Urgent
group-card-critical = ‼️ Very urgent
group-card-waiting = ⏳ Waiting for a helper
group-card-held = 🤝 { $alias } is helping
group-card-closed =
    { $reason ->
        [fulfilled] ✅ Closed: help was given
        [cancelled] ✅ Closed: no longer needed
        [moderated] ✅ Closed by a coordinator
        [duplicate] ✅ Closed: there is another one like it
       *[inactive] ✅ Closed: nobody wrote for a while
    }
group-card-since = Asked { $since }
group-card-reports =
    { $count ->
        [one] ⚠️ { $count } report
       *[other] ⚠️ { $count } reports
    }
group-card-moved = №{ $number } is not shown here any more.
group-card-is-over = This request is closed already.
group-card-has-changed = Something has changed meanwhile. Please look at the card and press again.

button-card-take = 🤝 Take
button-more = More…
button-back = ← Back
button-take-over = Take over
button-hand = Hand over…
button-pause-helper = Give a break…
button-break-hour = For an hour
button-break-day = For a day
button-break-week = For a week
button-urgency = Urgency…
button-card-normal = Not urgent
button-card-urgent = Urgent
button-card-critical = Very urgent
button-reset = Forget refusals
button-card-close = Close…
button-card-fulfilled = Help was given
button-card-cancelled = No longer needed
button-card-moderated = Another reason
button-open-bot = Open the bot
button-topics-on = Turn topics on
button-topics-off = Turn topics off
button-grants-on = Everybody may take
button-grants-off = Only helpers take
button-unbind = Do not show here
button-report-acted = Dealt with
button-report-dismissed = Nothing wrong

take-yours-now = №{ $number } is yours. I have written to you in private.
take-not-yours = You do not help with this yet. Open me and press “I want to help”.
take-not-yours-here = You do not help with this yet; a coordinator can let you in.
take-in-the-group = Now we know each other. Please press Take again in the group. Here is what you can do: /help
open-first = I cannot write to you yet. Please open me, press Start, and press here again.
taker-not-known = Somebody here pressed Take, but I may not write to them yet, so the request is still waiting. Whoever it was: please open the bot and press Start.
joined-in-private = You joined №{ $number }. What was written so far is in our private chat.
held-already = You hold this request already.
hand-in-private = I have sent you the helpers in our private chat.
hand-to-whom = Who takes №{ $number } · { $place } · { $resource }? After the name: how many requests they hold and how many they can.
hand-to-nobody = №{ $number } · { $place } · { $resource }: there is no helper it could be handed to.
hand-cannot = This helper cannot take №{ $number } right now: their hands are full, or they said no to it. Please choose another.
handed-on = №{ $number } is handed on.
declined-reset =
    { $count ->
        [0] Nobody has said no to №{ $number }.
        [one] №{ $number } is offered again to { $count } helper.
       *[other] №{ $number } is offered again to { $count } helpers.
    }

group-hello = Hello! This chat's number is { $chat }. I can show the requests of a kind of help here, one card for each; the cards name nobody.
group-may-not-pin = I may not pin messages here.
group-may-not-topics = I may not manage topics here, so I cannot mirror conversations.
group-bind-which = Which requests shall be shown here?
group-bind-how = An administrator or a coordinator types /bind to choose what is shown here.
group-bound =
    { $place } · { $resource } is shown here.

    Conversations are { $topics ->
        [on] mirrored into topics: everybody here can read them.
       *[off] not mirrored.
    } { $grants ->
        [on] Everybody here can take requests.
       *[off] Only helpers can take requests.
    }
group-unbound = { $place } · { $resource } is not shown here any more.
group-no-forum = This group has no topics. Please turn them on in the group's settings first.
admins-only = Only administrators can do this.
chat-id = This chat's number is { $chat }.

menu-note = a note for the other coordinators
menu-whisper = a note for the helper alone
menu-chatid = this chat's number
menu-bind = what this group is shown

note-which = Which request is this about? Answer one of its messages, or write: /{ $command } 4F7K and then your words.
note-empty = Please write your words after the command: /{ $command } …
noted = Your note is kept, and the other coordinators have it.
noted-alone = Your note is kept. No other coordinator is in this request at the moment.
whispered = Only the helper gets this.
whispered-later = The note is kept, but the helper cannot be written to right now.
whisper-nobody = Nobody is helping with this request at the moment, so there is nobody to whisper to.
report-decided = Thank you. It is noted for №{ $number }, and whoever reported it is told.
report-decided-already = Another coordinator has decided about this already.

notice-topic_opened = №{ $number } · { $place } · { $resource }. What is written in this request is shown here; coordinators can answer here. /whisper reaches the helper alone, /note the other coordinators.

topic-not-yours = Only coordinators can write to the people in this request, so this was not sent.
topic-open-first = I do not know you yet, so this was not sent. Please open the bot and press Start.
topic-only-words = From here I pass on words, pictures and voice. This was not sent; please send it in our private chat.
