## Buttons and the menu of commands.

button-new = 🆘 Мені потрібна допомога
button-next = 🤝 Допомогти
button-cancel = Скасувати
button-decline = Повернути
button-instead = Змінити №{ $number } на інше
button-close = Завершити прохання
button-close-yes = Так, завершити
button-close-cancelled = Більше не потрібно
button-keep = Ні, залишити
button-write = Написати сюди
button-join = Увійти
button-leave = Вийти
button-earlier = ← Назад
button-later = Далі →

menu-new = попросити про допомогу
menu-next = взяти наступне прохання
menu-demands = ваші прохання
menu-decline = повернути прохання
menu-close = завершити прохання
menu-language = вибрати мову
menu-help = що тут можна
menu-cancel = не заповнювати далі
