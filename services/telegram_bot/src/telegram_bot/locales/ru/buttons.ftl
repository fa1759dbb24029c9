## Buttons and the menu of commands.

button-new = 🆘 Мне нужна помощь
button-next = 🤝 Помочь
button-cancel = Отмена
button-decline = Вернуть просьбу
button-instead = Сменить №{ $number } на другую
button-close = Завершить просьбу
button-close-yes = Да, завершить
button-close-cancelled = Больше не нужно
button-keep = Нет, оставить
button-write = Написать сюда
button-join = Войти
button-leave = Выйти
button-earlier = ← Назад
button-later = Дальше →

menu-new = попросить о помощи
menu-next = взять следующую просьбу
menu-demands = ваши просьбы
menu-decline = вернуть просьбу
menu-close = завершить просьбу
menu-language = выбрать язык
menu-help = что здесь можно
menu-cancel = не заполнять дальше
