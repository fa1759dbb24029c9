// Where a person writes: text, attachments, the command menu, the reply keyboard.
import { element } from "./api.js";
import { summary } from "./message.js";

const ATTACHMENTS = [
  ["Photo", "🖼", { kind: "photo" }],
  ["Voice", "🎙", { kind: "voice" }],
  ["Location", "📍", { kind: "location", content: { latitude: 41.7167, longitude: 44.7833 } }],
  ["Document", "📄", { kind: "document" }],
  ["Album", "🗂", "album"],
  ["Contact", "👤", "contact"],
];

export class Composer {
  constructor(column) {
    this.column = column;
    this.commands = [];
    this.target = null;
    this.field = element("textarea", { rows: "1", placeholder: "Message", "aria-label": `Message as ${column.title}`, autocomplete: "off",
      onkeydown: (event) => this.key(event), oninput: () => this.typed() });
    this.about = element("div", { class: "about", hidden: true });
    this.menu = element("div", { class: "menu", hidden: true });
    this.keys = element("div", { class: "keys", role: "group", "aria-label": "Keyboard of the bot", hidden: true });
    this.attach = element("button", { type: "button", class: "icon", "aria-label": "Attach", title: "Attach", "aria-expanded": "false", onclick: () => this.toggle("attach") }, "+");
    this.slash = element("button", { type: "button", class: "icon slash", "aria-label": "Commands", title: "Commands", "aria-expanded": "false", onclick: () => this.toggle("commands") }, "/");
    this.send = element("button", { class: "send", "aria-label": "Send", title: "Send" }, "➤");
    const form = element("form", { class: "composer", onsubmit: (event) => { event.preventDefault(); this.submit(); } }, this.attach, this.slash, this.field, this.send);
    this.root = element("div", { class: "below" }, this.menu, this.about, form, this.keys);
    document.addEventListener("pointerdown", (event) => { if (!this.root.contains(event.target)) this.close(); });
    this.root.addEventListener("keydown", (event) => { if (event.key === "Escape") { this.close(); this.forget(); } });
  }

  show(screen, away) {
    this.root.hidden = away;
    this.commands = screen.commands;
    this.slash.hidden = screen.commands.length === 0;
    const drawn = JSON.stringify(screen.keyboard);
    if (drawn === this.drawnKeys) return;
    this.drawnKeys = drawn;
    const rows = screen.keyboard?.keyboard ?? [];
    this.keys.hidden = rows.length === 0;
    this.keys.replaceChildren(...rows.map((row) => element("div", { class: "row" }, ...row.map((key) => element("button", { type: "button", class: "key", onclick: () => this.press(key) }, key.text)))));
    this.field.placeholder = screen.keyboard?.input_field_placeholder || "Message";
  }

  press(key) {
    if (key.request_contact) this.contact();
    else if (key.request_location) this.column.say(ATTACHMENTS[2][2]);
    else this.column.say({ text: key.text });
    this.forget();
  }

  contact() {
    const { person } = this.column;
    return this.column.say({ kind: "contact", content: { phone_number: person.phone || "+10000000000", first_name: person.first_name, user_id: person.id } });
  }

  key(event) {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); this.submit(); }
    if (event.key === "ArrowUp" && !this.field.value) this.editLast();
  }

  editLast() {
    const mine = [...this.column.drawn.values()].map((one) => one.seen).filter((seen) => seen.mine && seen.message.text);
    if (mine.length) this.edit(mine.at(-1));
  }

  typed() {
    this.grow();
    const text = this.field.value;
    if (text.startsWith("/") && !text.includes(" ")) this.open("commands", text.slice(1));
    else this.close();
  }

  grow() {
    this.field.style.height = "auto";
    this.field.style.height = `${Math.min(this.field.scrollHeight, 132)}px`;
  }

  async submit() {
    const text = this.field.value.trim();
    if (!text) return;
    const target = this.target;
    const asked = { text };
    this.field.value = "";
    this.grow();
    this.close();
    this.forget();
    let done;
    if (target?.edit) done = await this.column.try("rewrite", { message_id: target.seen.message_id, text });
    else done = await this.column.say(target ? { ...asked, reply_to: target.seen.message_id } : asked);
    if (done === null && !this.field.value) { this.field.value = text; this.grow(); }
  }

  replyTo(seen) { this.aim({ seen, edit: false }, "Reply to"); }

  edit(seen) { this.aim({ seen, edit: true }, "Edit"); this.field.value = seen.text; this.grow(); }

  aim(target, verb) {
    this.target = target;
    this.about.replaceChildren(element("span", {}, element("b", {}, `${verb} `), summary(target.seen.message).slice(0, 90)),
      element("button", { type: "button", class: "icon", "aria-label": "Never mind", onclick: () => this.forget() }, "✕"));
    this.about.hidden = false;
    this.field.focus();
  }

  forget() { if (this.target?.edit) this.field.value = ""; this.target = null; this.about.hidden = true; this.grow(); }

  toggle(which) { if (!this.menu.hidden && this.opened === which) this.close(); else this.open(which, ""); }

  open(which, filter) {
    this.opened = which;
    const items = which === "attach" ? ATTACHMENTS.map(([name, icon, what]) => this.item(icon, name, "", () => this.give(what)))
      : this.commands.filter((one) => one.command.startsWith(filter)).map((one) => this.item("", `/${one.command}`, one.description, () => this.column.say({ text: `/${one.command}` })));
    this.menu.replaceChildren(...items);
    this.menu.hidden = items.length === 0;
    this.attach.setAttribute("aria-expanded", String(which === "attach"));
    this.slash.setAttribute("aria-expanded", String(which === "commands" && items.length > 0));
  }

  item(icon, name, about, chosen) {
    return element("button", { type: "button", onclick: () => { this.close(); this.field.value = ""; this.grow(); chosen(); this.field.focus(); } },
      icon ? element("span", { "aria-hidden": "true", class: "glyph" }, icon) : null, element("b", {}, name), about ? element("span", {}, about) : null);
  }

  close() {
    this.menu.hidden = true;
    this.attach.setAttribute("aria-expanded", "false");
    this.slash.setAttribute("aria-expanded", "false");
  }

  give(what) {
    const reply = this.target && !this.target.edit ? { reply_to: this.target.seen.message_id } : {};
    const text = this.field.value.trim();
    this.forget();
    if (what === "album") return this.column.try("say_album", { kinds: ["photo", "photo"], text, ...reply });
    if (what === "contact") return this.contact();
    return this.column.say({ ...what, ...reply, text: what.kind === "location" ? "" : text });
  }
}
