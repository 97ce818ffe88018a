// How to go on with this conversation on another device or channel: a dialog over the panel.

import { drawing, h, setText } from "./dom.js";

const NAMES = { web: "elsewhereWeb", telegram: "elsewhereTelegram", slack: "elsewhereSlack" };
const COPIED_MS = 4_000;
const QUIET_ZONE = 4; // modules that cameras want empty around a code

/** Lists the ways, each with what to open or to send there. */
export class Elsewhere {
  /**
   * @param {import("./session.js").Session} session
   * @param {import("./texts.js").Texts} texts
   * @param {() => void} close
   */
  constructor(session, texts, close) {
    this.session = session;
    this.t = texts.t;
    this.wait = h("p", { role: "status" }, this.t("elsewhereWait"));
    this.list = h("ul", { class: "ways" });
    this.copied = h("p", { class: "hidden", role: "status" });
    const done = h("button", { type: "button", class: "primary", onclick: close }, this.t("elsewhereDone"));
    this.dialog = h(
      "div",
      { class: "question", role: "dialog", tabindex: "-1", "aria-labelledby": "elsewhere", "aria-describedby": "secret" },
      h("h2", { id: "elsewhere" }, this.t("elsewhereTitle")),
      h("p", { id: "secret" }, this.t("elsewhereText")),
      this.wait,
      this.list,
      this.copied,
      h("div", { class: "answers" }, done),
    );
    this.element = h("div", { class: "veil", hidden: true }, this.dialog);
  }

  show() {
    setText(this.copied, "");
    this.element.hidden = false;
    this.session.askElsewhere();
    this.dialog.focus();
  }

  hide() {
    this.element.hidden = true;
    this.session.forgetElsewhere();
  }

  update() {
    const { ways } = this.session;
    if (this.shown === ways) return;
    this.shown = ways;
    this.wait.hidden = ways !== null;
    this.list.replaceChildren(...(ways ?? []).map((way, index) => this.#way(way, `way${index}`)));
  }

  stop() {
    clearTimeout(this.timer);
    this.session.forgetElsewhere();
  }

  #way({ channel, link, words, code }, id) {
    const field = h("input", { type: "text", readonly: true, value: link ?? words, "aria-labelledby": id });
    field.addEventListener("focus", () => field.select());
    const copy = h("button", { type: "button", "aria-describedby": id, onclick: () => this.#copy(field, copy) }, this.t("copy"));
    const open = { href: link, target: "_blank", rel: "noopener noreferrer", "aria-describedby": id };
    return h(
      "li",
      {},
      h("span", { id }, this.t(NAMES[channel] ?? "elsewhereOther")),
      code && channel === "web" ? this.#code(code) : null,
      h("div", {}, field, copy, link && channel !== "web" ? h("a", open, this.t("elsewhereOpen")) : null),
    );
  }

  /** For the camera of a phone; phones themselves do not show it. */
  #code({ size, path }) {
    const around = size + 2 * QUIET_ZONE;
    const svg = drawing(`${-QUIET_ZONE} ${-QUIET_ZONE} ${around} ${around}`, path);
    svg.setAttribute("class", "code");
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", this.t("elsewhereCode"));
    return svg;
  }

  async #copy(field, button) {
    const done = await copied(field);
    setText(this.copied, this.t(done ? "copied" : "notCopied"));
    if (!done) return field.focus(); // selected: one key copies it
    setText(button, this.t("copied"));
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      setText(this.copied, "");
      for (const each of this.list.querySelectorAll("button")) setText(each, this.t("copy"));
    }, COPIED_MS);
  }
}

/** Puts the text of `field` on the clipboard; false where that is forbidden. */
async function copied(field) {
  try {
    await navigator.clipboard.writeText(field.value);
    return true;
  } catch {
    // There is no such clipboard on pages without TLS, and none without permission in frames.
    field.select();
    return document.execCommand("copy");
  }
}
