## What people hear while a request waits, or while nobody writes in it.

notice-offered =
    { $state ->
        [open] 🔔 Can you help? №{ $number } · { $place } · { $resource }
        [yours] №{ $number } is with you now. Thank you!
        [taken] №{ $number }: somebody is already helping here. Thank you for being there!
        [closed] №{ $number }: help is no longer needed here. Thank you for being there!
       *[over] №{ $number } is not offered to you any more. Thank you for being there!
    }
alert-details =
    Waiting for { $waited }{ $urgency ->
        [critical] {" "}· help is needed at once
        [urgent] {" "}· urgent
       *[normal] {""}
    } · writes in { $speaks }
span-minutes =
    { $count ->
        [one] { $count } minute
       *[other] { $count } minutes
    }
span-hours =
    { $count ->
        [one] { $count } hour
       *[other] { $count } hours
    }
span-days =
    { $count ->
        [one] { $count } day
       *[other] { $count } days
    }
notice-first_reply_late =
    { $status ->
        [held] №{ $number } · { $place } · { $resource }: { $waited } without an answer, and the helper has not written a word yet.
       *[waiting] №{ $number } · { $place } · { $resource }: { $waited } without an answer, and nobody has come yet.
    } Please have a look.
notice-nudged = You took №{ $number } { $waited } ago and have not written yet. A short hello is enough. In { $rest } I will look for somebody else. If you cannot, hand it back, that is all right.
notice-lapsed = №{ $number } is back in the queue: no reply in { $waited }. It happens. When you have time again, press /next.
notice-went_quiet = №{ $number } · { $place } · { $resource } is closed: nobody answered whether help is still needed.
notice-still_waiting =
    №{ $number }: you have been waiting for { $waited }, and nobody is free yet. { $ahead ->
        [0] You are the first in line.
        [one] { $ahead } person is before you.
       *[other] { $ahead } people are before you.
    } { $coordinators_know ->
        [true] A coordinator knows and is looking too. We have not forgotten you.
       *[false] We go on looking. You need not write again, but you can add anything here.
    } In danger? Call { $emergency }.
notice-still_needed = Nobody has written in №{ $number } for { $waited }. Do you still need help? Without an answer I will close it in { $rest }.
