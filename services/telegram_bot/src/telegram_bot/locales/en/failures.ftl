## Why something cannot be: one sentence for each way a call can be refused.

failure-InvalidRequest = I could not understand this. Please try in other words, or shorter.
failure-NotSignedIn = I do not know you yet. Please press /start.
failure-SignInRefused = This does not let you in. Please check it and try again, or ask for a new one.
failure-WeakPassword =
    { $why ->
        [too_short] This password is too short. Please take at least 12 characters; a few words together are good.
        [too_long] This password is too long. 256 characters are the most.
       *[too_common] This password is easy to guess. Please take another, a few words together are good.
    }
failure-Forbidden = You cannot do this here.
create-restricted = You cannot send new requests for now, so this was not sent. If a life is in danger, call { $emergency }.
failure-Banned = You cannot use this bot any more. In danger? Call { $emergency }.
failure-NotFound = I cannot find this. It may be over already.
failure-AlreadyTaken = Somebody is already helping here. Thank you!
failure-AtCapacity =
    { $count ->
        [0] No new requests for you at the moment; a coordinator can change that.
        [one] You are helping with { $held } already. To take another, hand it back with /decline or wait until it is closed.
       *[other] You are helping with { $held } already. To take another, hand one back with /decline or wait until one is closed.
    }
failure-AlreadyClosed = This request is closed already.
failure-WrongStatus = That is not possible for this request as it stands now.
failure-AlreadyDeclined = You handed this request back before. A coordinator can change that.
failure-AlreadyExists = This is already so.
failure-CannotLink =
    { $why ->
        [same_demand] These two have met in one request, so they have to stay apart.
       *[two_accounts] You already have two accounts of your own. Only a coordinator can join them.
    }
failure-VersionConflict = Somebody changed this at the same moment. Please look again and retry.
failure-KeyReused = This was already done.
failure-LastAdmin = You are the last administrator. Please name another one first.
failure-TooLarge = This is too long. Please send it in parts.
failure-TooManyRequests =
    { $retry_after ->
        [one] That was a lot at once. Please try again in { $retry_after } second.
       *[other] That was a lot at once. Please try again in { $retry_after } seconds.
    }
failure-TooManyOpen =
    { $limit ->
        [one] You have an open request already. Please end it before asking anew: /close
       *[other] You have { $limit } open requests already, and no more fit. Please end one of them: /close
    }
failure-Internal = Something went wrong on our side. Please try again in a few minutes.
failure-NotAvailableYet = This does not work yet. We are building it.
failure-Busy = I cannot do this right now. Please try again in a minute.
failure-DeadlineExceeded = This is taking too long right now. Please try again in a few minutes.
