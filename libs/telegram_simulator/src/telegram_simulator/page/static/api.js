// Talks to the server: control actions, and the feed of changes.

export async function act(action, asked = {}) {
  const response = await fetch(`/control/${action}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(asked),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error ?? "The simulator refused.");
  return answer;
}

// Calls onChanges with lists of {kind, chat, detail}; onState(true | false) as the connection comes and goes.
export function follow(onChanges, onState, onLost) {
  const source = new EventSource("/page/live");
  source.onopen = () => onState(true);
  source.onerror = () => onState(false);
  source.onmessage = (event) => onChanges(JSON.parse(event.data));
  source.addEventListener("lost", onLost);
}

// element("button", {class: "quiet", onclick: f}, "text" | node, ...): text is always text, never markup.
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}
