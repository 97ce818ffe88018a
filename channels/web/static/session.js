// The conversation as this browser knows it. No DOM: it holds state, and tells its listener when that has changed.

import { Connection } from "./connection.js";
import { upload } from "./upload.js";

const ANSWER_MS = 10_000;
const TRY_AGAIN_MS = 1_500;
const TYPING_MS = 3_000;
/** Links to files are good for a day at least; older messages are fetched anew at the next connection. */
const LINKS_LAST_MS = 12 * 3_600_000;
/** Rejections that pass by themselves; the others need the customer. */
const PASSING = new Set(["too_fast", "unavailable", "hello_first"]);
const HUMAN = "command:human";

/**
 * @typedef {{id: number, name: string, type: string, size: number, url: string}} Attachment
 * @typedef {{seq: number, id: ?string, author: string, name: ?string, text: string, at: string,
 *   buttons: {title: string, payload: string}[], attachments: Attachment[], language: string}} Message
 * @typedef {{id: string, text: string, choice: ?{title: string, payload: string}, attachments: Attachment[], at: number,
 *   state: "sending"|"sent"|"failed", reason?: string, code?: string, final?: boolean}} Pending
 * @typedef {{channel: string, link: ?string, words: ?string, code: ?{size: number, path: string}}} Way
 */
export class Session {
  /**
   * @param {string} server where the widget came from
   * @param {import("./store.js").Store} store
   * @param {string} language
   * @param {() => void} changed called after every change, at most once a turn of the event loop
   * @param {?string} code of a link, to go on with a conversation that was begun elsewhere
   */
  constructor(server, store, language, changed, code = null) {
    this.server = server;
    this.store = store;
    this.language = language;
    this.changed = changed;
    this.code = code;
    this.link = "connecting";
    this.maxLength = 8000;
    this.maxFiles = 10;
    this.maxFile = 20e6;
    this.welcomedAt = 0;
    this.waiting = [];
    /** Uploaded and not sent: what the tray shows. Kept here, since views are built anew for another language. */
    this.attached = [];
    this.notice = null;
    /** @type {?Way[]} how to go on elsewhere, once asked for and answered */
    this.ways = null;
    this.asking = false;
    this.started = false;
    this.#reset();
    const address = new URL("socket", server);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    this.connection = new Connection(address.href, {
      hello: () => this.#hello(),
      frame: (frame) => this.#receive(frame),
      state: (state) => this.#linked(state),
    });
  }

  /** Connects; harmless when already done. */
  start() {
    if (this.started) return;
    this.started = true;
    this.stopListening = this.store.onOtherToken((token) => token !== this.token && this.#begin());
    this.connection.start();
  }

  stop() {
    this.stopListening?.();
    clearTimeout(this.answer);
    this.connection.stop();
    this.started = false;
  }

  /** Sends what the customer wrote, with files that were uploaded. */
  say(text, attachments = []) {
    this.#post({ text, choice: null, attachments });
  }

  /** Uploads `file`, for a message to come. Returns as `upload` does, once it is known whose file it is. */
  async upload(file, progress) {
    this.start();
    if (!this.token) await new Promise((resolve) => this.waiting.push(resolve));
    const address = new URL("files", this.server);
    address.search = new URLSearchParams({ name: file.name, language: this.language });
    return upload(address, this.token, file, progress);
  }

  /** Sends a pressed button. */
  choose({ title, payload }) {
    this.#post({ text: "", choice: { title, payload }, attachments: [] });
  }

  /** Asks for a person. */
  askForPerson(title) {
    this.choose({ title, payload: HUMAN });
  }

  /** Sends an unsent message again, under the same id, so that it can never arrive twice. */
  retry(id) {
    const entry = this.pending.find((each) => each.id === id);
    if (!entry) return;
    entry.state = "sending";
    if (this.link === "open") this.#flush();
    else this.connection.now();
    this.#tell();
  }

  /** Takes an unsent message back, and returns it. */
  takeBack(id) {
    const entry = this.pending.find((each) => each.id === id);
    this.pending = this.pending.filter((each) => each !== entry);
    this.store.drop(id);
    this.#tell();
    return entry;
  }

  typing() {
    if (Date.now() - this.typedAt < TYPING_MS) return;
    this.typedAt = Date.now();
    this.connection.send({ type: "typing" });
  }

  reconnect() {
    this.connection.now();
  }

  /** Asks how to go on elsewhere: `ways` has it when the server has answered. */
  askElsewhere() {
    this.ways = null;
    this.asking = true;
    this.connection.send({ type: "elsewhere" });
    this.#tell();
  }

  /** A code is good for a while only: it is asked for anew each time. */
  forgetElsewhere() {
    this.ways = null;
    this.asking = false;
    this.#tell();
  }

  /** Forgets this conversation and begins another. */
  startOver() {
    this.store.forget();
    this.#begin();
  }

  speak(language) {
    this.language = language;
    if (this.started) this.connection.now();
  }

  /** Whether everything there was at connecting has arrived. */
  get caughtUp() {
    return this.lastSeq >= this.goal;
  }

  get lastSeq() {
    return this.messages.at(-1)?.seq ?? 0;
  }

  /** Messages of others above what the customer has seen. */
  get unread() {
    const read = this.store.read;
    return this.messages.filter((message) => message.seq > read && message.author !== "customer").length;
  }

  markRead() {
    if (this.lastSeq <= this.store.read) return;
    this.store.read = this.lastSeq;
    this.connection.send({ type: "ack", seq: this.lastSeq });
  }

  #reset() {
    this.token = this.store.token;
    /** @type {Message[]} */
    this.messages = [];
    /** @type {Pending[]} */
    this.pending = this.store.outbox().map((entry) => ({ attachments: [], ...entry, state: "sending" }));
    this.situation = { owner: "bot", technician: null, closed: false, assistant: "ready", typing: false };
    this.goal = Infinity;
    this.typedAt = 0;
    this.#landed();
  }

