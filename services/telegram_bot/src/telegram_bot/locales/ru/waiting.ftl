## Что люди слышат, пока просьба ждёт или пока в ней никто не пишет.

notice-offered =
    { $state ->
        [open] 🔔 Сможете помочь? №{ $number } · { $place } · { $resource }
        [yours] Просьба №{ $number } теперь у вас. Спасибо!
        [taken] №{ $number }: здесь уже помогают. Спасибо, что вы рядом!
        [closed] №{ $number }: помощь здесь больше не нужна. Спасибо, что вы рядом!
       *[over] Просьба №{ $number } вам больше не предлагается. Спасибо, что вы рядом!
    }
alert-details =
    Ждёт { $waited }{ $urgency ->
        [critical] {" "}· помощь нужна немедленно
        [urgent] {" "}· срочно
       *[normal] {""}
    } · язык: { $speaks }
span-minutes =
    { $count ->
        [one] { $count } минуту
        [few] { $count } минуты
       *[many] { $count } минут
    }
span-hours =
    { $count ->
        [one] { $count } час
        [few] { $count } часа
       *[many] { $count } часов
    }
span-days =
    { $count ->
        [one] { $count } день
        [few] { $count } дня
       *[many] { $count } дней
    }
notice-first_reply_late =
    { $status ->
        [held] №{ $number } · { $place } · { $resource }: уже { $waited } без ответа, помощник ещё ничего не написал.
       *[waiting] №{ $number } · { $place } · { $resource }: уже { $waited } без ответа, никто пока не откликнулся.
    } Посмотрите, пожалуйста.
notice-nudged = Вы взяли просьбу №{ $number } { $waited } назад и ещё не написали. Достаточно короткого «здравствуйте». Через { $rest } я начну искать кого-то другого. Если не получается, верните просьбу, это нормально.
notice-lapsed = Просьба №{ $number } снова в очереди: за { $waited } ответа не было. Так бывает. Когда снова будет время, нажмите /next
notice-went_quiet = Просьба №{ $number } · { $place } · { $resource } закрыта: никто не ответил, нужна ли ещё помощь.
notice-still_waiting =
    №{ $number }: вы ждёте уже { $waited }, свободных помощников пока нет. { $ahead ->
        [0] Ваша просьба первая в очереди.
        [one] Перед вами { $ahead } человек.
        [few] Перед вами { $ahead } человека.
       *[many] Перед вами { $ahead } человек.
    } { $coordinators_know ->
        [true] Координатор знает о вас и тоже ищет. Мы вас не забыли.
       *[false] Мы продолжаем искать. Писать ещё раз не нужно, но дополнить можно в любой момент.
    } Опасность? Звоните: { $emergency }.
notice-still_needed = В просьбе №{ $number } уже { $waited } никто не пишет. Помощь ещё нужна? Если ответа не будет, через { $rest } я закрою просьбу.
