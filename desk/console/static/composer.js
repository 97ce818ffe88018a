// The field for replies and notes. What is typed is kept in this tab until it has been sent.
"use strict";

(() => {
  const TYPING_EVERY = 3_000;
  let told = 0;
  let sending = "";

  const composer = () => document.getElementById("composer");
  const key = () => `draft:${document.getElementById("conversation").dataset.conversation}`;
  const kind = (form) => form.elements.kind.value;

  const grow = (field) => {
    field.style.height = "auto";
    field.style.height = `${Math.min(field.scrollHeight + 2, innerHeight * 0.4)}px`;
  };
  const dress = (form) => {
    const words = form.elements.text.dataset[kind(form)];
    form.dataset.kind = kind(form);
    form.elements.text.placeholder = words;
    form.elements.text.setAttribute("aria-label", words);
  };
  const keep = (form) => {
    const text = form.elements.text.value;
    if (text) sessionStorage.setItem(key(), JSON.stringify({ kind: kind(form), text }));
    else sessionStorage.removeItem(key());
  };
  // Where no reply is possible, an empty field is one for a note. Never the other way round without being asked:
  // a note must not become a reply under somebody's hands.
  const suit = (form) => {
    if (form.elements.text.value || !form.querySelector("[data-note-only]")) return;
    form.elements.kind.value = "note";
    dress(form);
  };
  const restore = () => {
    const form = composer();
    if (!form) return;
    const draft = JSON.parse(sessionStorage.getItem(key()) || "null");
    if (draft) {
      form.elements.kind.value = draft.kind;
      form.elements.text.value = draft.text;
    }
    suit(form);
    dress(form);
    grow(form.elements.text);
  };

  const tell = (form) => {
    if (!form.elements.text.value || Date.now() - told < TYPING_EVERY) return;
    told = Date.now();
    // Whether it arrives does not matter: the next keystroke tells again.
    fetch(form.dataset.typing, { method: "POST", body: new URLSearchParams({ kind: kind(form) }) }).catch(() => {});
  };

  document.addEventListener("input", (event) => {
    const form = composer();
    if (!form?.contains(event.target)) return;
    if (event.target.name === "kind") { dress(form); form.elements.text.focus(); }
    if (event.target.name === "text") { grow(event.target); tell(form); }
    keep(form);
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || !event.target.matches("textarea, dialog input")) return;
    event.preventDefault();
    event.target.form?.requestSubmit();
  });

  document.body.addEventListener("htmx:beforeRequest", (event) => {
    if (event.target.id === "composer") sending = event.target.elements.text.value;
  });
  document.body.addEventListener("desk:sent", (event) => {
    const form = event.target.closest("form");
    if (form?.id !== "composer") return;
    form.elements.keep_open.checked = false;
    const field = form.elements.text;
    // What was typed while it was being sent stays.
    field.value = field.value.startsWith(sending) ? field.value.slice(sending.length) : field.value;
    told = 0;
    keep(form);
    grow(field);
  });

  document.body.addEventListener("htmx:oobAfterSwap", (event) => {
    if (event.detail.target.id === "part-hint" && composer()) suit(composer());
  });
  document.addEventListener("desk:opened", restore);
  restore();
})();
