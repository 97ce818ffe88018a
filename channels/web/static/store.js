// What must survive a reload: whose conversation it is, what was read, and what is not sent yet.

/** Keeps its things in localStorage under one prefix per server; in memory where storage is forbidden. */
export class Store {
  /** @param {string} server address that the widget came from */
  constructor(server) {
    this.prefix = `firstline:${server}:`;
    this.area = usableStorage();
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
      if (event.key === `${this.prefix}token`) callback(event.newValue);
    };
    addEventListener("storage", listener);
    return () => removeEventListener("storage", listener);
  }

  #set(name, value) {
    if (value === null) this.area.removeItem(this.prefix + name);
    else this.area.setItem(this.prefix + name, value);
  }
}

function usableStorage() {
  try {
    const probe = "firstline:probe";
    localStorage.setItem(probe, probe);
    localStorage.removeItem(probe);
    return localStorage;
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
