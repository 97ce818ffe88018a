// The chat itself: head, banner, conversation, composer, and what may lie over them: the question before a new
// conversation, and how to go on elsewhere.

import { Composer } from "./composer.js";
import { h } from "./dom.js";
import { Elsewhere } from "./elsewhere.js";
import { Banner, Header } from "./header.js";
import { Transcript } from "./transcript.js";

/** Everything inside the panel, in one language. */
export class Panel {
  /**
   * @param {import("./session.js").Session} session
   * @param {import("./texts.js").Texts} texts
   * @param {{page: boolean, close: () => void}} place
   */
  constructor(session, texts, { page, close }) {
    this.session = session;
    this.header = new Header(session, texts, {
      close,
      elsewhere: () => this.#showElsewhere(),
      restart: () => this.#ask(),
    });
    this.banner = new Banner(session, texts);
    this.composer = new Composer(session, texts);
    this.transcript = new Transcript(session, texts, { edit: (entry) => this.composer.insert(entry) });
    this.parts = [this.header, this.banner, this.transcript, this.composer].map((part) => part.element);
    this.question = this.#question(texts);
    this.elsewhere = new Elsewhere(session, texts, () => this.#hideElsewhere());
    this.dropping = h("div", { class: "dropping", "aria-hidden": "true", hidden: true }, texts.t("drop"));
    this.element = h(
      "section",
      { class: "panel", role: page ? "region" : "dialog", "aria-labelledby": "title", lang: texts.language },
      ...this.parts,
      this.question,
      this.elsewhere.element,
      this.dropping,
    );
    this.#takeDrops();
    this.#follow(window.visualViewport);
  }

  update() {
    for (const part of [this.header, this.banner, this.transcript, this.elsewhere]) part.update();
  }

  focus() {
    this.composer.focus();
  }

  /** Handles Escape inside; false when there was nothing to dismiss. */
  dismiss() {
    if (!this.#covered) return false;
    if (this.question.hidden) this.#hideElsewhere();
    else this.#answer(false);
    return true;
  }

  stop() {
    this.unfollow();
    this.banner.stop();
    this.composer.tray.stop();
    this.elsewhere.stop();
    this.transcript.stop();
  }

  /** Files may be dropped anywhere on the panel. */
  #takeDrops() {
    const { element, dropping } = this;
    const hasFiles = (event) => event.dataTransfer.types.includes("Files") && !this.#covered;
    element.addEventListener("dragover", (event) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      dropping.hidden = false;
    });
    element.addEventListener("dragleave", (event) => {
      if (!element.contains(event.relatedTarget)) dropping.hidden = true;
    });
    element.addEventListener("drop", (event) => {
      dropping.hidden = true;
      if (!hasFiles(event)) return;
      event.preventDefault();
      this.composer.attach(event.dataTransfer.files);
    });
  }

  #question({ t }) {
    const no = h("button", { type: "button", onclick: () => this.#answer(false) }, t("cancel"));
    const yes = h("button", { type: "button", class: "primary", onclick: () => this.#answer(true) }, t("restartYes"));
    return h(
      "div",
      { class: "veil", hidden: true },
      h(
        "div",
        { class: "question", role: "alertdialog", "aria-labelledby": "asked", "aria-describedby": "explained" },
        h("h2", { id: "asked" }, t("restartTitle")),
        h("p", { id: "explained" }, t("restartText")),
        h("div", { class: "answers" }, no, yes),
      ),
    );
  }

  /** Whether something lies over the conversation. */
  get #covered() {
    return !this.question.hidden || !this.elsewhere.element.hidden;
  }

  #cover(covered) {
    this.parts.forEach((part) => (part.inert = covered));
  }

  #showElsewhere() {
    this.#cover(true);
    this.elsewhere.show();
  }

  #hideElsewhere() {
    this.#cover(false);
    this.elsewhere.hide();
    this.header.focusMenu();
  }

  #ask() {
    this.#cover(true);
    this.question.hidden = false;
    this.question.querySelector("button").focus();
  }

  #answer(yes) {
    this.#cover(false);
    this.question.hidden = true;
    if (yes) {
      this.composer.clear();
      this.session.startOver();
    }
    this.focus();
  }

  /** On phones the keyboard covers the page without resizing it: keep the panel inside what is visible. */
  #follow(viewport) {
    const fit = () => {
      this.element.style.setProperty("--visible-height", `${viewport.height}px`);
      this.element.style.setProperty("--visible-top", `${viewport.offsetTop}px`);
    };
    viewport.addEventListener("resize", fit);
    viewport.addEventListener("scroll", fit);
    this.unfollow = () => {
      viewport.removeEventListener("resize", fit);
      viewport.removeEventListener("scroll", fit);
    };
    fit();
  }
}
