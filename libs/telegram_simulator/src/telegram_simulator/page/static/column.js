// One conversation: a person and the bot, or a group with a choice of who speaks.
import { act, element } from "./api.js";
import { Composer } from "./composer.js";
import { drawMessage, summary } from "./message.js";

const SHOWN = 80;

export class Column {
  // person: whose eyes; group: null or {id, title, members}; people: everybody by id.
  constructor(person, group, bot, people) {
    Object.assign(this, { person, group, bot, people });
    this.key = group ? `g${group.id}` : `p${person.id}`;
    this.chatKey = group ? String(group.id) : `${bot.id}:${person.id}`;
    this.drawn = new Map();
    this.unread = 0;
    this.list = element("ol", { class: "messages", role: "log", "aria-label": `Messages of ${this.title}` });
    this.scroll = element("div", { class: "scroll", tabindex: "0", "aria-label": "Conversation" }, this.list);
    this.status = element("span", { class: "status" }, this.subtitle);
    this.toast = element("div", { class: "toast", role: "status", hidden: true });
    this.start = element("button", { type: "button", class: "start solid", hidden: true, onclick: () => this.say({ text: "/start" }) }, "Start");
    this.unblock = element("button", { type: "button", class: "start solid", hidden: true, onclick: () => this.block(false) }, "Unblock the bot");
    this.composer = new Composer(this);
    this.root = element("section", { class: "phone", "aria-label": this.title, id: `column-${this.key}` },
      this.header(), this.scroll, this.toast, this.start, this.unblock, this.composer.root);
    this.stuck = true;
    this.scroll.addEventListener("scroll", () => { this.stuck = this.scroll.scrollHeight - this.scroll.scrollTop - this.scroll.clientHeight < 60; }, { passive: true });
    // Pictures arrive late and keyboards come and go: who reads the end stays at the end.
    this.keeper = new ResizeObserver(() => { if (this.stuck) this.toEnd(); });
    this.keeper.observe(this.list);
    this.keeper.observe(this.scroll);
    this.list.addEventListener("click", (event) => this.tap(event));
  }

  get title() { return this.group ? this.group.title : this.person.first_name; }

  get subtitle() {
    if (this.group) return "";
    const tongue = this.person.language_code ? this.person.language_code.split("-")[0].toUpperCase() : "";
    return [this.person.label, tongue].filter(Boolean).join(" · ");
  }

  header() {
    const face = element("span", { class: "face", "aria-hidden": "true" }, this.title.slice(0, 1).toUpperCase());
    face.style.setProperty("--hue", String(hue(this.key)));
    const top = element("header", { class: "phone-top" }, face, element("div", { class: "who" }, element("h2", {}, this.title), this.status));
    if (this.group) {
      const chooser = element("select", { "aria-label": "Who speaks", onchange: () => { this.person = this.people.get(Number(chooser.value)); this.reload(); } },
        ...this.group.members.map((id) => element("option", { value: id, selected: id === this.person.id }, this.people.get(id)?.first_name ?? id)));
      this.status.replaceWith(element("label", { class: "as" }, element("span", {}, "Writing as"), chooser));
    } else {
      this.more = element("button", { type: "button", class: "icon", title: "Block the bot", "aria-label": "Block the bot", onclick: () => this.block(!this.blocked) }, "⊘");
      top.append(this.more);
    }
    return top;
  }

  where() { return { person: this.person.id, chat: this.group ? this.group.id : 0 }; }

  async try(action, asked) {
    try {
      return await act(action, { ...this.where(), ...asked });
    } catch (error) {
      this.say_aloud(error.message, false);
      return null;
    }
  }

  say(asked) { return this.try("say", asked); }

  async block(on) { await act(on ? "block" : "unblock", { person: this.person.id }); this.refresh(); }

  reload() { this.drawn.clear(); this.list.replaceChildren(); this.refresh(); }

