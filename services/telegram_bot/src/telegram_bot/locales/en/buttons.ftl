## Buttons and the menu of commands.

button-new = 🆘 I need help
button-next = 🤝 Help somebody
button-cancel = Cancel
button-decline = Hand back
button-instead = Swap №{ $number } for another
button-close = End the request
button-close-yes = Yes, it is over
button-close-cancelled = No longer needed
button-keep = No, keep it open
button-write = Write here
button-join = Join
button-leave = Leave
button-earlier = ← Back
button-later = More →

menu-new = ask for help
menu-next = take the next request
menu-demands = your requests
menu-decline = hand a request back
menu-close = end a request
menu-language = choose the language
menu-help = what you can do here
menu-cancel = stop filling in a request
