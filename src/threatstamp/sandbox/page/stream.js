// The connection to the sandbox: news as it happens, the whole state after each gap, and acts.

const FIRST_WAIT = 500;
const LONGEST_WAIT = 5_000;

/** Keeps a store up to date. `connected(is)` is called when that changes. */
export class Stream {
  constructor(store, connected) {
    this.store = store;
    this.connected = connected;
    this.wait = FIRST_WAIT;
    this.reading = null;
  }

  start() {
    this.source = new EventSource("/sandbox/stream");
    this.source.onopen = () => this.opened();
    this.source.onmessage = (event) => this.arrived(JSON.parse(event.data));
    this.source.onerror = () => this.lost();
  }

  async opened() {
    this.wait = FIRST_WAIT;
    try {
      await this.refresh();
      this.connected(true);
    } catch {
      this.lost();
    }
  }

  /** Our own timer, not the browser's: it would give up after an answer that is no stream. */
  lost() {
    this.source.close();
    this.connected(false);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.start(), this.wait);
    this.wait = Math.min(this.wait * 1.6, LONGEST_WAIT);
  }

  /** News that comes while the state is read waits for it. */
  arrived(news) {
    if (this.reading) this.waiting.push(news);
    else if (news.type === "reset" || news.type === "channel" || !this.store.apply(news)) this.refresh().catch(() => this.lost());
  }

  async refresh() {
    if (this.reading) return this.reading;
    this.waiting = [];
    this.reading = this.readState();
    try {
      await this.reading;
    } finally {
      this.reading = null;
      for (const news of this.waiting) if (news.type !== "reset" && news.type !== "channel") this.store.apply(news);
    }
    return undefined;
  }

  async readState() {
    const answer = await fetch("/sandbox/state", { cache: "no-store" });
    if (!answer.ok) throw new Error(`state: ${answer.status}`);
    this.store.read(await answer.json());
  }
}

/** Does something as a person; returns null, or the sandbox's reason for refusing. */
export async function act(body) {
  try {
    const answer = await fetch("/sandbox/act", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    const said = await answer.json();
    return said.ok ? null : said.error;
  } catch {
    return "unreachable";
  }
}
