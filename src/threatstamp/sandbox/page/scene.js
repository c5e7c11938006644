// What stands on the page just now: who acts, which channel, which thread; and what a person does there.

import { drawCast } from "./cast.js";
import { drawChannels, Switcher, Unread } from "./channels.js";
import { Compose } from "./compose.js";
import { confirm } from "./dialogs.js";
import { el } from "./dom.js";
import { Frame, remember, remembered } from "./frame.js";
import { unescape } from "./mrkdwn.js";
import { courteous, oneLine } from "./message.js";
import { Notes } from "./notes.js";
import { Picker } from "./picker.js";
import { act } from "./stream.js";
import { fillTexts } from "./texts.js";
import { Thread } from "./thread.js";
import { Timeline } from "./timeline.js";
import { Times } from "./times.js";

const QUIET_ERRORS = new Set(["already_reacted", "no_reaction"]);
const ALOUD = 3;

/** Everything that the parts of the page ask for and tell. */
export class Scene {
  constructor(store, { language }) {
    this.store = store;
    this.unread = new Unread();
    this.person = "";
    this.channel = "";
    this.fresh = [];
    this.frame = new Frame({ language });
    const byId = this.frame.byId;
    this.timeline = new Timeline({ root: byId("posts"), scroll: byId("scroll"), arrivals: byId("arrivals") });
    this.thread = new Thread(byId("thread"), (channel, ts, text) => this.act("reply", { channel, ts, text }));
    this.compose = new Compose(byId("compose"), { id: "post-text", send: (text) => this.post(text) });
    this.notes = new Notes(byId("notes"), () => this.frame.toggleNotes());
    this.picker = new Picker(this);
    this.switcher = new Switcher(this);
    store.listen((news) => this.heard(news));
    addEventListener("hashchange", () => this.route());
    byId("skip").addEventListener("click", (event) => this.skip(event));
  }

  /** Takes the words of a language. */
  speak(say) {
    this.say = say;
    this.times = new Times(say);
    document.documentElement.lang = say.language;
    fillTexts(document, say);
    this.picker.close();
    this.draw();
  }

  get version() {
    return [this.say.language, this.person, this.times.dayKey(Date.now() / 1000)].join("|");
  }

  me() {
    return courteous(this.person, this);
  }

  // -- drawing ------------------------------------------------------------------------------------------

  draw() {
    this.frame.draw(this);
    drawCast(this.frame.byId("cast"), this);
    this.drawSidebar();
    this.drawRoom();
    this.notes.draw(this);
  }

  drawSidebar() {
    drawChannels(this.frame.byId("channels"), this);
    this.frame.dot("open-channels", this.unread.total > 0);
    const name = this.channel ? `#${this.store.channelName(this.channel)} | ` : "";
    document.title = `${this.unread.total ? `(${this.unread.total}) ` : ""}${name}Threatstamp`;
  }

  drawRoom() {
    const channel = this.store.channel(this.channel);
    const name = channel ? `#${channel.name}` : "";
    this.frame.byId("room-name").textContent = name;
    this.frame.byId("posts").setAttribute("aria-label", this.say("posts_of", { channel: name }));
    this.frame.byId("hint").textContent = this.say("hint");
    this.frame.byId("hint").hidden = Boolean(remembered("hinted")) || !channel || !this.person;
    this.compose.draw({ placeholder: this.say("post_placeholder", { channel: name, person: this.me() }), send: this.say("send"), closed: this.closed(channel) });
    this.timeline.draw(this);
    this.thread.draw(this);
  }

  closed(channel) {
    if (!channel) return this.say("closed_empty");
    if (!this.person) return this.say("nobody");
    return channel.is_archived ? this.say("closed_archived") : "";
  }

  // -- news ---------------------------------------------------------------------------------------------

  heard(news) {
    if (!this.say) return;
    if (news.type === "state") this.settle();
    else if (news.type === "note") this.noted();
    else this.changed(news);
  }

  /** A new state: the person and the channel may be gone. */
  settle() {
    const people = this.store.people().map((user) => user.id);
    if (!people.includes(this.person)) this.person = [remembered("person"), people[0]].find((id) => people.includes(id)) ?? "";
    this.route();
    this.draw();
  }

  noted() {
    this.notes.draw(this);
    if (!this.frame.notesShown()) this.frame.dot("notes-switch", true);
  }

  changed({ type, channel, message, isNew }) {
    if (message && (!message.ephemeral_to || message.ephemeral_to === this.person)) {
      if (isNew) this.arrived(channel, message);
      else if (type === "message_changed" && message.user === this.store.me && channel === this.channel) this.fresh.push(message);
    }
    this.drawSoon();
  }

  arrived(channel, message) {
    const mine = message.user === this.person;
    const calls = this.store.calls(message, this.person) || Boolean(message.ephemeral_to);
    if (channel === this.channel) this.fresh.push(message);
    else if (!mine && (calls || !this.store.isReply(message))) this.unread.add(channel, message.ts, calls);
    if (!mine) this.announce(channel, message);
  }

  announce(channel, message) {
    this.aloud = [...(this.aloud ?? []), `#${this.store.channelName(channel)} ${oneLine(message, this)}`];
  }

