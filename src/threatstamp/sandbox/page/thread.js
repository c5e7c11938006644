// A thread beside the channel: the post, its replies, and a field to answer in.

import { Compose } from "./compose.js";
import { el, iconButton } from "./dom.js";
import { postElement } from "./message.js";
import { highlight, PostList } from "./timeline.js";

/** Shows one thread at a time. */
export class Thread {
  constructor(root, send) {
    this.root = root;
    this.title = el("h2", { tabindex: "-1" });
    this.close = iconButton("close", "", () => this.hide());
    this.scroll = el("div", { class: "scroll" });
    this.posts = el("div", { class: "posts", role: "feed" });
    this.list = new PostList(this.posts);
    const form = el("form", { class: "compose" });
    this.compose = new Compose(form, { id: "reply-text", send: (text) => send(this.channel, this.ts, text) });
    this.scroll.append(this.posts);
    root.append(el("header", { class: "side-head" }, this.title, this.close), this.scroll, form);
  }

  get isOpen() {
    return !this.root.hidden;
  }

  open(channel, ts, { write = false } = {}) {
    if (!this.isOpen) this.back = document.activeElement;
    [this.channel, this.ts] = [channel, ts];
    this.root.hidden = false;
    document.body.classList.add("with-thread");
    if (write) this.compose.field.focus();
    else this.title.focus();
  }

  hide() {
    if (!this.isOpen) return;
    this.root.hidden = true;
    document.body.classList.remove("with-thread");
    if (this.back?.isConnected) this.back.focus({ preventScroll: true });
  }

  draw(scene) {
    if (!this.isOpen) return;
    this.words(scene);
    const parent = scene.store.message(this.channel, this.ts);
    const replies = scene.store.replies(this.channel, this.ts, scene.person);
    const top = parent
      ? { key: "parent", source: parent, make: (one) => postElement(parent, one, "parent") }
      : { key: "gone", source: "gone", make: (one) => el("p", { class: "empty small" }, one.say("parent_gone")) };
    const count = { key: "count", source: replies.length, make: (one) => this.count(replies.length, one) };
    const items = replies.map(({ key, message }) => ({ key, source: message, make: (one) => postElement(message, one, "reply") }));
    this.list.show([top, count, ...items], scene, scene.version);
  }

  count(count, scene) {
    const text = count ? scene.say("replies", { count }) : scene.say("no_replies");
    return el("div", { class: "separator", role: "separator", "aria-label": text }, el("span", {}, text));
  }

  words(scene) {
    const { say, store } = scene;
    this.title.replaceChildren(say("thread"), el("span", { class: "faint small" }, `#${store.channelName(this.channel)}`));
    this.root.setAttribute("aria-label", say("thread"));
    this.close.setAttribute("aria-label", say("close"));
    this.close.title = say("close");
    const archived = store.channel(this.channel)?.is_archived;
    this.compose.draw({ placeholder: say("reply_placeholder", { person: scene.me() }), send: say("send"), closed: this.closedBy(scene, archived) });
  }

  closedBy(scene, archived) {
    if (!scene.person) return scene.say("nobody");
    return archived ? scene.say("closed_archived") : "";
  }

  arrived(ts, scene) {
    this.draw(scene);
    highlight(this.list.find(ts));
    this.scroll.scrollTop = this.scroll.scrollHeight;
  }
}
