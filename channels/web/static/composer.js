// Where the customer writes.

import { h, icon, setAttribute, setText } from "./dom.js";

const WARN_BELOW = 500;

/** A text area that grows; Enter sends, Shift + Enter begins a new line. */
export class Composer {
  /**
   * @param {import("./session.js").Session} session
   * @param {import("./texts.js").Texts} texts
   */
  constructor(session, { t }) {
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
    });
    this.area.value = session.store.draft;
    this.count = h("span", { id: "count", class: "count", role: "status" });
    this.button = h("button", { type: "submit", class: "send", "aria-label": t("send"), title: t("send") }, icon("send"));
    this.element = h(
      "form",
      { class: "composer", onsubmit: (event) => this.#submit(event) },
      h("label", { class: "hidden", for: "message" }, t("composer")),
      h("span", { class: "hidden", id: "hint" }, t("hint")),
      h("div", { class: "field" }, this.area, this.button),
      this.count,
    );
    this.#fit();
  }

  focus() {
    this.area.focus();
  }

  /** Puts `text` in, before what is there already. */
  insert(text) {
    this.area.value = [text, this.area.value].filter(Boolean).join("\n");
    this.#fit();
    this.focus();
  }

  clear() {
    this.area.value = "";
    this.#fit();
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
    if (!text || text.length > this.session.maxLength) return;
    this.session.say(text);
    this.session.store.draft = "";
    this.clear();
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
    this.button.disabled = !area.value.trim() || left < 0;
  }
}
