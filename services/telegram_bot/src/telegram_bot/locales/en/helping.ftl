## For those who help, and those who would like to.

button-offer-help = 🤝 I want to help
button-take = I can help
button-not-for-me = Not for me
button-pause = Pause
button-resume = I am back
button-first-line = 💬 Send this line
button-done = Help has arrived
button-let-in = Let them in
button-turn-down = Not now
button-sure-decline = Yes, hand it back
button-hold = No, I stay
button-pause-hour = 1 hour
button-pause-tomorrow = Until tomorrow
button-pause-open = Until I say

first-line = Hello, I'm here. What do you need first?
first-line-here = You could begin so; tap to copy:
first-line-theirs = In their language (“{ $meaning }”); tap to copy:
took-aliases = You know them as { $requester }, and they know you as { $own }.
first-line-sent = Sent to №{ $number }.
first-line-late = Not sent: №{ $number } is no longer yours, or it is over.

gains =
    { $kind ->
        [moderator] You are a coordinator now:
       *[provider] You can help now:
    }
gains-then =
    { $kind ->
        [moderator] /help shows what you can do.
       *[provider] Press /next when you are ready. Thank you!
    }
gains-more =
    { $count ->
        [one] and { $count } more
       *[other] and { $count } more
    }

take-taken = Somebody is already helping here. Thank you!
take-closed = Help is no longer needed here. Thank you!
take-over = This request is not offered to you any more.
take-full =
    { $count ->
        [0] No new requests for you at the moment; a coordinator can change that.
       *[other] You are helping with { $held } already, as much as fits at a time. Hand one back, or come again when it is over.
    }
not-for-me-noted = All right, №{ $number } is not for you. Thank you for looking!
pressed-late = Something has changed in №{ $number } since. Please look at the newest message about it.

decline-sure = Hand №{ $number } back? It goes back to its old place in the queue, and nobody asks why.
kept-held = All right, №{ $number } stays with you.
decline-not-held = №{ $number } is no longer with you.

done-which = Which request has got its help?
done-asked = I asked the person of №{ $number } whether the help has arrived. It stays with you until they answer.
done-asked-already =
    { $minutes ->
        [one] I have asked about №{ $number } already and there is no answer yet. I ask once a minute at most.
       *[other] I have asked about №{ $number } already and there is no answer yet. I ask once in { $minutes } minutes at most.
    }

pause-for = For how long? Until then you get no new requests; what you have stays with you.
pause-example = You can also write /pause 3 for three hours, /pause 18:30 for until then, or /pause 22-8 for every night.
paused-now = You are on a break until { $until }. What you have stays with you. /resume ends the break.
paused-open = You are on a break until you press /resume. What you have stays with you.
resumed = Welcome back! Press /next when you are ready.
not-paused = You are not on a break. Press /next when you are ready.
pause-not-needed = You need no break: nobody gives you new requests at the moment. What you have stays with you.
quiet-zone = What time is it where you are?
button-zone-others = Another time…
quiet-set = No alerts about new requests from { $first } to { $last } every day, by the clock of { $zone }. What people write to you still comes. /pause 0-0 ends that.
quiet-ended = Your quiet hours are off.

availability =
    { $state ->
        [free] You are free: /next looks for somebody.
        [helping] { $count ->
            [one] You are helping with { $count } request.
           *[other] You are helping with { $count } requests.
        }
        [paused] You are on a break until { $until }: /resume
       *[open] You are on a break: /resume
    }
current-none = You are in no conversation right now.
current-one = You are in one conversation, and what you write goes there: { $which }
current-chosen = Plain words go to { $which }. To answer another, reply to its message or choose:
current-ask = You are in several conversations. I will ask whom your words are for; or choose now:
current-line-helping = { $which } · you help
current-line-asking = { $which } · you asked
current-line-watching = { $which } · as a coordinator

offer-which-place = Thank you! Where could you help?
offer-which-place-or-type = Thank you! Where could you help? Choose a place, or write its name.
offer-which-resource = { $place }. What could you do?
offer-none = There is nothing you could help with here yet. Please come back a little later.
offer-nothing-found = I found no such place. Choose one, or write another name:
offer-noted = Thank you! { $place } · { $resource }: a coordinator will look at it, and I will write to you.
offer-known = { $place } · { $resource }: you are there already, or your wish to help is noted.
offer-more = Is there anything else you could do?
let-in-done = Done: they can help now and have been told.
turned-down = Done: they have been told, kindly.
decided-already = Somebody has decided about this already, or they changed their mind.

button-offer-more = 🤝 Something else too
no-longer-held = This request is no longer with you.
take-yours = This request is with you already.

menu-start = how this works
menu-current = your conversations, and where your words go
menu-done = the help has arrived
menu-pause = take a break
menu-resume = end the break
menu-join = step into a request, for example /join 4F7K
menu-leave = step out again
