// The conversation as a log: bubbles in groups, days, choices under the newest question, and what is not sent yet.

import { arrange, h, icon, setAttribute } from "./dom.js";
import { fileItems } from "./files.js";
import { richText } from "./richtext.js";

const GROUP_MS = 5 * 60_000;
const NEAR_END_PX = 80;
const TYPING_DELAY_MS = 350; // quick answers come without a flash of dots

/** Shows a session's messages. Elements are kept by key, so a screen reader hears each message once. */
export class Transcript {
  /**
   * @param {import("./session.js").Session} session
   * @param {import("./texts.js").Texts} texts
   * @param {{edit: (entry: import("./session.js").Pending) => void}} actions
   */
  constructor(session, texts, actions) {
    this.session = session;
    this.texts = texts;
    this.actions = actions;
    this.views = new Map();
    this.list = h("div", { class: "log", role: "log", "aria-live": "polite", "aria-label": texts.t("log") });
    this.dots = h("div", { class: "row them last typing", "aria-hidden": "true", hidden: true });
    this.greeting = greeting(texts);
    this.jump = h("button", { type: "button", class: "jump", hidden: true, onclick: () => this.toEnd("smooth") });
    this.jump.append(icon("down"), texts.t("jump"));
    // A picture that arrives makes the conversation longer. Load events do not bubble: they are caught on the way down.
    this.list.addEventListener("load", () => this.atEnd && this.toEnd(), true);
    const column = h("div", { class: "column" }, this.greeting, this.list, this.dots);
    this.scroller = h("div", { class: "scroller", tabindex: "0", onscroll: () => this.#scrolled() }, column);
    this.element = h("div", { class: "transcript" }, this.scroller, this.jump);
    this.atEnd = true;
    this.resized = new ResizeObserver(() => this.atEnd && this.toEnd());
    this.resized.observe(this.scroller);
  }

  update() {
    const { session } = this;
    const items = this.#items();
    const before = this.shown ?? 0;
    setAttribute(this.list, "aria-busy", session.started && !session.caughtUp ? "true" : null);
    this.greeting.hidden = items.length > 0;
    arrange(this.list, this.#elements(items));
    this.#typing();
    this.shown = items.length;
    const mine = items.at(-1)?.author === "customer";
    if (this.atEnd || (mine && items.length > before)) this.toEnd();
    else if (items.length > before) this.jump.hidden = false;
  }

  toEnd(behavior = "instant") {
    this.scroller.scrollTo({ top: this.scroller.scrollHeight, behavior });
    this.atEnd = true;
    this.jump.hidden = true;
  }

  stop() {
    this.resized.disconnect();
    clearTimeout(this.dotsTimer);
  }

  /** Messages and unsent ones alike, in the order they are shown. */
  #items() {
    const sent = this.session.messages.map((message) => ({
      ...message,
      key: message.id ?? `seq-${message.seq}`,
      at: new Date(message.at),
      state: "sent",
    }));
    const own = this.session.pending.map((entry) => ({
      ...entry,
      key: entry.id,
      author: "customer",
      text: entry.choice?.title ?? entry.text,
      at: new Date(entry.at),
      buttons: [],
    }));
    return [...sent, ...own];
  }

  #elements(items) {
    const elements = [];
    let previous = null;
    items.forEach((item, index) => {
      const next = items[index + 1];
      if (!previous || previous.at.toDateString() !== item.at.toDateString()) elements.push(this.#day(item.at));
      const view = this.#view(item);
      view.update(item, {
        first: !together(previous, item),
        last: !next || !together(item, next),
        newest: !next,
        answer: items.slice(index + 1).find((later) => later.author === "customer" && later.state !== "failed"),
        latest: item.buttons.length > 0 && !items.slice(index + 1).some((later) => later.buttons.length),
      });
      elements.push(view.element);
      previous = item;
    });
    return elements;
  }

  #view(item) {
    if (!this.views.has(item.key)) this.views.set(item.key, new MessageView(item, this));
    return this.views.get(item.key);
  }

  #day(date) {
    const key = date.toDateString();
    if (!this.views.has(key)) this.views.set(key, h("div", { class: "day" }, h("span", {}, this.texts.day(date))));
    return this.views.get(key);
  }

  #typing() {
    const { situation, link } = this.session;
    const wanted = situation.typing && link === "open";
    if (!wanted) {
      clearTimeout(this.dotsTimer);
      this.dotsTimer = null;
      this.dots.hidden = true;
    } else if (this.dots.hidden && !this.dotsTimer) {
      this.dotsTimer = setTimeout(() => this.#showDots(), TYPING_DELAY_MS);
    }
  }

  #showDots() {
    const { owner, technician } = this.session.situation;
    const face = owner === "technician" ? avatar("technician", technician) : avatar("bot");
    this.dots.replaceChildren(face, h("div", { class: "bubble" }, h("i"), h("i"), h("i")));
    this.dots.hidden = false;
    if (this.atEnd) this.toEnd();
  }

  #scrolled() {
    const { scrollTop, clientHeight, scrollHeight } = this.scroller;
    this.atEnd = scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
    if (this.atEnd) this.jump.hidden = true;
  }
}

