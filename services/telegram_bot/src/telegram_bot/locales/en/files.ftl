## Files that cannot be shown to whoever they are for.

voice-kept-out = 🎤 There is a voice or round video message here that your Telegram settings keep out. Please ask for it in words, or allow it: Settings → Privacy and Security → Voice Messages, and add this bot to the exceptions.
