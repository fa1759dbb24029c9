## What a moderator's break for a helper is told with.

helper-on-a-break =
    { $hours ->
        [1] { $alias } has a break for an hour
        [24] { $alias } has a break for a day
        [168] { $alias } has a break for a week
       *[other] { $alias } has a break for { $hours } h
    } and keeps this request.
