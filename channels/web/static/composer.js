// Where the customer writes.

import { h, icon, setAttribute, setText } from "./dom.js";
import { Tray } from "./tray.js";

const WARN_BELOW = 500;

/** A text area that grows; Enter sends, Shift + Enter begins a new line. */
export class Composer {
  /**
   * @param {import("./session.js").Session} session
   * @param {import("./texts.js").Texts} texts
   */
  constructor(session, texts) {
    const { t } = texts;
    this.session = session;
    this.t = t;
    this.area = h("textarea", {
      id: "message",
      rows: "1",
      placeholder: t("placeholder"),
      "aria-describedby": "hint count",
      enterkeyhint: "send",
      autocomplete: "off",
      oninput: () => this.#typed(),
      onkeydown: (event) => this.#pressed(event),
      onpaste: (event) => this.#pasted(event),
    });
    this.area.value = session.store.draft;
    this.count = h("span", { id: "count", class: "count", role: "status" });
    this.button = h("button", { type: "submit", class: "send", "aria-label": t("send"), title: t("send") }, icon("send"));
    this.picker = h("input", { type: "file", multiple: true, hidden: true, onchange: () => this.#picked() });
    const pick = { type: "button", class: "attach", "aria-label": t("attach"), title: t("attach") };
    this.clip = h("button", { ...pick, onclick: () => this.picker.click() }, icon("clip"));
    this.tray = new Tray(session, texts, { changed: () => this.#fit(), emptied: () => this.focus() });
    this.element = h(
      "form",
      { class: "composer", onsubmit: (event) => this.#submit(event) },
      h("label", { class: "hidden", for: "message" }, t("composer")),
      h("span", { class: "hidden", id: "hint" }, t("hint")),
      this.tray.element,
      h("div", { class: "field" }, this.area, this.clip, this.picker, this.button),
      this.count,
    );
    this.#fit();
  }

  focus() {
    this.area.focus();
  }

  /** Takes `files` for the next message. */
  attach(files) {
    this.tray.add(files);
    this.focus();
  }

  /** Puts a message that could not be sent in, before what is there already. */
  insert({ text, attachments, code }) {
    this.area.value = [text, this.area.value].filter(Boolean).join("\n");
    // Files that the server does not know (any more) would only fail again.
    if (code !== "unknown_file") this.tray.restore(attachments);
    this.#fit();
    this.focus();
  }

  clear() {
    this.area.value = "";
    this.tray.clear();
  }

  #picked() {
    this.attach([...this.picker.files]);
    this.picker.value = ""; // the same file may be chosen again
  }

  #pasted(event) {
    const files = [...event.clipboardData.files];
    if (!files.length) return;
    event.preventDefault();
    this.attach(files);
  }

  #typed() {
    this.#fit();
    this.session.store.draft = this.area.value;
    if (this.area.value.trim()) this.session.typing();
  }

  #pressed(event) {
    // While an input method composes (Japanese, accents), Enter belongs to it.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.#submit(event);
  }

  #submit(event) {
    event.preventDefault();
    const text = this.area.value.trim();
    if (this.tray.busy) this.tray.askToWait();
    if (this.tray.busy || !(text || this.tray.full) || text.length > this.session.maxLength) return;
    this.session.say(text, this.tray.take());
    this.session.store.draft = "";
    this.area.value = "";
    this.#fit();
    this.focus();
  }

  #fit() {
    const { area, session, t } = this;
    const left = session.maxLength - area.value.length;
    area.style.height = "auto";
    if (area.scrollHeight) area.style.height = `${area.scrollHeight}px`;
    setAttribute(area, "aria-invalid", left < 0 ? "true" : null);
    setText(this.count, left < 0 ? t("tooLong", { count: -left }) : left < WARN_BELOW ? t("left", { count: left }) : "");
    setAttribute(this.count, "data-over", left < 0);
    this.button.disabled = this.tray.busy || !(area.value.trim() || this.tray.full) || left < 0;
  }
}
