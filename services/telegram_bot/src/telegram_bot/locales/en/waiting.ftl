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
        [held] №{ $number } · { $place } · { $resource }: { $minutes ->
            [one] { $minutes } minute, and the helper has not written a word yet.
           *[other] { $minutes } minutes, and the helper has not written a word yet.
        }
       *[waiting] №{ $number } · { $place } · { $resource }: { $minutes ->
            [one] { $minutes } minute, and nobody has come.
           *[other] { $minutes } minutes, and nobody has come.
        }
    } Please have a look.
notice-nudged =
    { $minutes ->
        [one] You took №{ $number } { $minutes } minute ago and have not written yet.
       *[other] You took №{ $number } { $minutes } minutes ago and have not written yet.
    } A short hello is enough. { $left ->
        [one] In { $left } minute I will look for somebody else.
       *[other] In { $left } minutes I will look for somebody else.
    } If you cannot, hand it back, that is all right.
notice-lapsed =
    { $minutes ->
        [one] Nothing was written in №{ $number } for { $minutes } minute, so it is back in the queue for somebody else.
       *[other] Nothing was written in №{ $number } for { $minutes } minutes, so it is back in the queue for somebody else.
    } It happens. When you have time again, press /next.
notice-went_quiet = №{ $number } · { $place } · { $resource } is closed: nobody answered whether help is still needed. You may want to ask how they are.
notice-still_waiting =
    { $minutes ->
        [one] №{ $number }: { $minutes } minute has passed, and nobody is free yet.
       *[other] №{ $number }: { $minutes } minutes have passed, and nobody is free yet.
    } { $ahead ->
        [0] You are the first in line.
        [one] { $ahead } person is before you.
       *[other] { $ahead } people are before you.
    } { $coordinators_know ->
        [true] A coordinator knows and is looking too. We have not forgotten you.
       *[false] We go on looking. You need not write again, but you can add anything here.
    } In danger? Call { $emergency }.
notice-still_needed =
    { $hours ->
        [one] Nobody has written in №{ $number } for { $hours } hour.
       *[other] Nobody has written in №{ $number } for { $hours } hours.
    } Do you still need help? { $left ->
        [one] Without an answer I will close it in { $left } hour.
       *[other] Without an answer I will close it in { $left } hours.
    }
