// On every page: tells the server the time zone, and opens and closes dialogs.
"use strict";

(() => {
  const root = document.documentElement.dataset.root || "/";
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  document.cookie = `firstline_zone=${zone}; path=${root}; max-age=31536000; samesite=lax`;

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-opens]");
    if (opener) {
      document.querySelector("[popover]:popover-open")?.hidePopover();
      document.getElementById(opener.dataset.opens).showModal();
    }
    event.target.closest("[data-closes]")?.closest("dialog").close();
    event.target.closest("[data-dismiss]")?.closest(".notice").remove();
  });

  // Whoever logs out leaves no drafts behind.
  document.addEventListener("submit", (event) => {
    if (event.target.matches("[data-forgets]")) sessionStorage.clear();
  });
})();
