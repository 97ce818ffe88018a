// The command palette (Ctrl+K), and canned replies ("/" where a reply begins).
"use strict";

(() => {
  const source = document.getElementById("commands");
  const write = (kind) => document.dispatchEvent(new CustomEvent("desk:write", { detail: kind }));
  const menu = (name, value) => document.querySelector(`#menu button[name="${name}"][value="${value}"]`);

  // A command is there when its button is: the page knows what may be done now.
  const command = (span) => {
    const { id, url, press, value, opens, group, key } = span.dataset;
    const button = id && document.getElementById(id);
    const writes = { "write-reply": "reply", "write-note": "note" }[id];
    const choice = { label: span.textContent.trim(), group, key };
    if (writes) return document.getElementById("composer") && { ...choice, run: () => write(writes) };
    if (url) return { ...choice, run: () => location.assign(url) };
    if (press) return { ...choice, run: () => menu(press, value).click() };
    if (opens) return { ...choice, run: () => document.getElementById(opens).showModal() };
    return button && button.checkVisibility() && { ...choice, run: () => document.getElementById(id)?.click() };
  };
  const commands = () => [...source.content.querySelectorAll("span")].map(command).filter(Boolean);

  const tickets = async (text) => {
    const answer = await fetch(`${source.dataset.tickets}?${new URLSearchParams({ q: text })}`);
    if (!answer.ok) return [];
    return (await answer.json()).map(({ number, subject, state, url }) => ({
      lead: number, label: subject, hint: state, group: source.dataset.groupTickets, run: () => location.assign(url),
    }));
  };
  const open = picker("palette", async function* (text) {
    const found = commands().filter((choice) => fits(`${choice.label} ${choice.group}`, text));
    if (!text) { yield found; return; }
    yield found;
    await new Promise((resolve) => setTimeout(resolve, 120));
    // Whoever types a number wants that ticket; else what can be done comes first.
    const hits = await tickets(text);
    yield /^(fl-?)?\d+$/i.test(text) ? [...hits, ...found] : [...found, ...hits];
  });
  document.getElementById("open-palette").addEventListener("click", () => open());
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    event.preventDefault();
    open();
  });

  const insert = (text) => {
    const field = document.getElementById("text");
    field.focus();
    const start = field.value.startsWith("/") && field.selectionStart <= 1 ? 0 : field.selectionStart;
    field.setRangeText(text, start, field.selectionEnd, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };
  let replies = Promise.resolve([]);
  const openReplies = picker("replies", async function* (text) {
    const found = (await replies).filter((one) => fits(`/${one.shortcut} ${one.title} ${one.text}`, text));
    yield found.map((one) => ({ lead: `/${one.shortcut}`, label: one.title, hint: one.text, run: () => insert(one.text) }));
  });
  const offer = () => {
    const button = document.getElementById("insert-canned");
    replies = fetch(button.dataset.address).then((answer) => (answer.ok ? answer.json() : []), () => []);
    openReplies();
  };
  document.addEventListener("click", (event) => { if (event.target.closest("#insert-canned")) offer(); });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.isComposing || event.target.id !== "text" || event.target.value) return;
    event.preventDefault();
    offer();
  });
  for (const id of ["palette", "replies"]) {
    document.getElementById(id).addEventListener("close", () => {
      if (id === "replies" && document.activeElement === document.body) document.getElementById("text")?.focus();
    });
  }
})();
