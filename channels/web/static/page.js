// The customer page: its words in the chosen language, and the language switch.

import { fetchWords, pickLanguage } from "./texts.js";

const SERVER = new URL(".", import.meta.url).href;
const KEPT = "firstline:language";

const wish = new URLSearchParams(location.search).get("language");
await speak(pickLanguage(wish, kept(), navigator.language));

for (const link of document.querySelectorAll(".languages a")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    keep(link.hreflang);
    history.replaceState(null, "", link.href);
    speak(link.hreflang);
  });
}

/** Puts the page and the chat into `language`. */
async function speak(language) {
  const root = document.documentElement;
  root.toggleAttribute("data-ready", root.hasAttribute("data-ready") || root.lang === language);
  root.lang = language;
  document.querySelector("firstline-chat").setAttribute("language", language);
  for (const link of document.querySelectorAll(".languages a")) {
    if (link.hreflang === language) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
  const words = await fetchWords(SERVER, language, "page");
  for (const element of document.querySelectorAll("[data-text]")) element.textContent = words[element.dataset.text];
  for (const element of document.querySelectorAll("[data-label]")) element.ariaLabel = words[element.dataset.label];
  root.toggleAttribute("data-ready", true);
}

function kept() {
  try {
    return localStorage.getItem(KEPT);
  } catch {
    return null; // storage is forbidden: the browser's language it is
  }
}

function keep(language) {
  try {
    localStorage.setItem(KEPT, language);
  } catch {
    // Storage is forbidden: the choice lasts as long as the page, by its address.
  }
}
