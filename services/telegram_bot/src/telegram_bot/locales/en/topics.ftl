## Topics of a group that show a conversation, or did.

topic-over = This conversation is not shown here any more: what is written here stays in this group, and nothing of it was sent. To write to the people in it, open our private chat: /join
