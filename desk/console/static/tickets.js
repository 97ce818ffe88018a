// The list of tickets: "/" goes to the search field, and from there the arrow down into the list.
"use strict";

(() => {
  const field = document.getElementById("search");
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !event.target.matches("input, textarea, select") && !document.querySelector("dialog[open]")) {
      event.preventDefault();
      field.focus();
      field.select();
    }
    if (event.key === "ArrowDown" && event.target === field) {
      event.preventDefault();
      document.querySelector("[data-row]")?.focus();
    }
  });
})();
