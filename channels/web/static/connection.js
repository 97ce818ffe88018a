// The socket: connects, comes back when cut off, and notices when the line has gone dead.

const FIRST_DELAY_MS = 400;
const LONGEST_DELAY_MS = 20_000;
const PING_MS = 25_000;
const PONG_MS = 8_000;

/**
 * States: "connecting" (first attempt), "open" (the server said welcome), "offline" (waiting to try again).
 */
export class Connection {
  /**
   * @param {string} address ws: or wss:
   * @param {{hello: () => object, frame: (frame: object) => void, state: (state: string) => void}} client
   */
  constructor(address, client) {
    this.address = address;
    this.client = client;
    this.state = "connecting";
    this.attempts = 0;
    this.wake = () => this.state === "offline" && document.visibilityState === "visible" && this.now();
  }

  start() {
    addEventListener("online", this.wake);
    document.addEventListener("visibilitychange", this.wake);
    this.#open();
  }

  stop() {
    removeEventListener("online", this.wake);
    document.removeEventListener("visibilitychange", this.wake);
    this.#drop();
  }

  /** Do not wait for the next attempt. */
  now() {
    this.attempts = 0;
    this.#drop();
    this.#open();
  }

  /** Sends `frame`; false when there is no line. */
  send(frame) {
    if (this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  /** The server accepted our hello. */
  welcomed() {
    this.attempts = 0;
    this.#become("open");
  }

  #open() {
    const socket = new WebSocket(this.address);
    this.socket = socket;
    socket.onopen = () => this.send(this.client.hello());
    socket.onmessage = (event) => {
      this.#heard();
      this.client.frame(JSON.parse(event.data));
    };
    socket.onclose = () => this.#lost();
    this.#heard();
  }

  /** Forgets the socket, whatever it is doing; its late events reach nobody. */
  #drop() {
    clearTimeout(this.timer);
    clearTimeout(this.pulse);
    if (!this.socket) return;
    this.socket.onopen = this.socket.onmessage = this.socket.onclose = null;
    this.socket.close();
    this.socket = null;
  }

  #lost() {
    this.#drop();
    this.#become("offline");
    const ceiling = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** this.attempts++);
    // Jitter: a restarted server is not met by all its customers in the same moment.
    this.timer = setTimeout(() => this.#open(), ceiling * (0.5 + Math.random() / 2));
  }

  #heard() {
    clearTimeout(this.pulse);
    this.pulse = setTimeout(() => {
      this.send({ type: "ping" });
      this.pulse = setTimeout(() => this.#lost(), PONG_MS);
    }, PING_MS);
  }

  #become(state) {
    if (this.state === state) return;
    this.state = state;
    this.client.state(state);
  }
}
