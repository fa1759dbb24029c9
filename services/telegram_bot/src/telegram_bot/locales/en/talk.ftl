## What the bot answers.

still-working = One moment, this is taking longer than usual. Your message is safe.
still-working-press = One moment, this is taking longer than usual.
went-wrong =
    Sorry, something went wrong on our side, and this may not have gone through. We will look into it.
    Please send it again in a few minutes.
press-unknown = This button no longer works. /help shows what you can do.
press-used = This was already done.

start =
    Hello! Here people who need help find people who can give it.

    If a life is in danger, call { $emergency } first.

    You write to each other through this bot. The people you write with do not see your name, your phone or your profile. What is written here I keep for at least 6 months, and your name and @name at Telegram so that a coordinator can find you; your phone only if you give it.
help-end =

    To answer one certain message, reply to it. If a life is in danger, call { $emergency }.
admin-now = You are an administrator now.
cancelled = All right, I dropped it. Nothing was sent.
nothing-to-cancel = There is nothing to cancel.

language-which = Which language should I speak?
language-chosen = All right, I will speak English. Emergency number: { $emergency }

place-which = Where do you need help? Please choose a place.
place-which-or-type = Where do you need help? Choose a place, or write its name.
place-unknown = I do not know this place yet. Please choose one of these, or write another name.
no-help-yet = Nobody offers help here yet. Please come back a little later. If a life is in danger, call { $emergency } now.
resource-which = { $place }. What do you need?
describe =
    { $place } · { $resource }

    Now write in one message, or in several, what happened and what you need. Nothing is sent before you press Send. { $phone ->
        [known] You need not give your name or exact address.
       *[other] You need not give your name, phone or exact address.
    }

    If a life is in danger, call { $emergency } first.
scenario-gone = This kind of help has just ended. What you wrote is kept. Please choose again.

nothing-waiting = Nobody is waiting where you help right now. Thank you for being here! Try again later: /next
nothing-waiting-kept = Nobody else is waiting where you help right now, so you keep the request you have.
not-a-provider = You are not a helper here yet. Would you like to be? Press the button, and a coordinator will look at it.
paused = You are on a break, so I do not give you requests.
paused-until = You are on a break until { $until }, so I do not give you requests.
nothing-held = You are not helping anybody at the moment. /next looks for somebody.
number-not-held = You are not helping with №{ $number }.
decline-which = Which request do you hand back?
declined = You handed №{ $number } back. It is back in the queue, at its old place. Thank you for saying so.

nothing-open = You have no open requests.
number-not-mine = You have no open request №{ $number }.
close-which = Which request is over?
close-sure-requester = Did you get help with №{ $number }?
close-sure = Is request №{ $number } over?
kept-open = All right, it stays open.
close-not-yours = Only whoever asked, or a coordinator, can close this. Has the help arrived? Press /done and I will ask them.
closed-by-you = Request №{ $number } is closed. Thank you!

demands-none = You have no open requests.
demands-none-found = I found nothing with these words.
demands-found = Requests { $first }–{ $last }. Press one to see it.
status-draft = draft
status-waiting = waiting
status-held = being helped
status-closed = closed

staff-only = Only coordinators can do this.
number-unknown = I found no open request №{ $number }.
nothing-to-join = There are no open requests you could join.
join-which = Which request do you want to join?
joined-already = You are in this request already.
not-joined = There is no request you joined as a coordinator.
leave-which = Which request do you leave?
left = You left the request.

nobody-to-tell = I cannot pass this on yet: you have no open request. In danger? Call { $emergency }. Do you need help?
write-to-which = You have several conversations. Who is this for?
choose-first = Please choose first who your messages are for. The newest one is not kept: please write it again afterwards.
writing-to = What you write now goes to №{ $number }.
writing-to-sent =
    { $count ->
        [one] Sent to №{ $number }.
       *[other] Sent { $count } messages to №{ $number }.
    } What you write now goes there too.
not-in-it-any-more = You are not in this conversation any more, so this was not sent.
closed-not-sent = This request is closed, so your message was not passed on.
closed-not-sent-asker = This request is closed, so your message was not passed on. If you need help again, press /new.
nobody-reads-yet = Your message is safe. Whoever takes your request will read it.
command-unknown = I do not know this command. /help shows what you can do.

from-requester = Needs help · { $alias }
from-provider = Helper { $alias }
from-moderator = Coordinator { $alias }
repeat = may be a repeat · { $reference }
from-note = Note for coordinators
from-whisper = Only for you, from a coordinator
message-edited = changed
message-gone = This message was taken back.
