## Чаты координаторов и то, что они делают.

group-card-heading = №{ $number } · { $place } · { $resource }
group-card-urgent = ❗ Срочно
group-card-critical = ‼️ Очень срочно
group-card-waiting = ⏳ Ждёт помощника
group-card-held = 🤝 Помогает { $alias }
group-card-closed =
    { $reason ->
        [fulfilled] ✅ Завершена: помогли
        [cancelled] ✅ Завершена: больше не нужно
        [moderated] ✅ Завершена координатором
        [duplicate] ✅ Завершена: есть другая такая же
       *[inactive] ✅ Завершена: давно никто не писал
    }
group-card-since = Просьба от { $since }
group-card-reports =
    { $count ->
        [one] ⚠️ { $count } жалоба
        [few] ⚠️ { $count } жалобы
       *[other] ⚠️ { $count } жалоб
    }
group-card-moved = №{ $number } здесь больше не показывается.
group-card-is-over = Эта просьба уже завершена.
group-card-has-changed = Тем временем что-то изменилось. Посмотрите на карточку и нажмите ещё раз.

button-card-take = 🤝 Взять
button-more = Ещё…
button-back = ← Назад
button-take-over = Взять себе
button-hand = Передать…
button-pause-helper = Перерыв…
button-break-hour = На час
button-break-day = На сутки
button-break-week = На неделю
button-urgency = Срочность…
button-card-normal = Не срочно
button-card-urgent = Срочно
button-card-critical = Очень срочно
button-reset = Забыть отказы
button-card-close = Завершить…
button-card-fulfilled = Помогли
button-card-cancelled = Больше не нужно
button-card-moderated = По другой причине
button-open-bot = Открыть бота
button-topics-on = Включить темы
button-topics-off = Выключить темы
button-grants-on = Могут брать все
button-grants-off = Только помощники
button-unbind = Не показывать здесь
button-report-acted = Разобрались
button-report-dismissed = Всё в порядке

take-yours-now = №{ $number } теперь ваша. Я написал вам в личный чат.
take-not-yours = Вы пока не помогаете с такими просьбами. Откройте меня и нажмите «Хочу помогать».
take-not-yours-here = Вы пока не помогаете с такими просьбами; добавить вас может координатор.
take-in-the-group = Теперь мы знакомы. Нажмите, пожалуйста, «Взять» в группе ещё раз. Что здесь можно, покажет /help
open-first = Я пока не могу вам написать. Откройте меня, нажмите «Старт», а потом эту кнопку ещё раз.
taker-not-known = Кто-то здесь нажал «Взять», но писать этому человеку мне пока нельзя, поэтому просьба всё ещё ждёт. Если это были вы, откройте, пожалуйста, бота и нажмите «Старт».
joined-in-private = Вы вошли в №{ $number }. Всё, что уже написано, — в нашем личном чате.
held-already = Эта просьба уже у вас.
hand-in-private = Список помощников я отправил вам в личный чат.
hand-to-whom = Кому передать №{ $number } · { $place } · { $resource }? После имени: сколько просьб у человека сейчас и сколько он готов вести.
hand-to-nobody = №{ $number } · { $place } · { $resource }: передать некому.
handed-on = №{ $number } передана.
helper-paused = У помощника { $alias } перерыв до { $until }, эта просьба остаётся у него.
declined-reset =
    { $count ->
        [0] От №{ $number } никто не отказывался.
        [one] №{ $number } снова предложат { $count } помощнику.
       *[other] №{ $number } снова предложат { $count } помощникам.
    }

group-hello = Здравствуйте! Номер этого чата: { $chat }. Здесь я могу показывать просьбы о помощи, по карточке на каждую; имён на карточках нет.
group-may-not-pin = Закреплять сообщения мне здесь нельзя.
group-may-not-topics = Управлять темами мне здесь нельзя, поэтому показывать переписку я не смогу.
group-bind-which = Какие просьбы показывать здесь?
group-bind-how = Администратор или координатор может выбрать, что показывать здесь: /bind
group-bound =
    { $place } · { $resource }: просьбы видны здесь.

    { $topics ->
        [on] Переписка видна в темах: её могут читать все в этой группе.
       *[off] Переписка здесь не видна.
    } { $grants ->
        [on] Брать просьбы могут все в этой группе.
       *[off] Брать просьбы могут только помощники.
    }
group-unbound = { $place } · { $resource }: здесь больше не показываю.
group-no-forum = В этой группе нет тем. Сначала включите их в настройках группы.
admins-only = Это могут только администраторы.
chat-id = Номер этого чата: { $chat }

menu-note = заметка для других координаторов
menu-whisper = заметка только для помощника
menu-chatid = номер этого чата
menu-bind = что показывать в этой группе

note-which = О какой просьбе речь? Ответьте на одно из её сообщений или напишите: /{ $command } 4F7K и дальше ваши слова.
note-empty = Напишите, пожалуйста, слова после команды: /{ $command } …
noted = Заметка сохранена, другие координаторы её получили.
noted-alone = Заметка сохранена. Других координаторов в этой просьбе сейчас нет.
whispered = Это увидит только помощник.
whispered-later = Заметка сохранена, но помощнику сейчас не написать.
whisper-nobody = По этой просьбе сейчас никто не помогает, шептать некому.
report-decided = Спасибо. По №{ $number } это записано, и тому, кто пожаловался, скажут.
report-decided-already = Другой координатор это уже решил.

notice-topic_opened = №{ $number } · { $place } · { $resource }. Здесь видно всё, что пишут по этой просьбе; координаторы могут отвечать прямо здесь. /whisper увидит только помощник, /note — другие координаторы.

topic-not-yours = Писать тем, кто в этой просьбе, могут только координаторы, поэтому это не отправлено.
topic-open-first = Я вас пока не знаю, поэтому это не отправлено. Откройте, пожалуйста, бота и нажмите «Старт».
topic-only-words = Отсюда я передаю слова, картинки и голос. Это не отправлено; пришлите, пожалуйста, в наш личный чат.
