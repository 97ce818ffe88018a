// The files that go with the next message: chosen, pasted or dropped, on their way, and there.

import { h, icon, setAttribute, setText } from "./dom.js";
import { isImage } from "./files.js";

/** A row of files above the composer. */
export class Tray {
  /**
   * @param {import("./session.js").Session} session
   * @param {import("./texts.js").Texts} texts
   * @param {{changed: () => void, emptied: () => void}} composer `emptied` is told when the last file was removed
   */
  constructor(session, texts, composer) {
    this.session = session;
    this.texts = texts;
    this.composer = composer;
    /** @type {{chip: Element, stored: ?import("./session.js").Attachment, failed: boolean, cancel: () => void}[]} */
    this.entries = [];
    this.last = Promise.resolve(); // uploads follow each other: files arrive, and are shown, in the order chosen
    this.list = h("ul", { class: "tray", "aria-label": texts.t("filesToSend"), hidden: true });
    this.trouble = h("p", { class: "trouble", role: "status" });
    // Who sees the list sees what has arrived; who hears it is told, and trouble is not talked over.
    this.arrivals = h("p", { class: "hidden", role: "status" });
    this.element = h("div", {}, this.list, this.trouble, this.arrivals);
    this.#fill(session.attached);
  }

  /** Whether something is still on its way. */
  get busy() {
    return this.entries.some((entry) => !entry.stored && !entry.failed);
  }

  /** Whether there is something to send. */
  get full() {
    return this.entries.some((entry) => entry.stored);
  }

  /** Begins to upload `files`; those that cannot be sent are said. */
  add(files) {
    const { t, size } = this.texts;
    const { maxFile, maxFiles } = this.session;
    const trouble = [];
    for (const file of files) {
      const sending = this.entries.filter((entry) => !entry.failed).length;
      if (sending >= maxFiles) {
        trouble.push(t("tooManyFiles", { count: maxFiles }));
        break;
      }
      if (file.size > maxFile) trouble.push(t("fileTooLarge", { name: file.name, size: size(maxFile) }));
      else this.#queue(file);
    }
    this.#say(trouble.join(" "));
    this.#changed();
  }

  /** The message has to wait for what is on its way. */
  askToWait() {
    this.#say(this.texts.t("waitForFiles"));
  }

  /** Puts files back that were uploaded before. */
  restore(attachments) {
    this.#fill(attachments);
    this.#changed();
  }

  /** What is to be sent, taken out. */
  take() {
    const ready = this.entries.filter((entry) => entry.stored);
    ready.forEach((entry) => this.#drop(entry));
    this.#say("");
    return ready.map((entry) => entry.stored);
  }

  clear() {
    this.entries.forEach((entry) => {
      entry.cancel();
      entry.chip.remove();
    });
    this.entries = [];
    this.#say("");
    this.#changed();
  }

  /** The view goes; what has arrived is kept by the session. */
  stop() {
    this.entries.forEach((entry) => entry.cancel());
    this.entries = [];
  }

  #queue(file) {
    const entry = this.#show(file.name);
    const bar = h("progress", { max: "1", value: "0", "aria-label": this.texts.t("uploading", { name: file.name }) });
    entry.chip.querySelector(".about").append(bar);
    this.last = this.last.then(() => this.#upload(entry, file, bar));
  }

  async #upload(entry, file, bar) {
    const { t } = this.texts;
    if (!this.entries.includes(entry)) return; // removed while it waited
    try {
      const { done, cancel } = await this.session.upload(file, (part) => (bar.value = part));
      entry.cancel = cancel;
      if (!this.entries.includes(entry)) cancel(); // removed while the line was being opened
      this.#arrived(entry, await done);
      this.#changed();
      setText(this.arrivals, t("attached", { name: entry.stored.name }));
    } catch (error) {
      if (!this.entries.includes(entry)) return; // the customer did not want it any more
      entry.failed = true;
      entry.chip.dataset.failed = "";
      this.#say(`${t("notUploaded", { name: file.name })} ${error.message}`.trim());
      this.#changed();
    } finally {
      bar.remove();
    }
  }

  #fill(attachments) {
    for (const stored of attachments) this.#arrived(this.#show(stored.name), stored);
  }

  #show(name) {
    const { t } = this.texts;
    const label = t("removeFile", { name });
    const entry = { chip: null, stored: null, failed: false, cancel: () => {} };
    const remove = h("button", { type: "button", "aria-label": label, title: label, onclick: () => this.#remove(entry) });
    remove.append(icon("close"));
    entry.chip = h(
      "li",
      {},
      h("span", { class: "face" }, icon("file")),
      h("span", { class: "about" }, h("span", { class: "name" }, name)),
      remove,
    );
    this.entries.push(entry);
    this.list.append(entry.chip);
    this.list.hidden = false;
    return entry;
  }

  #arrived(entry, stored) {
    entry.stored = stored;
    const address = new URL(stored.url, this.session.server).href;
    if (isImage(stored)) entry.chip.querySelector(".face").replaceChildren(h("img", { src: address, alt: "" }));
    entry.chip.querySelector(".about").append(h("span", { class: "size" }, this.texts.size(stored.size)));
  }

  /** The focus goes to the neighbour, as one who removes with the keyboard expects. */
  #remove(entry) {
    const at = this.entries.indexOf(entry);
    entry.cancel();
    this.#drop(entry);
    this.#say("");
    const neighbour = this.entries[Math.min(at, this.entries.length - 1)];
    if (neighbour) neighbour.chip.querySelector("button").focus();
    else this.composer.emptied();
  }

  #drop(entry) {
    this.entries = this.entries.filter((each) => each !== entry);
    entry.chip.remove();
    this.#changed();
  }

  #say(text) {
    setText(this.trouble, text);
  }

  #changed() {
    this.list.hidden = this.entries.length === 0;
    this.session.attached = this.entries.filter((entry) => entry.stored).map((entry) => entry.stored);
    setAttribute(this.list, "aria-busy", this.busy ? "true" : null);
    this.composer.changed();
  }
}
