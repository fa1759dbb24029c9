// Draws one message.
import { element } from "./api.js";

const TAGS = {
  bold: "strong", italic: "em", underline: "u", strikethrough: "s", code: "code", pre: "pre",
  blockquote: "blockquote", expandable_blockquote: "blockquote",
};
const MARKED = new Set(["mention", "hashtag", "cashtag", "bot_command", "email", "phone_number", "text_mention", "custom_emoji"]);

// Text with entities; offsets count UTF-16 units, as JavaScript does. onCommand is called with a tapped command.
export function formatted(text, entities, onCommand) {
  const fragment = document.createDocumentFragment();
  fill(fragment, text, 0, text.length, [...(entities ?? [])].sort((a, b) => a.offset - b.offset || b.length - a.length), onCommand);
  return fragment;
}

function fill(parent, text, from, to, entities, onCommand) {
  let at = from;
  for (let index = 0; index < entities.length; index++) {
    const entity = entities[index];
    const end = Math.min(entity.offset + entity.length, to);
    if (entity.offset < at) continue;
    parent.append(text.slice(at, entity.offset));
    if (entity.type === "date_time") {
      const words = text.slice(entity.offset, end);
      parent.append(element("time", { datetime: new Date(entity.unix_time * 1000).toISOString(), title: words }, byYourClock(entity) || words));
      at = end;
      continue;
    }
    const inner = entities.slice(index + 1).filter((one) => one.offset >= entity.offset && one.offset + one.length <= end);
    const node = wrapper(entity, text.slice(entity.offset, end), onCommand);
    fill(node, text, entity.offset, end, inner, onCommand);
    parent.append(node);
    at = end;
  }
  parent.append(text.slice(at, to));
}

// A moment as Telegram shows it: by the clock of whoever reads. "" where the text itself is to be shown.
function byYourClock(entity) {
  const asked = entity.date_time_format;
  const day = asked.includes("D") ? "long" : "2-digit";
  const parts = {
    ...(asked.includes("w") && { weekday: "short" }),
    ...(/d/i.test(asked) && { day: "2-digit", month: day, year: "numeric" }),
    ...(/t/i.test(asked) && { hour: "2-digit", minute: "2-digit" }),
    ...(asked.includes("T") && { second: "2-digit" }),
  };
  return Object.keys(parts).length ? new Intl.DateTimeFormat(undefined, parts).format(entity.unix_time * 1000) : "";
}

function wrapper(entity, words, onCommand) {
  if (TAGS[entity.type]) return element(TAGS[entity.type]);
  if (entity.type === "bot_command" && onCommand) {
    return element("button", { type: "button", class: "command", onclick: (event) => { event.stopPropagation(); onCommand(words); } });
  }
  if (entity.type === "spoiler") return element("span", { class: "spoiler", tabindex: "0" });
  if (entity.type === "url" || entity.type === "text_link") {
    const url = entity.url ?? (words.includes("://") ? words : `https://${words}`);
    const safe = /^(https?|mailto|tg):/i.test(url);
    return safe ? element("a", { href: url, rel: "noreferrer noopener", target: "_blank" }) : element("span");
  }
  return element("span", { class: MARKED.has(entity.type) ? "marked" : null });
}

const ICONS = { document: "📄", audio: "🎵", video: "🎬", animation: "🎞", video_note: "⏺" };

function media(message) {
  const source = (file) => `/page/file/${encodeURIComponent(file.file_id)}`;
  if (message.photo) return element("img", { class: "photo", src: source(message.photo.at(-1)), alt: "Photo", loading: "lazy" });
  if (message.sticker) return element("img", { class: "sticker", src: source(message.sticker), alt: `Sticker ${message.sticker.emoji ?? ""}` });
  if (message.voice) {
    const bars = element("span", { class: "wave", "aria-hidden": "true" });
    for (let index = 0; index < 26; index++) {
      const bar = element("i");
      bar.style.height = `${22 + Math.abs(Math.sin(index * 1.7 + message.message_id)) * 70}%`;
      bars.append(bar);
    }
    return element("span", { class: "voice" }, element("span", { class: "play", "aria-hidden": "true" }, "▶"), bars,
      element("span", { class: "length" }, `0:${String(message.voice.duration).padStart(2, "0")}`), element("span", { class: "visually-hidden" }, "Voice message"));
  }
  if (message.venue || message.location) {
    const place = message.venue?.location ?? message.location;
    return element("span", { class: "place" }, element("span", { class: "map", "aria-hidden": "true" }, "📍"),
      element("span", {}, element("b", {}, message.venue?.title ?? (message.location.live_period ? "Live location" : "Location")),
        element("small", {}, message.venue?.address ?? `${place.latitude.toFixed(4)}, ${place.longitude.toFixed(4)}`)));
  }
  if (message.contact) {
    return element("span", { class: "place" }, element("span", { class: "map", "aria-hidden": "true" }, "👤"),
      element("span", {}, element("b", {}, `${message.contact.first_name} ${message.contact.last_name ?? ""}`.trim()), element("small", {}, message.contact.phone_number)));
  }
  if (message.dice) return element("span", { class: "huge" }, `${message.dice.emoji} ${message.dice.value}`);
  if (message.poll) {
    return element("span", { class: "poll" }, element("b", {}, message.poll.question),
      ...message.poll.options.map((option) => element("span", {}, `${option.text} · ${option.voter_count}`)));
  }
  for (const kind of ["animation", "video", "video_note", "audio", "document"]) {
    if (message[kind]) return element("span", { class: "place" }, element("span", { class: "map", "aria-hidden": "true" }, ICONS[kind]),
      element("span", {}, element("b", {}, message[kind].file_name ?? message[kind].title ?? kind.replace("_", " ")), element("small", {}, `${Math.max(1, Math.round((message[kind].file_size ?? 0) / 1024))} KB`)));
  }
  return null;
}

