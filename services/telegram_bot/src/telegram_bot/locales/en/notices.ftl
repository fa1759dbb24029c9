## What the system tells people.

notice-received =
    { $ahead ->
        [0] Your request №{ $number } is in: { $place } · { $resource }. It is the first in line.
        [one] Your request №{ $number } is in: { $place } · { $resource }. { $ahead } person is before you.
       *[other] Your request №{ $number } is in: { $place } · { $resource }. { $ahead } people are before you.
    } I will write as soon as somebody takes it. You can add more here at any time.
notice-provider_joined =
    { $viewer ->
        [requester] Somebody is here to help with №{ $number }. You can write to each other right here.
       *[other] A helper joined №{ $number }.
    }
notice-looking_for_another =
    { $by ->
        [requester] Somebody else is wanted for №{ $number }. It is in the queue again.
        [moderator] We are looking for another helper for №{ $number }. Its place in line is kept.
       *[other] { $viewer ->
            [requester] Your helper could not go on with №{ $number }. We are already looking for another. Your place in line is kept.
           *[other] The helper handed №{ $number } back. It is in the queue again.
        }
    }
notice-you_took_it =
    { $by ->
        [moderator] A coordinator asks you to help: №{ $number } · { $place } · { $resource }
       *[none] You are helping now: №{ $number } · { $place } · { $resource }
    }
notice-you_took_it-hint = Just write here, the person will read it. If you cannot help after all, hand it back, that is all right.
notice-you_joined = You joined as a coordinator: №{ $number } · { $place } · { $resource }
notice-you_joined-hint = Everybody in it can see that a coordinator is here. What you write here goes to them.
notice-moderator_joined = A coordinator joined №{ $number } and can read along.
notice-moderator_left = The coordinator left №{ $number }.
notice-participant_removed = You are no longer in №{ $number }.
notice-contact_shared =
    { $phone ->
        [none] A phone number was shared in №{ $number }, but it can no longer be shown.
       *[other] { $role ->
            [requester] The person who asked in №{ $number } shared their phone: { $phone }
           *[other] Your helper in №{ $number } shared their phone: { $phone }
        }
    }
notice-closed =
    { $reason ->
        [fulfilled] Request №{ $number } is closed: help was given. Thank you!
        [cancelled] Request №{ $number } is closed: it is no longer needed. Thank you!
        [moderated] A coordinator closed request №{ $number }. If help is still needed, press /new.
        [duplicate] { $into ->
            [none] Request №{ $number } is closed, as there is another one like it.
           *[other] Request №{ $number } is closed, as №{ $into } is about the same. It goes on there.
        }
       *[inactive] { $viewer ->
            [requester] Request №{ $number } is closed, as nobody wrote for a while. Still needed? Press the button below.
           *[other] Request №{ $number } is closed, as nobody wrote for a while.
        }
    }
notice-demand_updated = Something changed in №{ $number }. It now says:
notice-urgency_changed =
    { $urgency ->
        [critical] №{ $number } is very urgent now: help is needed at once.
        [urgent] №{ $number } is urgent now.
       *[normal] №{ $number } is no longer urgent.
    }
notice-done_asked =
    { $viewer ->
        [requester] Your helper says that №{ $number } is done. Did the help reach you?
       *[other] The helper says that №{ $number } is done. I am asking whether the help arrived.
    }
notice-not_done_yet =
    { $viewer ->
        [provider] The help in №{ $number } has not arrived yet. Please write to each other about what is missing.
       *[other] The help in №{ $number } has not arrived yet.
    }
notice-released = №{ $number } goes on with somebody else now. It is nothing you did wrong. Thank you for being there!
notice-handed_over = A coordinator gave №{ $number } to another helper. Thank you for what you did!
notice-reopened = Request №{ $number } is open again: help is still needed.
notice-feedback =
    { $outcome ->
        [helped] { $words ->
            [none] №{ $number }: it helped. Thank you!
           *[other] №{ $number }: it helped. Thank you! They wrote: { $words }
        }
       *[did_not_help] { $words ->
            [none] №{ $number }: sadly, it did not help this time. Thank you for trying.
           *[other] №{ $number }: sadly, it did not help this time. Thank you for trying. They wrote: { $words }
        }
    }
