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

  // How much time is on a clock, the one that runs included.
  const unit = (value, name) => new Intl.NumberFormat(language, { style: "unit", unit: name, unitDisplay: "short" }).format(value);
  const lasting = (seconds) => {
    const minutes = Math.floor(seconds / 60), hours = Math.floor(minutes / 60), days = Math.floor(hours / 24);
    if (days) return `${unit(days, "day")} ${unit(hours % 24, "hour")}`;
    if (hours) return `${unit(hours, "hour")} ${unit(minutes % 60, "minute")}`;
    return unit(minutes, "minute");
  };
  const spend = () => {
    for (const time of document.querySelectorAll("time[data-spent]")) {
      const running = time.dataset.runs ? (Date.now() - Date.parse(time.dataset.runs)) / 1000 : 0;
      time.textContent = lasting(Number(time.dataset.spent) + Math.max(running, 0));
    }
  };

  // A form that the server makes opens in the dialog; when it has been accepted the dialog closes.
  const dialog = document.getElementById("dialog");
  let opener = null;
  document.body.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id !== "dialog-body" || dialog.open) return;
    opener = document.activeElement?.id;
    dialog.showModal();
  });
  dialog.addEventListener("close", () => {
    document.getElementById("dialog-body").replaceChildren();
    // The button may have been replaced meanwhile by a fresh one of the same name.
    if (document.activeElement === document.body) document.getElementById(opener)?.focus();
  });
  document.body.addEventListener("desk:sent", (event) => {
    const form = event.target.closest("form");
    const within = form?.closest("dialog");
    if (!within) return;
    form.reset();
    within.close();
  });

  const tell = () => { age(); spend(); };
  // Swapped in, out of band or by hand: every age is told anew.
  document.body.addEventListener("htmx:afterSwap", tell);
  document.body.addEventListener("htmx:oobAfterSwap", tell);
  setInterval(tell, 15_000);
  tell();

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
