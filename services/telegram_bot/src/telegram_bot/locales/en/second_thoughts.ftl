## Second thoughts: what can be changed or taken back, and what cannot.

described = These words are your request №{ $number } itself. To change them, edit your message: then the request says the new words, and the old ones are gone. To end the request: /close
described-over = These words are your request №{ $number }, and it is closed: I can neither change them nor take them back any more.
note-stays = A /note or /whisper stays as it was sent: I can neither change it nor take it back. Please write another one.
