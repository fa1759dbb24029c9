## What people send each other: what may go, what waits for a yes, and what came of it.

button-send-anyway = Send anyway
button-do-not-send = Do not send

cannot-pass-on = I cannot pass this on, so it was not sent. I pass on text, photos, videos, video and voice messages, music, files, GIFs, stickers, places and contacts.
picture-as-file = This was not sent: a picture sent as a file can say where and when it was taken. Send it as an ordinary photo or video, please; then it says nothing about you.
card-without-phone = There is no phone number on this card, so it was not sent.
form-waits = First finish the question above, please, or leave it with /cancel. This was not sent.
file-stays = The others still see the file from before. To show them another one, send it as a new message, please.
edit-too-late = It was taken back, or you are no longer in this conversation, so I could not change it.
request-says-now = №{ $number } now says what you changed.
edit-after-end = This request is closed: the others do not see the change any more.
reaction-own-sign = I only pass on Telegram's ordinary reactions, so the others do not see this one.
reaction-too-late = This conversation is over, so the others do not see your reaction.
take-back-how = To take back something you wrote, answer your own message with /takeback
take-back-unsent = I forgot it. It never went out.
take-back-not-yours = Only whoever wrote a message can take it back.
take-back-too-late = You are no longer in this conversation, so I could not take it back.
take-back-old = It is more than 48 hours old: the words are gone, but a file or a place that has arrived stays in the others' chat. That is too late for me, I am sorry.
taken-back = Taken back. The others do not see it any more; if somebody has read it already, I cannot undo that. Coordinators can still look it up.
menu-takeback = take back a message (answer it with this)

live-once = The others see the place where you are now; it does not move with you.

reveals-phone = This looks like a phone number.
reveals-username = There is a @name in it.
reveals-link = There is a link to somebody's page in it.
reveals-email = There is an e-mail address in it.
reveals-mention = Somebody is named in it.
reveals-name = The file is too large for me to rename. Its name will be seen: { $name }
reveals-file = Inside a file there can be the name of whoever made it.
reveals-own_contact = This is your own phone number: { $phone }. The name on the card is not passed on.
reveals-other_contact = This is somebody else's number: { $phone }. I will say that it is not yours; the name on the card is not passed on.
send-anyway = The others would learn it. Send it? Until you press, nothing is sent.
decide-first = Please decide about the messages above first. This one was not sent.
asked-sent = Sent.
asked-not-sent = Not sent.
asked-gone = I do not have this message any more. Please write it again.

contact-own = Phone of whoever writes: { $phone }
contact-other = Somebody else's phone: { $phone }
files-elsewhere =
    { $count ->
        [one] A file was sent on the website. I cannot show it here yet; ask for it in words, please.
       *[other] { $count } files were sent on the website. I cannot show them here yet; ask for them in words, please.
    }
