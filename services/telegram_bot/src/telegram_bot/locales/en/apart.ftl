## What is added to something that only coordinators read: it never goes to everybody.

report-again = I sent this to nobody. Only coordinators may read it: to tell them more, press Report under your request again and write it there.
report-not-added = I sent this to nobody. Only coordinators may read it, and I cannot add it to your report any more. A coordinator will look at that; once they have decided, you can press Report again.
report-made-answered = I sent this to nobody. To write to the other coordinators, join the request with /join; then /note with its number and your words.
whisper-again = I sent this to nobody. To whisper more to the helper: /whisper and your words.
write-to-unsure = You answered a message of mine, so I am not sure whom this is for. Which conversation shall I pass it on to?
write-to-after-report = You pressed Report before this. What you write now would go to the people in the conversation, not to the coordinators alone. Is it meant for them?
note-edit-stays = A /note or /whisper stays as it was sent: I cannot change it. Answer it with /takeback to take it back, and write another one.