notice-left_waiting =
    { $role ->
        [requester] №{ $number }: { $place } · { $resource } is not offered here any more. Your request is not forgotten: a coordinator has been told and will look after it. You can write here at any time.
       *[other] { $place } · { $resource } is not offered any more, so no helper can take what still waits there: { $count ->
            [one] №{ $number }.
           *[other] { $count } requests, №{ $number } first.
        } Please step in: /join
    }
notice-report_made = Somebody reports that something is wrong in №{ $number }: { $place } · { $resource }. Please have a look.
notice-report_resolved =
    { $decision ->
        [acted] Thank you for telling us about №{ $number }. A coordinator has looked at it and dealt with it.
       *[dismissed] Thank you for telling us about №{ $number }. A coordinator looked at it and saw no need to step in. If it goes on, please report it again.
    }
notice-message_refused =
    { $later ->
        [false] { $role ->
            [requester] I could not pass this on to the person who asked in №{ $number }.
            [provider] I could not pass this on to your helper in №{ $number }.
           *[other] I could not pass this on to somebody in №{ $number }.
        } Please send it again, best in plain words.
       *[other] { $role ->
            [requester] The person who asked in №{ $number } does not get messages at the moment.
            [provider] Your helper in №{ $number } does not get messages at the moment.
           *[other] Somebody in №{ $number } does not get messages at the moment.
        } { $later ->
            [true] I will pass it on when they can be reached again.
           *[none] What you wrote is kept.
        }
    }
notice-taken_back = A message in №{ $number } was taken back. Please act as if it had never been written.
notice-membership_applied = Somebody wants to help: { $place } · { $resource }.
notice-membership_approved =
    { $kind ->
        [moderator] You are a coordinator now: { $place } · { $resource }. /help shows what you can do.
       *[provider] You can help now: { $place } · { $resource }. Press /next when you are ready. Thank you!
    }
notice-membership_changed =
    { $state ->
        [live] { $kind ->
            [moderator] You are a coordinator now: { $place } · { $resource }. /help shows what you can do.
           *[provider] You can help now: { $place } · { $resource }. Press /next when you are ready. Thank you!
        }
        [applied] Your wish to help is noted: { $place } · { $resource }. A coordinator will look at it.
        [rejected] For now we cannot take you on as a helper: { $place } · { $resource }. Thank you for offering.
       *[other] { $kind ->
            [moderator] You are no longer a coordinator: { $place } · { $resource }. Thank you for what you did.
           *[provider] You are no longer a helper: { $place } · { $resource }. Thank you for what you did.
        }
    }
notice-new_sign_in =
    { $way ->
        [telegram] Somebody has just signed in on the website with your Telegram account.
        [code] Somebody has just come back on the website with your private code.
        [link] Your account on the website and this chat belong together now.
       *[password] Somebody has just signed in on the website with your password.
    } If this was not you, please end that session on the website, and change your password if you have one there.
notice-membership_paused =
    { $until ->
        [none] Your pause is over: { $place } · { $resource }. Press /next when you are ready. Thank you!
        [open] A coordinator gave you a break: { $place } · { $resource }. No new requests come to you from there; what you have already stays with you. To come back: /resume
       *[other] A coordinator gave you a break until { $until }: { $place } · { $resource }. No new requests come to you from there; what you have already stays with you. To come back sooner: /resume
    }
notice-banned = You cannot use this bot any more. In danger? Call { $emergency }.
notice-unbanned = You are welcome here again. Press /start whenever you like.
notice-restricted =
    { $until ->
        [none] For now you cannot begin anything new here: no new requests of yours, no requests of others. What you have already goes on as before.
        [open] For now you cannot begin anything new here: no new requests of yours, no requests of others. What you have already goes on as before.
       *[other] Until { $until } you cannot begin anything new here: no new requests of yours, no requests of others. What you have already goes on as before.
    }
notice-unrestricted = You can ask for help and offer it here again, just as before.
notice-admin_changed =
    { $is_admin ->
        [true] You are an administrator now. /help shows what you can do.
       *[false] You are no longer an administrator. Thank you for what you did.
    }
notice-capacity_changed =
    { $capacity ->
        [0] For now no new requests will come to you. What you have already stays with you.
        [one] You can help with { $capacity } request at a time now. What you have already stays with you.
       *[other] You can help with { $capacity } requests at a time now. What you have already stays with you.
    }
