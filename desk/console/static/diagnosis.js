// A step that is marked disappears with its buttons: whoever marked it goes on at the heading of the next one. Never at
// a button, so that a key pressed twice marks one step only.
"use strict";

(() => {
  let within = false;
  document.addEventListener("focusin", (event) => { within = Boolean(event.target.closest("#diagnosis")); });
  document.addEventListener("pointerdown", (event) => { within &&= Boolean(event.target.closest("#diagnosis")); });
  document.body.addEventListener("htmx:oobAfterSwap", () => {
    if (!within || document.activeElement !== document.body) return;
    (document.getElementById("next-title") ?? document.getElementById("diagnosis-title"))?.focus();
  });
})();