  #begin() {
    this.#reset();
    this.ways = null;
    if (this.started) this.connection.now();
    this.#tell();
  }

  #post(said) {
    const entry = { id: newId(), ...said, at: Date.now() };
    this.store.put(entry);
    this.notice = null;
    this.pending.push({ ...entry, state: "sending" });
    this.start();
    this.#flush();
    this.#tell();
  }

  /** Sends the oldest unsent message; the next one follows when this one is answered, so their order holds. */
  #flush() {
    if (this.inFlight || this.link !== "open") return;
    const entry = this.pending.find((each) => each.state === "sending");
    if (!entry) return;
    const { id, text, choice } = entry;
    const attachments = entry.attachments.map((attachment) => attachment.id);
    if (!this.connection.send({ type: "message", id, text, choice, attachments })) return;
    this.inFlight = id;
    this.answer = setTimeout(() => this.#settle(id, { state: "failed" }), ANSWER_MS);
  }

  /** Message `id` is answered, one way or another. */
  #settle(id, outcome) {
    const entry = this.pending.find((each) => each.id === id);
    if (entry) Object.assign(entry, outcome);
    if (outcome.state === "sent") this.store.drop(id);
    if (this.inFlight === id) this.#landed();
    this.#flush();
    this.#tell();
  }

  #landed() {
    clearTimeout(this.answer);
    this.inFlight = null;
  }

  #hello() {
    const stale = Date.now() - this.welcomedAt > LINKS_LAST_MS;
    if (stale && this.messages.some((message) => message.attachments.length)) this.messages = [];
    const hello = { type: "hello", token: this.token, after: this.lastSeq, language: this.language };
    return this.code !== null && this.token === null ? { ...hello, continue: this.code } : hello;
  }

  #linked(state) {
    this.link = state;
    if (state === "offline") {
      this.#landed();
      this.situation = { ...this.situation, typing: false };
    }
    this.#tell();
  }

  #receive(frame) {
    switch (frame.type) {
      case "welcome":
        return this.#welcome(frame);
      case "message":
        return this.#message(frame);
      case "situation":
        this.situation = frame;
        return this.#tell();
      case "elsewhere":
        this.ways = this.asking ? frame.ways : null;
        return this.#tell();
      case "accepted":
        return this.#settle(frame.id, { state: "sent" });
      case "rejected":
        return this.#rejected(frame);
      case "error":
        return this.#error(frame);
    }
  }

  #welcome(frame) {
    const other = this.store.token;
    if (this.token === null && other !== null) return this.#begin(); // another tab was faster: join it
    if (frame.last < this.lastSeq) return this.#refetch(); // the record was set back: ours is not true any more
    this.token = this.store.token = frame.token;
    this.code = null;
    this.maxLength = frame.max_length;
    this.maxFiles = frame.max_files;
    this.maxFile = frame.max_file;
    this.welcomedAt = Date.now();
    this.waiting.splice(0).forEach((resolve) => resolve());
    this.situation = frame.situation;
    this.goal = frame.last;
    this.connection.welcomed();
    if (this.asking && this.ways === null) this.askElsewhere();
    this.#landed();
    this.#flush();
    this.#tell();
  }

  #refetch() {
    this.messages = [];
    this.store.read = 0;
    this.connection.now();
  }

  #message(message) {
    if (message.seq <= this.lastSeq) return;
    const mine = this.pending.find((each) => each.id === message.id);
    if (mine) {
      if (!message.text) message.text = mine.choice?.title ?? mine.text;
      this.store.drop(mine.id);
      this.pending = this.pending.filter((each) => each !== mine);
    }
    this.messages.push(message);
    this.#tell();
  }

  #rejected({ id, code, text }) {
    if (!PASSING.has(code)) return this.#settle(id, { state: "failed", reason: text, code, final: true });
    clearTimeout(this.answer);
    this.answer = setTimeout(() => {
      this.#landed();
      this.#flush();
    }, TRY_AGAIN_MS);
  }

  #error({ code, text }) {
    this.notice = text;
    if (code === "unknown_token") {
      this.store.token = this.token = null;
      this.#refetch();
    }
    if (code === "bad_link") {
      this.code = null;
      this.store.leaveTab();
      this.#begin();
    }
    this.#tell();
  }

  #tell() {
    if (this.told) return;
    this.told = true;
    queueMicrotask(() => {
      this.told = false;
      this.changed();
    });
  }
}

/** crypto.randomUUID exists only on secure pages; the widget may be embedded on any. */
function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
