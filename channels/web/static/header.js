// The panel's head: who answers, the menu, and a line when something is out of the ordinary.

import { h, icon, setAttribute, setText } from "./dom.js";
import { avatar } from "./transcript.js";

const OFFLINE_DELAY_MS = 1_200; // a line that is back at once is not worth a word

/** Who one is talking with. */
export class Header {
  /**
   * @param {import("./session.js").Session} session
   * @param {import("./texts.js").Texts} texts
   * @param {{close: () => void, elsewhere: () => void, restart: () => void}} actions
   */
  constructor(session, texts, actions) {
    this.session = session;
    this.t = texts.t;
    this.face = h("span", { class: "face" });
    this.title = h("h1", { id: "title" });
    this.status = h("p", { class: "status", role: "status" });
    this.menu = new Menu(this.t, [
      { icon: "person", label: this.t("human"), run: () => session.askForPerson(this.t("human")) },
      { icon: "devices", label: this.t("elsewhere"), run: actions.elsewhere },
      { icon: "pencil", label: this.t("restart"), run: actions.restart },
    ]);
    const close = { type: "button", class: "tool close", "aria-label": this.t("close"), onclick: actions.close };
    this.element = h(
      "header",
      {},
      this.face,
      h("div", { class: "who" }, this.title, this.status),
      this.menu.element,
      h("button", close, icon("close")),
    );
  }

  update() {
    const { owner, technician } = this.session.situation;
    const person = owner === "technician";
    const face = person ? technician : "bot";
    if (this.shown !== face) this.face.replaceChildren(avatar(person ? "technician" : "bot", technician));
    this.shown = face;
    setText(this.title, this.t("title"));
    const [presence, words] = this.#presence();
    setText(this.status, words);
    setAttribute(this.element, "data-presence", presence);
    this.menu.disable(0, owner !== "bot");
    this.menu.disable(1, this.session.lastSeq === 0);
  }

  /** Where the focus was, before what the menu opened had it. */
  focusMenu() {
    this.menu.button.focus();
  }

  /** How available whoever answers is (here, waiting, away), and the words for it. */
  #presence() {
    const { situation, link, started } = this.session;
    const { owner, technician, assistant } = situation;
    if (started && link === "offline") return ["away", this.t("statusOffline")];
    if (owner === "queue") return ["waiting", this.t("statusQueue")];
    if (owner === "technician") return ["here", this.t("statusTechnician", { name: technician ?? this.t("technician") })];
    if (assistant === "ready") return ["here", this.t("statusBot")];
    return ["waiting", this.t("statusWaking")];
  }
}

/** A menu button: arrow keys move, Escape closes and gives the focus back. */
class Menu {
  constructor(t, entries) {
    this.items = entries.map((entry) =>
      h("button", { type: "button", role: "menuitem", tabindex: "-1", onclick: () => this.#run(entry) },
        icon(entry.icon), entry.label),
    );
    this.button = h("button", {
      type: "button",
      class: "tool",
      "aria-label": t("menu"),
      "aria-haspopup": "menu",
      "aria-expanded": "false",
      onclick: () => this.#toggle(this.list.hidden),
    }, icon("more"));
    this.list = h("div", { role: "menu", class: "menu", hidden: true, "aria-label": t("menu") }, ...this.items);
    this.element = h("div", {
      class: "menu-anchor",
      onkeydown: (event) => this.#key(event),
      onfocusout: (event) => !this.element.contains(event.relatedTarget) && this.#toggle(false),
    }, this.button, this.list);
  }

  disable(index, disabled) {
    this.items[index].disabled = disabled;
  }

  #toggle(open) {
    this.list.hidden = !open;
    this.button.setAttribute("aria-expanded", String(open));
    if (open) this.items.find((item) => !item.disabled)?.focus();
  }

  #run(entry) {
    this.button.focus();
    this.#toggle(false);
    entry.run();
  }

  #key(event) {
    if (this.list.hidden) return;
    const usable = this.items.filter((item) => !item.disabled);
    const at = usable.indexOf(this.element.getRootNode().activeElement);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) usable[(at + step + usable.length) % usable.length].focus();
    else if (event.key === "Escape") {
      this.button.focus();
      this.#toggle(false);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

/** One line between head and conversation, only when there is something to say. */
export class Banner {
  constructor(session, texts) {
    this.session = session;
    this.t = texts.t;
    this.text = h("span");
    this.button = h("button", { type: "button", onclick: () => session.reconnect() }, this.t("reconnect"));
    this.element = h("div", { class: "banner", role: "status", hidden: true }, this.text, this.button);
  }

  update() {
    const kind = this.#kind();
    if (kind === this.kind && kind !== "notice") return;
    this.kind = kind;
    clearTimeout(this.timer);
    const delayed = kind === "bannerOffline" || kind === "bannerConnecting";
    if (delayed) this.timer = setTimeout(() => this.#show(kind), OFFLINE_DELAY_MS);
    else this.#show(kind);
  }

  stop() {
    clearTimeout(this.timer);
  }

  #kind() {
    const { link, situation, notice, started } = this.session;
    if (!started) return null;
    if (link !== "open") return link === "offline" ? "bannerOffline" : "bannerConnecting";
    if (notice) return "notice";
    if (situation.closed) return "bannerClosed";
    if (situation.owner === "queue") return "bannerQueue";
    if (situation.owner === "technician") return null;
    return { waking: "bannerWaking", down: "bannerDown" }[situation.assistant] ?? null;
  }

  #show(kind) {
    setText(this.text, kind === null ? "" : kind === "notice" ? this.session.notice : this.t(kind));
    this.button.hidden = kind !== "bannerOffline";
    setAttribute(this.element, "data-kind", kind);
    this.element.hidden = kind === null;
  }
}
