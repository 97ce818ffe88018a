// The lists, the transcript and the case: which row is open, what is folded, how long ago, where the scroll stands.
"use strict";

(() => {
  const lists = document.getElementById("lists");
  const stage = document.getElementById("stage");
  const remembered = (key) => (localStorage.getItem(key) || "").split(" ").filter(Boolean);

  // Lists.
  const folded = new Set(remembered("folded"));
  const fold = () => {
    for (const button of lists?.querySelectorAll("[data-fold]") ?? []) {
      const closed = folded.has(button.dataset.fold);
      button.setAttribute("aria-expanded", String(!closed));
      button.closest(".list").classList.toggle("folded", closed);
    }
  };
  const opened = () => document.getElementById("conversation")?.dataset.conversation;
  const current = () => {
    for (const row of lists?.querySelectorAll(".row") ?? []) {
      if (row.dataset.conversation === opened()) row.setAttribute("aria-current", "page");
      else row.removeAttribute("aria-current");
    }
  };
  lists?.addEventListener("click", (event) => {
    const button = event.target.closest("[data-fold]");
    if (!button) return;
    if (!folded.delete(button.dataset.fold)) folded.add(button.dataset.fold);
    localStorage.setItem("folded", [...folded].join(" "));
    fold();
  });

  // The transcript stays at its end, unless the reader has scrolled up.
  let follows = true;
  let anchor = null;
  const scroller = () => document.getElementById("scroll");
  const toEnd = () => { const box = scroller(); if (box) box.scrollTop = box.scrollHeight; };
  const watch = () => {
    const box = scroller();
    if (!box) return;
    const newer = document.getElementById("newer");
    follows = true;
    toEnd();
    box.addEventListener("scroll", () => {
      follows = box.scrollHeight - box.scrollTop - box.clientHeight < 60;
      if (!anchor) box.classList.toggle("reading", !follows);
      if (follows) newer.hidden = true;
    }, { passive: true });
    newer.addEventListener("click", () => { newer.hidden = true; follows = true; toEnd(); });
    new ResizeObserver(() => { if (follows) toEnd(); }).observe(box);
    new MutationObserver((changes) => {
      if (follows) toEnd();
      else if (changes.some((change) => change.addedNodes.length && change.target.id === "messages")) newer.hidden = false;
    }).observe(box, { childList: true, subtree: true });
  };

  // Earlier messages come above what is read: that stays where it is. The browser's own way of keeping it would add to
  // ours, and has none at the very top, where one stands then.
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target.id !== "older") return;
    scroller().classList.remove("reading");
    const message = scroller().querySelector(".message");
    anchor = { message, top: message.getBoundingClientRect().top };
  });
  document.body.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id !== "older") return;
    const box = scroller();
    const stay = () => { box.scrollTop += anchor.message.getBoundingClientRect().top - anchor.top; };
    follows = false;
    stay();
    box.focus({ preventScroll: true });
    // What comes into sight gets its real height only when it is drawn.
    const settle = (frames) => requestAnimationFrame(() => {
      // Another piece may have come meanwhile, whose own frames keep the place.
      if (!anchor) return;
      stay();
      if (frames) settle(frames - 1);
      else { anchor = null; box.classList.add("reading"); }
    });
    settle(5);
  });

  // Who looks at a conversation is told to colleagues; a page in the background does not look.
  document.body.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.elt.id === "refresher" && document.hidden) event.detail.parameters.hidden = "1";
  });
  const leave = (composer) => { if (composer) navigator.sendBeacon(composer.dataset.left, new URLSearchParams()); };
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target === stage && event.detail.shouldSwap) leave(document.getElementById("composer"));
  });
  addEventListener("pagehide", () => leave(document.getElementById("composer")));

  // What the ticket's form did not get is taken back in it: it shows what is true.
  document.body.addEventListener("htmx:afterRequest", (event) => {
    const { elt, successful, xhr } = event.detail;
    if (elt.id === "ticket-form" && (!successful || xhr.getResponseHeader("HX-Retarget"))) elt.reset();
  });
  stage.addEventListener("click", (event) => {
    const button = event.target.closest("[data-split]");
    const ticket = document.querySelector("#part-panel [data-split-address]");
    if (!button || !ticket) return;
    const values = { conversation: document.getElementById("conversation").dataset.conversation, seq: button.dataset.split };
    htmx.ajax("GET", `${ticket.dataset.splitAddress}?${new URLSearchParams(values)}`, "#dialog-body");
  });

  // The case: what is unfolded stays unfolded when the panel is renewed; on small screens it is a view of its own.
  const unfolded = new Map();
  document.addEventListener("toggle", (event) => {
    if (event.target.matches?.("#case details[id]")) unfolded.set(event.target.id, event.target.open);
  }, true);
  const unfold = () => {
    for (const details of document.querySelectorAll("#case details[id]")) {
      if (unfolded.has(details.id)) details.open = unfolded.get(details.id);
    }
  };
  const showCase = (shown) => {
    stage.classList.toggle("case-shown", shown);
    const toggle = document.getElementById("case-toggle");
    toggle?.setAttribute("aria-expanded", String(shown));
    (shown ? document.querySelector("[data-case-close]") : toggle)?.focus();
  };
  stage.addEventListener("click", (event) => {
    if (event.target.closest("#case-toggle")) showCase(!stage.classList.contains("case-shown"));
    if (event.target.closest("[data-case-close]")) showCase(false);
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || document.querySelector("dialog[open], [popover]:popover-open")) return;
    if (stage.classList.contains("case-shown")) showCase(false);
  });

  // A button that is gone after it was pressed leaves the focus nowhere: whoever took over goes on to the reply,
  // whoever gave the conversation away stays in its head.
  let inHead = false;
  document.addEventListener("focusin", (event) => { inHead = Boolean(event.target.closest("#part-head")); });
  document.addEventListener("pointerdown", (event) => { inHead &&= Boolean(event.target.closest("#part-head, dialog")); });
  const refocus = () => {
    if (!inHead || document.activeElement !== document.body) return;
    const mine = document.getElementById("do-release");
    (mine ? document.getElementById("text") : document.querySelector("#part-head h1"))?.focus();
  };

  const refresh = () => { fold(); current(); unfold(); };
  document.body.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target === stage) {
      unfolded.clear();
      stage.classList.remove("case-shown");
      watch();
      document.dispatchEvent(new Event("desk:opened"));
    }
    refresh();
  });
  document.body.addEventListener("htmx:oobAfterSwap", () => { refresh(); refocus(); });
  document.body.addEventListener("htmx:afterSwap", (event) => {
    if (!lists || event.detail.target !== lists) return;
    const said = document.title.replace(/^\(\d+\) /, "").split(" · ").slice(0, -1).join();
    const counts = document.getElementById("counts");
    if (counts && counts.textContent !== said) counts.textContent = said;
  });

  watch();
  refresh();
})();
