## When somebody writes faster than can be passed on.

too-fast =
    { $seconds ->
        [one] That is a lot at once. This message and whatever you write in the next { $seconds } second does not arrive; everything before it does. Please send it again after that, best in one message.
       *[other] That is a lot at once. This message and whatever you write in the next { $seconds } seconds does not arrive; everything before it does. Please send it again after that, best in one message.
    }
too-fast-press = Too fast. Please press again in a moment.
