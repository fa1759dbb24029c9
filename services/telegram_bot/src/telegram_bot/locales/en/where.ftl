## Whom words without an address are for, and what becomes of those that wait to hear it.

write-to-this = The last message you got was from another conversation, and you are not in it now. Send this to the one below?
held-still =
    { $count ->
        [one] I still keep a message of yours that was not sent:
       *[other] I still keep { $count } messages of yours that were not sent:
    }
    { $words }
    Who is this for?
current-ask-one = You are in one conversation, and heard last from another one. I will ask before your words go there; or choose it now:

noted-in = Your note is kept in №{ $number }, and the other coordinators have it.
noted-alone-in = Your note is kept in №{ $number }. No other coordinator is in this request at the moment.
whispered-in = Only the helper gets this, in №{ $number }.
whispered-later-in = The note is kept in №{ $number }, but the helper cannot be written to right now.
whisper-nobody-in = Nobody is helping with №{ $number } at the moment, so there is nobody to whisper to.
whisper-not-answered = This was whispered to you alone, and I cannot pass an answer to the coordinator alone. It was not sent. What you write without answering this message goes to everybody in the conversation.
note-only-words = A note can only be words, so this was not sent.
