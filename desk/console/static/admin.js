// On pages for administrators: copying what is shown once, inserting placeholders, a week from its Monday.
"use strict";

(() => {
  for (const button of document.querySelectorAll("[data-copies], [data-copies-monday]")) button.hidden = false;

  // On a phone the sections are a strip that scrolls.
  document.querySelector(".sections [aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });

  const copy = async (button) => {
    const field = document.getElementById(button.dataset.copies);
    field.select();
    // The clipboard belongs to secure pages; elsewhere what is selected is copied by hand.
    if (!navigator.clipboard) return;
    await navigator.clipboard.writeText(field.value);
    button.textContent = button.dataset.copied;
  };

  // Into the text that was written in last.
  let last = null;
  document.addEventListener("focusin", (event) => { if (event.target.matches(".admin textarea")) last = event.target; });
  const insert = (placeholder) => {
    const area = last ?? document.querySelector(".admin textarea");
    area.setRangeText(placeholder, area.selectionStart, area.selectionEnd, "end");
    area.focus();
    area.dispatchEvent(new Event("input", { bubbles: true }));
  };

  document.addEventListener("click", (event) => {
    const { target } = event;
    if (target.matches("[data-copies]")) copy(target);
    if (target.matches("[data-selects]")) target.select();
    if (target.matches("[data-inserts]")) insert(target.dataset.inserts);
    if (target.matches("[data-copies-monday]")) {
      for (const day of [1, 2, 3, 4]) document.getElementById(`hours-day-${day}`).value = document.getElementById("hours-day-0").value;
    }
  });

  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-priority]")) event.target.className = `p${event.target.value}`;
  });
})();
