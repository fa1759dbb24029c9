## How people name lengths of time.

length-hours = h hr hrs hour hours
length-minutes = m min mins minute minutes