/** One message: its bubble, its choices, and a line about who, when and whether it was sent. */
class MessageView {
  constructor(item, { session, texts, actions }) {
    this.session = session;
    this.texts = texts;
    this.actions = actions;
    const side = { customer: "me", desk: "note" }[item.author] ?? "them";
    this.body = h("div", { class: "bubble", lang: item.language });
    this.files = h("ul", { class: "files", "aria-label": texts.t("files") });
    this.meta = h("div", { class: "meta" });
    this.choices = item.buttons.map((button) => this.#choice(button));
    this.choiceRow = h("div", { class: "choices", role: "group", "aria-label": texts.t("choices") }, ...this.choices);
    const face = side === "them" ? avatar(item.author, item.name) : null;
    const choices = this.choices.length ? this.choiceRow : null;
    this.element = h("div", { class: `row ${side}` }, face, this.#speaker(item), this.body, this.files, choices, this.meta);
  }

  update(item, place) {
    if (this.text !== item.text) this.body.replaceChildren(...richText(item.text));
    this.text = item.text;
    this.body.hidden = !item.text;
    this.#updateFiles(item.attachments);
    this.element.classList.toggle("first", place.first);
    this.element.classList.toggle("last", place.last);
    setAttribute(this.element, "data-state", item.state);
    setAttribute(this.element, "data-seq", item.seq);
    this.#updateChoices(place);
    this.#updateMeta(item, place);
  }

  /** Built anew only when the links are new ones: a picture that is there is not loaded twice. */
  #updateFiles(attachments) {
    const links = attachments.map((attachment) => attachment.url).join(" ");
    this.files.hidden = !links;
    if (this.links === links) return;
    this.links = links;
    this.files.replaceChildren(...fileItems(attachments, this.session.server, this.texts));
  }

  #speaker(item) {
    return h("span", { class: "hidden" }, this.texts.t("says", { name: speakerName(item, this.texts) }));
  }

  #choice(button) {
    return h(
      "button",
      {
        type: "button",
        class: "choice",
        onclick: (event) => {
          if (event.currentTarget.ariaDisabled !== "true") this.session.choose(button);
        },
      },
      icon("check"),
      button.title,
    );
  }

  /** Only the newest question can be answered by a press; an answered one shows which answer was chosen. */
  #updateChoices({ answer, latest }) {
    const open = latest && !answer;
    const titles = this.choices.map((choice) => choice.textContent);
    const chosen = answer ? titles.indexOf(answer.text) : -1;
    this.choices.forEach((choice, index) => {
      // aria-disabled and not disabled: the keyboard focus stays where the customer pressed.
      setAttribute(choice, "aria-disabled", open ? null : "true");
      setAttribute(choice, "aria-pressed", open ? null : String(index === chosen));
    });
    this.choiceRow.hidden = !open && chosen < 0;
    this.choiceRow.classList.toggle("done", !open);
  }

  #updateMeta(item, { last, newest }) {
    const { t, time } = this.texts;
    const clock = time.format(item.at);
    const mine = item.author === "customer";
    const line = mine ? this.#ownLine(item, clock, newest) : `${speakerName(item, this.texts)} · ${clock}`;
    const key = `${line} ${item.state} ${item.reason ?? ""}`;
    this.meta.hidden = !(last || item.state !== "sent");
    if (this.key === key) return;
    this.key = key;
    this.meta.replaceChildren(h("span", {}, line));
    if (item.state !== "failed") return;
    this.meta.prepend(icon("alert"));
    if (item.reason) this.meta.append(h("span", { class: "reason" }, item.reason));
    const action = item.final
      ? h("button", { type: "button", onclick: () => this.#edit(item) }, t("edit"))
      : h("button", { type: "button", onclick: () => this.session.retry(item.id) }, t("retry"));
    this.meta.append(action);
  }

  #ownLine(item, clock, newest) {
    const { t } = this.texts;
    if (item.state === "failed") return t("failed");
    if (item.state === "sending") return this.session.link === "open" ? t("sending") : t("waiting");
    return newest ? `${clock} · ${t("sent")}` : clock;
  }

  #edit(item) {
    this.actions.edit(this.session.takeBack(item.id));
  }
}

/** The picture of who speaks: the assistant's spark, or a technician's initials. */
export function avatar(author, name) {
  const person = author === "technician";
  const initials = (name ?? "").split(/\s+/, 2).map((word) => word.slice(0, 1)).join("");
  const face = h("span", { class: `avatar ${person ? "person" : "bot"}`, "aria-hidden": "true" });
  face.append(person && initials ? initials : icon(person ? "person" : "spark"));
  return face;
}

function speakerName(item, { t }) {
  return { customer: t("you"), bot: t("assistant"), desk: t("title") }[item.author] ?? item.name ?? t("technician");
}

function together(one, other) {
  return Boolean(
    one &&
      one.author === other.author &&
      one.name === other.name &&
      other.at - one.at < GROUP_MS &&
      one.at.toDateString() === other.at.toDateString(),
  );
}

function greeting({ t }) {
  return h("div", { class: "greeting" }, avatar("bot"), h("h2", {}, t("greetingTitle")), h("p", {}, t("greeting")));
}