export function serviceText(message) {
  const who = message.from.first_name;
  if (message.new_chat_members) return `${message.new_chat_members.map((one) => one.first_name).join(", ")} joined`;
  if (message.left_chat_member) return `${message.left_chat_member.first_name} left`;
  if (message.new_chat_title) return `${who} renamed the group to “${message.new_chat_title}”`;
  if (message.pinned_message) return `${who} pinned a message`;
  if (message.forum_topic_created) return `Topic “${message.forum_topic_created.name}” opened`;
  if (message.forum_topic_edited) return `Topic renamed to “${message.forum_topic_edited.name ?? ""}”`;
  if (message.forum_topic_closed) return "Topic closed";
  if (message.forum_topic_reopened) return "Topic opened again";
  if (message.migrate_to_chat_id || message.migrate_from_chat_id) return "The group became a supergroup";
  return null;
}

export function summary(message) {
  const words = message.text ?? message.caption;
  if (words) return words;
  for (const kind of ["photo", "video", "animation", "voice", "video_note", "audio", "document", "sticker", "location", "contact", "poll", "dice"]) {
    if (message[kind]) return kind.replace("_", " ");
  }
  return serviceText(message) ?? "Message";
}

function time(seconds) {
  return new Date(seconds * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
}

// seen: what `look` gives. hands: {press, reply, react, edit, remove, command}. named: show who wrote it.
export function drawMessage(seen, hands, named) {
  const message = seen.message;
  const service = serviceText(message);
  if (service) return element("li", { class: "service", "data-id": seen.message_id }, service);
  const bubble = element("div", { class: "bubble" });
  if (named && !seen.mine) bubble.append(element("span", { class: "author", style: null }, message.from.first_name));
  if (message.forward_origin) bubble.append(element("span", { class: "forwarded" }, `Forwarded from ${message.forward_origin.sender_user?.first_name ?? "somebody"}`));
  if (message.reply_to_message && !message.reply_to_message.forum_topic_created) {
    const replied = message.reply_to_message;
    bubble.append(element("span", { class: "quoted" }, element("b", {}, replied.from.first_name), element("span", {}, message.quote?.text ?? summary(replied))));
  }
  const picture = media(message);
  if (picture) bubble.append(picture);
  const words = message.text ?? message.caption;
  if (words) bubble.append(element("span", { class: "words", dir: "auto" }, formatted(words, message.entities ?? message.caption_entities, hands.command)));
  bubble.append(element("span", { class: "meta" }, `${seen.edited ? "edited " : ""}${time(message.date)}`));
  const item = element("li", { class: `message ${seen.mine ? "mine" : "theirs"}`, "data-id": seen.message_id, tabindex: "0" }, bubble);
  bubble.append(tools(seen, hands));
  const reactions = Object.values(seen.reactions ?? {}).flat();
  if (reactions.length) bubble.append(element("span", { class: "reactions" }, ...reactions.map((one) => element("span", {}, one.emoji ?? "★"))));
  const rows = message.reply_markup?.inline_keyboard ?? [];
  if (rows.length) item.append(element("div", { class: "inline", role: "group", "aria-label": "Buttons" }, ...rows.map((row) => element("div", { class: "row" }, ...row.map((button) => inlineButton(seen, button, hands))))));
  return item;
}

function inlineButton(seen, button, hands) {
  if (button.url) return element("a", { class: "key", href: /^https?:/i.test(button.url) ? button.url : null, target: "_blank", rel: "noreferrer noopener" }, `${button.text} ↗`);
  return element("button", { type: "button", class: `key ${button.style ?? ""}`, disabled: Boolean(button.disabled) || !button.callback_data, onclick: (event) => hands.press(seen, button, event.currentTarget) }, button.text);
}

function tools(seen, hands) {
  const tool = (label, icon, hand) => element("button", { type: "button", title: label, "aria-label": label, onclick: (event) => { event.stopPropagation(); hand(seen); } }, icon);
  const bar = element("span", { class: "tools" }, tool("Reply", "↩", hands.reply), tool("React 👍", "👍", (one) => hands.react(one, "👍")), tool("React ❤", "❤️", (one) => hands.react(one, "❤")));
  if (seen.mine && (seen.message.text || seen.message.caption)) bar.append(tool("Edit", "✎", hands.edit));
  if (seen.mine) bar.append(tool("Delete", "🗑", hands.remove));
  return bar;
}
