// What must survive a reload: whose conversation it is, what was read, and what is not sent yet.

/**
 * Keeps its things in localStorage under one prefix per server; in memory where storage is forbidden.
 *
 * A tab that a link brought to a conversation keeps them in sessionStorage instead: what the visitor has in other tabs
 * stays theirs, and this one goes on here after a reload.
 */
export class Store {
  /**
   * @param {string} server address that the widget came from
   * @param {boolean} linked a link brings this tab to a conversation
   */
  constructor(server, linked = false) {
    this.prefix = `firstline:${server}:`;
    this.area = usableStorage("sessionStorage");
    if (linked) this.forget();
    else if (this.token === null) this.leaveTab();
  }

  /** The conversation that the visitor has in all tabs, instead of one of this tab's own. */
  leaveTab() {
    this.area = usableStorage("localStorage");
  }

  get token() {
    return this.area.getItem(`${this.prefix}token`);
  }

  set token(token) {
    this.#set("token", token);
  }

  /** Sequence number up to which the customer has seen the conversation. */
  get read() {
    return Number(this.area.getItem(`${this.prefix}read`) ?? 0);
  }

  set read(seq) {
    this.#set("read", seq);
  }

  /** What is typed but not sent. */
  get draft() {
    return this.area.getItem(`${this.prefix}draft`) ?? "";
  }

  set draft(text) {
    this.#set("draft", text || null);
  }

  /** Unsent messages, oldest first. One key each, so that two tabs never overwrite each other's. */
  outbox() {
    const keys = Array.from({ length: this.area.length }, (_, index) => this.area.key(index));
    return keys
      .filter((key) => key.startsWith(`${this.prefix}outbox:`))
      .map((key) => JSON.parse(this.area.getItem(key)))
      .sort((one, other) => one.at - other.at);
  }

  put(entry) {
    this.#set(`outbox:${entry.id}`, JSON.stringify(entry));
  }

  drop(id) {
    this.#set(`outbox:${id}`, null);
  }

  /** The next visitor is a new one. */
  forget() {
    this.outbox().forEach((entry) => this.drop(entry.id));
    for (const name of ["token", "read", "draft"]) this.#set(name, null);
  }

  /** Calls back when another tab begins or ends a conversation. Returns how to stop. */
  onOtherToken(callback) {
    const listener = (event) => {
      if (event.storageArea === this.area && event.key === `${this.prefix}token`) callback(event.newValue);
    };
    addEventListener("storage", listener);
    return () => removeEventListener("storage", listener);
  }

  #set(name, value) {
    if (value === null) this.area.removeItem(this.prefix + name);
    else this.area.setItem(this.prefix + name, value);
  }
}

/** @param {"localStorage" | "sessionStorage"} name */
function usableStorage(name) {
  try {
    const probe = "firstline:probe";
    const area = window[name];
    area.setItem(probe, probe);
    area.removeItem(probe);
    return area;
  } catch {
    return new MemoryStorage();
  }
}

class MemoryStorage {
  #items = new Map();

  get length() {
    return this.#items.size;
  }

  key(index) {
    return [...this.#items.keys()][index];
  }

  getItem(key) {
    return this.#items.get(key) ?? null;
  }

  setItem(key, value) {
    this.#items.set(key, String(value));
  }

  removeItem(key) {
    this.#items.delete(key);
  }
}
