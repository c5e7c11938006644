// What the page knows of the workspace: the state as it was read, and the news since.

const keyOf = (message) => (message.ephemeral_to ? `only-${message.ts}` : message.ts);
const isReply = (message) => Boolean(message.thread_ts) && message.thread_ts !== message.ts && message.subtype !== "thread_broadcast";

/** Holds it, tells its listeners what changed. */
export class Store {
  constructor() {
    this.listeners = new Set();
    this.emoji = {};
    this.read({ team: { id: "", name: "" }, language: "ja", me: "", users: [], channels: [], groups: [], emoji: {}, notes: [], messages: {} });
  }

  listen(listener) {
    this.listeners.add(listener);
  }

  tell(news) {
    for (const listener of this.listeners) listener(news);
  }

  /** Takes a whole state, as GET /sandbox/state gives it. */
  read(state) {
    this.team = state.team;
    this.language = state.language;
    this.me = state.me;
    this.emoji = state.emoji;
    this.notes = state.notes;
    this.users = new Map(state.users.map((user) => [user.id, user]));
    this.channels = new Map(state.channels.map((channel) => [channel.id, channel]));
    this.groups = new Map(state.groups.map((group) => [group.id, group]));
    this.messages = new Map(
      state.channels.map(({ id }) => [id, new Map((state.messages[id] ?? []).map((one) => [keyOf(one), one]))]),
    );
    this.tell({ type: "state" });
  }

  /** Takes a piece of news of the stream; false if it speaks of what is not known, and the state must be read again. */
  apply(news) {
    if (news.type === "note") {
      if (!this.notes.some((note) => note.id === news.note.id)) this.notes.push(news.note);
      this.tell(news);
      return true;
    }
    const all = this.messages.get(news.channel);
    if (!all || !this.knowsAuthor(news.message)) return false;
    if (news.type === "message_deleted") all.delete(news.ts);
    else if (news.message) this.put(all, news);
    else return false;
    this.tell(news);
    return true;
  }

  put(all, news) {
    const key = keyOf(news.message);
    news.isNew = !all.has(key);
    all.set(key, news.message);
  }

  knowsAuthor(message) {
    return !message?.user || this.users.has(message.user) || Boolean(message.bot_id);
  }

  user(id) {
    return this.users.get(id);
  }

  userName(id) {
    return this.users.get(id)?.display_name ?? id;
  }

  people() {
    return [...this.users.values()].filter((user) => !user.is_bot);
  }

  group(id) {
    return this.groups.get(id);
  }

  isMember(group, person) {
    return Boolean(this.groups.get(group)?.members.includes(person));
  }

  channel(id) {
    return this.channels.get(id);
  }

  channelName(id) {
    return this.channels.get(id)?.name ?? id;
  }

  message(channel, ts) {
    return this.messages.get(channel)?.get(ts);
  }

  /** Returns what a person sees in a channel, oldest first, each with its key. */
  timeline(channel, person) {
    return this.seen(channel, person).filter(({ message }) => !isReply(message));
  }

  /** Returns a thread's replies as a person sees them, oldest first. */
  replies(channel, ts, person) {
    return this.seen(channel, person).filter(({ message }) => message.thread_ts === ts && message.ts !== ts);
  }

  seen(channel, person) {
    const all = [...(this.messages.get(channel) ?? new Map())].map(([key, message]) => ({ key, message }));
    return all
      .filter(({ message }) => !message.ephemeral_to || message.ephemeral_to === person)
      .sort((a, b) => (a.message.ts < b.message.ts ? -1 : 1));
  }

  /** True if a message calls this person: by name, by a group of theirs, or everybody. */
  calls(message, person) {
    const text = JSON.stringify([message.text, message.blocks]);
    const inGroup = [...this.groups.values()].some((group) => group.members.includes(person) && text.includes(group.id));
    return message.user !== person && (inGroup || text.includes(`<@${person}`) || /<!(?:here|channel|everyone)/.test(text));
  }

  isReply(message) {
    return isReply(message);
  }
}
