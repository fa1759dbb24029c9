// Puts the columns side by side and keeps them alive.
import { act, element, follow } from "./api.js";
import { Column, hue } from "./column.js";

const MOST_AT_FIRST = 6;
const columns = new Map();
const people = new Map();
const byId = (id) => document.getElementById(id);
const narrow = matchMedia("(max-width: 720px)");
let world = { bot: null, people: [], groups: [] };
let current = null;

function remembered() {
  try { return JSON.parse(localStorage.getItem("columns")); } catch { return null; }
}

function remember() {
  try { localStorage.setItem("columns", JSON.stringify([...columns.keys()])); } catch { /* a private window keeps nothing */ }
}

// Those with a role first; a crowd without roles stays in the list until somebody is picked.
function wanted() {
  const all = [...world.people.map((one) => `p${one.id}`), ...world.groups.map((one) => `g${one.id}`)];
  const kept = remembered()?.filter((key) => all.includes(key));
  if (kept?.length) return kept;
  const named = world.people.filter((one) => one.label);
  const shown = (named.length ? named : world.people).slice(0, MOST_AT_FIRST).map((one) => `p${one.id}`);
  return [...shown, ...world.groups.slice(0, 3).map((one) => `g${one.id}`)];
}

function open(key) {
  if (columns.has(key)) return columns.get(key);
  const id = Number(key.slice(1));
  const group = key.startsWith("g") ? world.groups.find((one) => one.id === id) : null;
  const person = group ? people.get(group.members[0]) : people.get(id);
  if (!person) return null;
  const column = new Column(person, group, world.bot, people);
  columns.set(key, column);
  byId("columns").append(column.root);
  column.refresh();
  return column;
}

function close(key) { columns.get(key)?.root.remove(); columns.delete(key); }

function tabs() {
  if (!columns.has(current)) current = columns.keys().next().value ?? null;
  byId("tabs").replaceChildren(...[...columns.values()].map((column) => {
    const face = element("span", { class: "face small", "aria-hidden": "true" }, column.title.slice(0, 1).toUpperCase());
    face.style.setProperty("--hue", String(hue(column.key)));
    return element("button", { type: "button", role: "tab", "aria-selected": String(column.key === current), "aria-controls": `column-${column.key}`,
      onclick: () => { current = column.key; column.unread = 0; tabs(); column.refresh(); } },
      face, column.title, column.unread ? element("span", { class: "badge" }, String(column.unread)) : null);
  }));
  for (const column of columns.values()) column.root.classList.toggle("current", column.key === current);
  byId("empty").hidden = columns.size > 0;
}

async function load() {
  world = await act("overview");
  for (const one of world.people) people.set(one.id, one);
  byId("bot-name").textContent = world.bot.first_name;
  const first = columns.size === 0;
  for (const key of first ? wanted() : fresh()) open(key);
  tabs();
  if (byId("people-dialog").open) listPeople();
}

// Somebody with a role who has just been added appears by themselves.
const known = new Set();
function fresh() {
  const keys = [...world.people.filter((one) => one.label).map((one) => `p${one.id}`), ...world.groups.map((one) => `g${one.id}`)];
  return keys.filter((key) => !known.has(key) && !columns.has(key) && columns.size < MOST_AT_FIRST + 3);
}

function remark() {
  for (const one of world.people) known.add(`p${one.id}`);
  for (const one of world.groups) known.add(`g${one.id}`);
}

function changed(changes) {
  const touched = new Set();
  let reload = false;
  for (const change of changes) {
    if (change.kind === "people") reload = true;
    else if (change.kind === "commands") for (const column of columns.values()) touched.add(column);
    for (const column of columns.values()) {
      if (column.chatKey !== change.chat) continue;
      if (change.kind === "answer") { if (change.detail.person === column.person.id) column.say_aloud(change.detail.text, change.detail.alert); }
      else if (change.kind === "action") column.busy();
      else {
        touched.add(column);
        if (change.kind === "message" && narrow.matches && column.key !== current) column.unread += 1;
      }
    }
  }
  for (const column of touched) column.refresh();
  if (narrow.matches) tabs();
  if (reload) load().then(remark);
}

function listPeople() {
  const filter = byId("people-search").value.trim().toLowerCase();
  const entries = [
    ...world.people.map((one) => [`p${one.id}`, one.first_name, [one.label, one.language_code].filter(Boolean).join(" · ")]),
    ...world.groups.map((one) => [`g${one.id}`, one.title, "group"]),
  ].filter(([, name, about]) => `${name} ${about}`.toLowerCase().includes(filter));
  byId("people-list").replaceChildren(...entries.slice(0, 200).map(([key, name, about]) => element("li", {},
    element("label", {}, element("input", { type: "checkbox", checked: columns.has(key), onchange: (event) => { if (event.target.checked) open(key); else close(key); remember(); tabs(); } }),
      element("b", {}, name), element("span", {}, about)))));
}

function showPeople() { listPeople(); byId("people-dialog").showModal(); }

byId("people").addEventListener("click", showPeople);
byId("first").addEventListener("click", showPeople);
byId("people-close").addEventListener("click", () => byId("people-dialog").close());
byId("people-search").addEventListener("input", listPeople);
byId("people-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const made = await act("create_person", Object.fromEntries(new FormData(event.target)));
  await load();
  open(`p${made.id}`);
  current = `p${made.id}`;
  remark();
  remember();
  tabs();
  event.target.reset();
  byId("people-dialog").close();
  columns.get(current)?.root.scrollIntoView({ behavior: "smooth", inline: "center" });
});

await load();
remark();
// Whatever happened before the feed was there, or while it was away, is fetched when it comes.
function catchUp() {
  load().then(remark);
  for (const column of columns.values()) column.refresh();
}
follow(changed, (here) => {
  byId("offline").hidden = here;
  if (here) catchUp();
}, catchUp);
