// On every page of a logged-in technician: how long ago things were, and whether the desk can be reached.
"use strict";

(() => {
  const language = document.documentElement.lang;

  // How long ago, in the words of the browser.
  const UNITS = [["day", 86400], ["hour", 3600], ["minute", 60]];
  const spoken = (seconds) => {
    if (seconds < 60) return new Intl.RelativeTimeFormat(language, { numeric: "auto" }).format(0, "second");
    const [unit, size] = UNITS.find(([, length]) => seconds >= length) ;
    const format = new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: unit === "day" ? "long" : "short" });
    return format.format(Math.floor(seconds / size));
  };
  const age = (within = document) => {
    for (const time of within.querySelectorAll("time[data-since]")) {
      time.dataset.exact ??= time.textContent;
      time.textContent = spoken((Date.now() - Date.parse(time.dateTime)) / 1000);
    }
  };

  // Swapped in, out of band or by hand: every age is told anew.
  document.body.addEventListener("htmx:afterSwap", () => age());
  document.body.addEventListener("htmx:oobAfterSwap", () => age());
  setInterval(age, 15_000);
  age();

  // The connection.
  const lost = document.getElementById("lost");
  document.body.addEventListener("htmx:sseOpen", () => { lost.hidden = true; });
  document.body.addEventListener("htmx:sseError", () => { lost.hidden = false; });
  document.body.addEventListener("htmx:sendError", (event) => {
    const target = event.detail.target;
    if (target && event.detail.requestConfig.verb === "post") {
      target.replaceChildren(document.getElementById("offline").content.cloneNode(true));
    }
  });
})();
