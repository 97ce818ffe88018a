// A field with a list below it, for the palette and for canned replies: typed to narrow, arrows to choose, Enter to do.
"use strict";

// choices(text) gives the list, or a promise of it: {label, hint, group, key, run}. Newer answers win over late ones.
const picker = (id, choices) => {
  const dialog = document.getElementById(id);
  const field = dialog.querySelector("[role=combobox]");
  const list = dialog.querySelector("[role=listbox]");
  const none = dialog.querySelector(".none");
  let shown = [];
  let at = 0;
  let asked = 0;

  const choose = (position) => {
    at = Math.max(0, Math.min(position, shown.length - 1));
    for (const [index, option] of [...list.querySelectorAll("[role=option]")].entries()) {
      option.setAttribute("aria-selected", String(index === at));
      if (index !== at) continue;
      field.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    }
    if (!shown.length) field.removeAttribute("aria-activedescendant");
  };
  const element = (name, className, text) => {
    const made = document.createElement(name);
    made.className = className;
    made.textContent = text;
    return made;
  };
  const option = (choice, index) => {
    const made = element("li", "option", "");
    made.id = `${id}-${index}`;
    made.setAttribute("role", "option");
    if (choice.lead) made.append(element("span", "number", choice.lead));
    made.append(element("span", "name", choice.label));
    if (choice.hint) made.append(element("span", "hint", choice.hint));
    for (const key of (choice.key || "").split(" ").filter(Boolean)) made.append(element("kbd", "", key));
    made.addEventListener("pointermove", () => { if (at !== index) choose(index); });
    made.addEventListener("click", () => run(index));
    return made;
  };
  const run = (index) => {
    const chosen = shown[index];
    if (!chosen) return;
    dialog.close();
    chosen.run();
  };
  const show = (found) => {
    shown = found;
    let group = "";
    const rows = [];
    found.forEach((choice, index) => {
      if (choice.group && choice.group !== group) {
        const heading = element("li", "group", choice.group);
        heading.setAttribute("role", "presentation");
        rows.push(heading);
      }
      group = choice.group;
      rows.push(option(choice, index));
    });
    list.replaceChildren(...rows);
    none.hidden = found.length > 0;
    choose(0);
  };
  const ask = async () => {
    const mine = ++asked;
    for await (const found of choices(field.value.trim())) if (mine === asked) show(found);
  };
  field.addEventListener("input", ask);
  field.addEventListener("keydown", (event) => {
    const move = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
    if (move) { event.preventDefault(); choose(at + move); }
    if (event.key === "Enter" && !event.isComposing) { event.preventDefault(); run(at); }
  });
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  return (text = "") => {
    if (document.querySelector("dialog[open]")) return;
    field.value = text;
    dialog.showModal();
    field.focus();
    ask();
  };
};
const fits = (text, wanted) => wanted.toLowerCase().split(/\s+/).every((word) => text.toLowerCase().includes(word));
