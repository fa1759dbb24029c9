## Topics of a group that show a conversation, or did.

topic-over = This conversation is not shown here any more: what is written here stays in this group, and nothing of it was sent. To reach the people in it, open our private chat and join it there.
topic-hidden = This was not sent: whoever writes in the name of the group or of a channel is hidden from me too. Please turn off anonymity in the group's settings, or write to me in our private chat.
topic-never-sent = This message was never sent, so a change of it reaches nobody. Please write it as a new one.
topic-edit-stays = I cannot pass this change on: the others still read what was there before. Please write it as a new message, in words.
topic-asked-another = Only whoever wrote this message decides whether it is sent.