  // Fetches what the person sees now and redraws what changed. Calls made meanwhile are one call after.
  async refresh() {
    if (this.loading) { this.again = true; return; }
    this.loading = true;
    try {
      this.draw(await act("look", { ...this.where(), limit: SHOWN }));
    } finally {
      this.loading = false;
      if (this.again) { this.again = false; this.refresh(); }
    }
  }

  draw(screen) {
    const present = new Set();
    let spoke = this.drawn.size === 0;
    for (const seen of screen.messages) {
      present.add(seen.message_id);
      const before = this.drawn.get(seen.message_id);
      if (before?.changed === seen.changed) continue;
      const item = drawMessage(seen, this.hands(), Boolean(this.group));
      if (before) before.item.replaceWith(item);
      else { this.list.append(item); if (seen.mine) spoke = true; }
      this.drawn.set(seen.message_id, { changed: seen.changed, item, seen });
    }
    for (const [id, one] of this.drawn) {
      if (!present.has(id)) { one.item.remove(); this.drawn.delete(id); }
    }
    this.blocked = screen.blocked;
    this.start.hidden = Boolean(this.group) || screen.messages.length > 0 || screen.blocked;
    this.unblock.hidden = !screen.blocked;
    if (this.more) {
      const label = screen.blocked ? "Unblock the bot" : "Block the bot";
      this.more.setAttribute("aria-label", label);
      this.more.title = label;
    }
    this.composer.show(screen, !this.start.hidden || screen.blocked);
    this.quiet();
    if (spoke) this.toEnd();
  }

  toEnd() { this.stuck = true; this.scroll.scrollTop = this.scroll.scrollHeight; }

  hands() {
    return {
      press: async (seen, button, node) => {
        node.classList.add("waiting");
        await this.try("press", { message_id: seen.message_id, data: button.callback_data, text: button.text, seconds: 10 });
        node.classList.remove("waiting");
      },
      reply: (seen) => this.composer.replyTo(seen),
      edit: (seen) => this.composer.edit(seen),
      react: (seen, emoji) => {
        const mine = (seen.reactions?.[this.person.id] ?? []).some((one) => one.emoji === emoji);
        return this.try("react", { message_id: seen.message_id, emoji: mine ? [] : [emoji] });
      },
      remove: (seen) => this.try("take_back", { message_id: seen.message_id }),
      command: (words) => this.say({ text: words }),
    };
  }

  // A tap on a message answers it; on touch screens it shows the tools first.
  tap(event) {
    const item = event.target.closest(".message");
    if (!item || event.target.closest("button, a, .spoiler")) return;
    if (getSelection()?.toString()) return;
    const seen = this.drawn.get(Number(item.dataset.id))?.seen;
    for (const other of this.list.querySelectorAll(".open")) if (other !== item) other.classList.remove("open");
    if (matchMedia("(hover: none)").matches) item.classList.toggle("open");
    else if (seen) this.composer.replyTo(seen);
  }

  busy() {
    this.status.textContent = `${this.bot.first_name} is typing…`;
    this.status.classList.add("typing");
    clearTimeout(this.busyTimer);
    this.busyTimer = setTimeout(() => this.quiet(), 5000);
  }

  quiet() { this.status.textContent = this.subtitle; this.status.classList.remove("typing"); }

  // A callback's answer: a toast, or an alert that waits for OK.
  say_aloud(text, alert) {
    if (!text) return;
    clearTimeout(this.toastTimer);
    this.toast.replaceChildren(element("span", {}, text));
    this.toast.classList.toggle("alert", alert);
    this.toast.hidden = false;
    if (alert) {
      const ok = element("button", { type: "button", class: "solid", onclick: () => { this.toast.hidden = true; } }, "OK");
      this.toast.append(ok);
      ok.focus();
    } else {
      this.toastTimer = setTimeout(() => { this.toast.hidden = true; }, 4500);
    }
  }

  last() { return [...this.drawn.values()].at(-1)?.seen; }

  preview() { const seen = this.last(); return seen ? summary(seen.message) : ""; }
}

export function hue(key) {
  let sum = 7;
  for (const letter of key) sum = (sum * 31 + letter.charCodeAt(0)) % 360;
  return sum;
}
