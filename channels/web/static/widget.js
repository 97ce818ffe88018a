// Firstline web chat. On any site:
//   <script type="module" src="https://support.example.org/channels/web/widget.js" data-language="nl"></script>

import { FirstlineChat } from "./element.js";

const TAG = "firstline-chat";

if (!customElements.get(TAG)) customElements.define(TAG, FirstlineChat);

if (!document.querySelector(TAG)) {
  const script = [...document.querySelectorAll("script[src]")].find((each) => each.src === import.meta.url);
  const chat = document.createElement(TAG);
  for (const name of ["language", "mode", "theme", "open"]) {
    if (script?.dataset[name] !== undefined) chat.setAttribute(name, script.dataset[name]);
  }
  document.body.append(chat);
}
