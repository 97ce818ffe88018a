// Keys for people who work here all day. Single letters count only while nobody is typing, and can be switched off.
"use strict";

(() => {
  const rows = () => [...document.querySelectorAll("#lists .list:not(.folded) .row, [data-row]")];
  const step = (by) => {
    const all = rows();
    const here = all.findIndex((row) => row === document.activeElement);
    const start = here >= 0 ? here : all.findIndex((row) => row.ariaCurrent === "page");
    const next = all[start < 0 ? 0 : Math.min(Math.max(start + by, 0), all.length - 1)];
    next?.focus();
    next?.scrollIntoView({ block: "nearest" });
  };
  const write = (kind) => {
    const form = document.getElementById("composer");
    if (!form) return;
    const radio = form.querySelector(`[value="${kind}"]`);
    if (!radio.checked) {
      radio.checked = true;
      radio.dispatchEvent(new Event("input", { bubbles: true }));
    }
    form.elements.text.focus();
  };
  document.addEventListener("desk:write", (event) => write(event.detail));

  // "g" and then a letter goes somewhere; after a moment the "g" is forgotten.
  const FORGOTTEN_AFTER = 1_500;
  let going = 0;
  const places = { i: "go-inbox", t: "go-tickets", n: "go-new" };
  const go = (letter) => {
    const place = document.getElementById("commands").content.querySelector(`[data-id="${places[letter]}"]`);
    if (place) location.assign(place.dataset.url);
  };

  const actions = {
    g: () => { going = Date.now(); },
    j: () => step(1),
    k: () => step(-1),
    t: () => document.getElementById("do-take")?.click(),
    r: () => write("reply"),
    n: () => write("note"),
    e: () => document.getElementById("do-close")?.click(),
    "?": () => document.getElementById("keys").showModal(),
  };

  const single = document.getElementById("single-keys");
  single.checked = localStorage.getItem("single-keys") !== "off";
  single.addEventListener("change", () => localStorage.setItem("single-keys", single.checked ? "on" : "off"));

  document.addEventListener("keydown", (event) => {
    const typing = event.target.matches("input:not([type=radio]):not([type=checkbox]), textarea, select");
    if (event.key === "Escape" && typing && !event.target.closest("dialog")) event.target.blur();
    if (typing || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (document.querySelector("dialog[open]") || !single.checked) return;
    if (Date.now() - going < FORGOTTEN_AFTER && places[event.key]) {
      event.preventDefault();
      going = 0;
      go(event.key);
      return;
    }
    const action = actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });
})();