  /** However much comes at once, the page is drawn once a frame. */
  drawSoon() {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      this.drawNews();
    });
  }

  drawNews() {
    const fresh = this.fresh.splice(0);
    this.drawSidebar();
    this.timeline.arrived(fresh.filter((one) => !this.store.isReply(one)).map((one) => one.ts), this);
    const replies = fresh.filter((one) => one.thread_ts === this.thread.ts && this.store.isReply(one));
    if (replies.length && this.thread.isOpen) this.thread.arrived(replies.at(-1).ts, this);
    else this.thread.draw(this);
    if (fresh.some((one) => one.user === this.person && !this.store.isReply(one))) this.timeline.toEnd();
    const aloud = (this.aloud ?? []).splice(0);
    if (aloud.length > ALOUD) this.frame.announce(this.say("arrivals", { count: aloud.length }));
    else for (const line of aloud) this.frame.announce(line);
  }

  // -- where --------------------------------------------------------------------------------------------

  go(channel, ts = "") {
    const hash = `#/${channel}${ts ? `/${ts}` : ""}`;
    if (location.hash === hash) this.route();
    else location.hash = hash;
  }

  route() {
    const [, wanted = "", ts = ""] = location.hash.split("/");
    const channel = this.store.channel(wanted) ? wanted : ([...this.store.channels.keys()][0] ?? "");
    if (channel !== this.channel) this.enter(channel);
    if (ts && this.shownTs !== location.hash) this.show(channel, ts);
    this.shownTs = ts ? location.hash : "";
  }

  enter(channel) {
    this.channel = channel;
    this.thread.hide();
    this.frame.closeDrawers();
    this.timeline.open(channel, this.unread.clear(channel));
    if (!this.say) return;
    this.drawSidebar();
    this.drawRoom();
    this.timeline.toEnd();
  }

  show(channel, ts) {
    const message = this.store.message(channel, ts);
    if (!message) return this.frame.toast(this.say("post_not_there"));
    if (!this.store.isReply(message)) return this.timeline.reveal(ts, this);
    this.thread.open(channel, message.thread_ts);
    return this.thread.arrived(ts, this);
  }

  // -- what a person does -------------------------------------------------------------------------------

  become(person) {
    this.person = person;
    remember("person", person);
    this.draw();
  }

  /** Returns true if the sandbox took it; otherwise says why not. */
  async act(action, more) {
    const error = await act({ action, user: this.person, channel: this.channel, ...more });
    if (error && !QUIET_ERRORS.has(error)) {
      this.frame.toast(this.say.has(`error_${error}`) ? this.say(`error_${error}`) : this.say("error_other", { error }));
    }
    return !error;
  }

  async post(text) {
    return this.act("post", { text });
  }

  toggle(message, emoji) {
    if (!this.person) return false;
    const now = this.store.message(this.channel, message.ts) ?? message;
    const mine = now.reactions?.some((one) => one.name === emoji && one.users.includes(this.person));
    this.act(mine ? "unreact" : "react", { ts: message.ts, emoji }).then((done) => done && this.learnt());
    return true;
  }

  /** Who has reacted once needs no hint. */
  learnt() {
    remember("hinted", "yes");
    this.frame.byId("hint").hidden = true;
  }

  pick(message, anchor) {
    if (!this.person) return false;
    this.picker.open(anchor, (emoji) => this.toggle(message, emoji));
    return true;
  }

  openThread(message, how) {
    this.thread.open(this.channel, message.thread_ts ?? message.ts, how);
    this.thread.draw(this);
    return true;
  }

  closeThread() {
    this.thread.hide();
  }

  edit(message, place) {
    const list = place === "timeline" ? this.timeline.list : this.thread.list;
    const what = list.find(message.ts)?.querySelector(".what");
    if (!what) return false;
    const field = el("textarea", { class: "field", rows: "2", "aria-label": this.say("edit"), value: unescape(message.text ?? "") });
    const end = () => {
      what.replaceChildren(...before);
      what.closest("article").focus();
    };
    const before = [...what.childNodes];
    field.addEventListener("keydown", (event) => this.editKey(event, { message, field, end }));
    what.replaceChildren(field, el("p", { class: "faint small" }, this.say("edit_hint")));
    field.focus();
    return true;
  }

  editKey(event, { message, field, end }) {
    if (event.isComposing || event.keyCode === 229) return;
    const text = field.value.trim();
    if (event.key === "Escape") end();
    else if (event.key === "Enter" && !event.shiftKey && text) this.act("edit", { ts: message.ts, text }).then((done) => done && end());
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  remove(message) {
    confirm(this.say("remove_sure"), { yes: this.say("remove"), no: this.say("cancel") }).then((sure) => sure && this.act("delete", { ts: message.ts }));
    return true;
  }

  // -- the keyboard -------------------------------------------------------------------------------------

  switchChannel() {
    this.switcher.open();
    return true;
  }

  focusCompose() {
    this.compose.field.focus();
    return true;
  }

  selectPost() {
    this.timeline.select(this.timeline.list.stop);
  }

  skip(event) {
    event.preventDefault();
    this.selectPost();
  }

  step(post, by) {
    const list = post?.closest(".thread") ? this.thread.list : this.timeline.list;
    const all = list.posts();
    const at = post ? all.indexOf(post) + by : all.indexOf(list.stop);
    const next = all[Math.max(0, Math.min(all.length - 1, at))];
    if (!next) return false;
    list.stopAt(next);
    next.focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
    return true;
  }

  messageOf(post) {
    return this.store.message(this.channel, post.dataset.ts);
  }

  back() {
    if (this.frame.closeDrawers()) return true;
    if (this.thread.isOpen) this.thread.hide();
    else this.selectPost();
    return true;
  }
}
