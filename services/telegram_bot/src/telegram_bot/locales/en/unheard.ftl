## What a group is told that cannot be heard yet, or by name.

topic-not-yet = This was not sent yet: the conversation is only just beginning to be shown here. Please write it once more.
group-bind-hidden = I cannot see who you are: you write in the name of the group or of a channel. Please turn off anonymity for a moment and type /bind again.
