// <firstline-chat>: the launcher and the panel, on any page.

import { h, icon, setAttribute, setText } from "./dom.js";
import { Panel } from "./panel.js";
import { Session } from "./session.js";
import { Store } from "./store.js";
import { fetchWords, pickLanguage, Texts } from "./texts.js";

const SERVER = new URL(".", import.meta.url).href;

/** Of a link in a mail, `?continue=…`; taken out of the address at once, so that nobody is told it. Null: none. */
let code = takeCode();

let styles; // shared by all elements of a page, fetched once

/** The stylesheet, as an adopted one: sites with a strict Content-Security-Policy need no exception for it. */
function sharedStyles() {
  styles ??= fetch(new URL("widget.css", SERVER))
    .then((answer) => answer.text())
    .then((text) => new CSSStyleSheet().replace(text));
  return styles;
}

/**
 * The chat. Attributes: `language` (en or nl; default: the page's, else the browser's), `mode` ("launcher", the
 * default, or "page" to fill its container), `theme` ("light" or "dark"; default: what the visitor prefers) and `open`.
 */
export class FirstlineChat extends HTMLElement {
  static observedAttributes = ["language", "mode", "open"];

  async connectedCallback() {
    this.alive = true;
    this.root ??= this.attachShadow({ mode: "open" });
    this.store = new Store(SERVER, code !== null);
    this.session = new Session(SERVER, this.store, this.#language(), () => this.#update(), code);
    if (code !== null) this.open = true;
    code = null; // an element that is moved about in the page goes on where it was
    this.onkeydown = (event) => this.#key(event);
    this.seen = () => this.#update();
    document.addEventListener("visibilitychange", this.seen);
    const [sheet] = await Promise.all([sharedStyles(), this.#build()]);
    this.root.adoptedStyleSheets = [sheet];
    this.#connectIfNeeded();
  }

  disconnectedCallback() {
    this.alive = false;
    document.removeEventListener("visibilitychange", this.seen);
    this.session.stop();
    this.panel?.stop();
    this.panel = null;
  }

  async attributeChangedCallback(name) {
    if (!this.panel) return;
    if (name === "open") return this.#update();
    this.session.speak(this.#language());
    await this.#build();
  }

  get open() {
    return this.hasAttribute("open") || this.#page;
  }

  set open(open) {
    this.toggleAttribute("open", open);
  }

  show() {
    this.open = true;
    this.session.start();
    this.panel.transcript.toEnd();
    this.panel.focus();
  }

  hide() {
    if (this.#page) return;
    this.open = false;
    this.launcher.focus();
  }

  get #page() {
    return this.getAttribute("mode") === "page";
  }

  #language() {
    return pickLanguage(this.getAttribute("language"), document.documentElement.lang, navigator.language);
  }

  /** Builds the view anew, in the language of the moment. */
  async #build() {
    const language = this.#language();
    const texts = new Texts(language, await fetchWords(SERVER, language, "widget"));
    if (!this.alive || language !== this.#language()) return; // overtaken
    this.panel?.stop();
    this.texts = texts;
    this.panel = new Panel(this.session, texts, { page: this.#page, close: () => this.hide() });
    this.badge = h("span", { class: "badge", "aria-hidden": "true", hidden: true });
    this.launcher = h("button", { type: "button", class: "launcher", onclick: () => this.#toggle() });
    this.launcher.append(icon("chat"), icon("close"), this.badge);
    this.root.replaceChildren(this.panel.element, ...(this.#page ? [] : [this.launcher]));
    this.#update();
  }

  /** An unopened chat costs the server nothing, unless there is a conversation that may go on. */
  #connectIfNeeded() {
    if (this.open || this.store.token || this.store.outbox().length) this.session.start();
  }

  #toggle() {
    if (this.open) this.hide();
    else this.show();
  }

  #update() {
    if (!this.panel) return;
    this.panel.element.hidden = !this.open;
    this.panel.update();
    if (this.open && document.visibilityState === "visible") this.session.markRead();
    this.#updateLauncher(this.session.unread);
  }

  #updateLauncher(unread) {
    const { t } = this.texts;
    const label = this.open ? t("close") : unread ? t("openUnread", { count: unread }) : t("open");
    setAttribute(this.launcher, "aria-label", label);
    setAttribute(this.launcher, "aria-expanded", String(this.open));
    setText(this.badge, unread > 9 ? "9+" : String(unread));
    this.badge.hidden = this.open || unread === 0;
  }

  #key(event) {
    if (event.key !== "Escape" || this.panel.dismiss() || !this.open) return;
    this.hide();
  }
}

function takeCode() {
  const address = new URL(location.href);
  const found = address.searchParams.get("continue");
  if (found === null) return null;
  address.searchParams.delete("continue");
  history.replaceState(history.state, "", address);
  return found;
}
