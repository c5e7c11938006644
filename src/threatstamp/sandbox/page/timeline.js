// The posts of a channel in their order: days, what is new, the newest kept in sight.

import { el } from "./dom.js";
import { postElement } from "./message.js";

const FIRST = 120;
const MORE = 200;
const NEAR = 80;
const FRESH = 4_000;

/** Lists of posts are kept, not drawn anew: only what changed is replaced, and the focus stays. */
export class PostList {
  constructor(root) {
    this.root = root;
    this.shown = new Map();
    root.addEventListener("focusin", (event) => this.stopAt(event.target.closest("article.post")));
  }

  /** Tab reaches one post and what is in it; arrows move among the posts. */
  stopAt(post) {
    if (!post || post === this.stop) return;
    if (this.stop) reach(this.stop, false);
    reach(post, true);
    this.stop = post;
  }

  /** After drawing: one post is a stop, the last if none was. */
  keepOneStop() {
    const posts = this.posts();
    for (const post of posts) reach(post, post === this.stop);
    if (!this.stop?.isConnected) this.stopAt(posts.at(-1));
  }

  /** Shows the items in order; version changes when all must be drawn anew. */
  show(items, scene, version) {
    const kept = new Map();
    let before = null;
    for (const item of items) {
      const old = this.shown.get(item.key);
      const same = old && old.version === version && old.source === item.source;
      const element = same ? old.element : this.replace(old?.element, item.make(scene));
      kept.set(item.key, { element, version, source: item.source });
      const next = before ? before.nextSibling : this.root.firstChild;
      if (next !== element) this.root.insertBefore(element, next);
      before = element;
    }
    for (const [key, old] of this.shown) if (!kept.has(key)) this.drop(old.element);
    this.shown = kept;
    this.keepOneStop();
  }

  replace(old, fresh) {
    if (!old?.isConnected) return fresh;
    const active = old.contains(document.activeElement) ? document.activeElement : null;
    if (old === this.stop) this.stop = fresh;
    if (old.classList.contains("fresh")) fresh.classList.add("fresh");
    old.replaceWith(fresh);
    if (active) focusAlike(active, old, fresh);
    return fresh;
  }

  drop(element) {
    const next = element.nextElementSibling ?? element.previousElementSibling;
    const had = element.contains(document.activeElement);
    element.remove();
    if (had) next?.focus?.();
  }

  posts() {
    return [...this.root.querySelectorAll("article.post")];
  }

  find(ts) {
    return this.posts().find((post) => post.dataset.ts === ts);
  }
}

function reach(post, can) {
  const tabIndex = can ? 0 : -1;
  post.tabIndex = tabIndex;
  for (const one of post.querySelectorAll("a, button, pre")) one.tabIndex = tabIndex;
}

function focusAlike(active, old, fresh) {
  const key = active.dataset.key;
  const alike = key ? fresh.querySelector(`[data-key="${CSS.escape(key)}"]`) : null;
  (alike ?? fresh).focus({ preventScroll: true });
}

/** Marks a post that has just come. */
export function highlight(element, name = "fresh") {
  if (!element) return;
  element.classList.add(name);
  setTimeout(() => element.classList.remove(name), FRESH);
}

/** The middle of the page. */
export class Timeline {
  constructor({ root, scroll, arrivals }) {
    this.list = new PostList(root);
    this.scroll = scroll;
    this.arrivals = arrivals;
    this.limit = FIRST;
    this.missed = 0;
    scroll.addEventListener("scroll", () => this.scrolled(), { passive: true });
    arrivals.addEventListener("click", () => this.toEnd());
  }

  /** Opens a channel at its end, or where something new begins. */
  open(channel, unreadFrom) {
    this.channel = channel;
    this.unreadFrom = unreadFrom;
    this.limit = FIRST;
    this.missed = 0;
  }

  draw(scene) {
    const stay = this.isAtEnd();
    const all = scene.store.timeline(this.channel, scene.person);
    const items = all.length ? this.items(all, scene) : [this.empty(scene)];
    this.list.show(items, scene, scene.version);
    if (stay) this.toEnd();
  }

  items(all, scene) {
    const hidden = Math.max(0, all.length - this.limit);
    const items = hidden ? [this.earlier(hidden)] : [];
    let day = "";
    let told = false;
    for (const { key, message } of all.slice(hidden)) {
      const next = scene.times.dayKey(message.ts);
      if (next !== day) items.push(separator(`day-${next}`, "day", scene.times.day(message.ts)));
      day = next;
      if (!told && this.unreadFrom && message.ts >= this.unreadFrom) {
        items.push(separator("unread", "unread-line", scene.say("new_from_here")));
        told = true;
      }
      items.push({ key, source: message, make: (one) => postElement(message, one, "timeline") });
    }
    return items;
  }

  earlier(count) {
    const make = (scene) =>
      el("button", { type: "button", class: "earlier", on: { click: () => this.showEarlier(scene) } }, scene.say("earlier", { count }));
    return { key: "earlier", source: count, make };
  }

  showEarlier(scene) {
    const before = this.scroll.scrollHeight - this.scroll.scrollTop;
    const first = this.list.posts()[0];
    this.limit += MORE;
    this.draw(scene);
    this.scroll.scrollTop = this.scroll.scrollHeight - before;
    this.select(first);
  }

  empty(scene) {
    const key = this.channel ? "empty_channel" : "empty_workspace";
    const make = (one) => el("div", { class: "empty" }, el("p", { class: "big" }, one.say(key)), el("p", {}, one.say(`${key}_more`)));
    return { key: `empty-${scene.version}`, source: key, make };
  }

  /** Posts came in: they are marked, and counted below if they are out of sight. */
  arrived(all, scene) {
    const stay = this.isAtEnd();
    this.draw(scene);
    const found = all.map((ts) => this.list.find(ts)).filter(Boolean);
    for (const post of found) highlight(post);
    if (!stay) this.missed += found.length;
    this.showArrivals(scene);
  }

  showArrivals(scene) {
    this.arrivals.hidden = this.missed === 0;
    this.arrivals.textContent = scene.say("arrivals", { count: this.missed });
  }

  isAtEnd() {
    return this.scroll.scrollHeight - this.scroll.scrollTop - this.scroll.clientHeight < NEAR;
  }

  toEnd() {
    this.scroll.scrollTop = this.scroll.scrollHeight;
  }

  scrolled() {
    if (!this.isAtEnd()) return;
    this.missed = 0;
    this.arrivals.hidden = true;
  }

  /** Brings a post into sight, drawing older ones if it is among them. */
  reveal(ts, scene) {
    if (!this.list.find(ts) && scene.store.message(this.channel, ts)) {
      this.limit = Infinity;
      this.draw(scene);
    }
    const post = this.list.find(ts);
    if (!post) return false;
    this.select(post);
    post.scrollIntoView({ block: "center" });
    highlight(post, "aimed");
    return true;
  }

  select(post) {
    if (!post) return;
    this.list.stopAt(post);
    post.focus({ preventScroll: true });
    post.scrollIntoView({ block: "nearest" });
  }
}

function separator(key, kind, text) {
  return { key: `${key}`, source: text, make: () => el("div", { class: `separator ${kind}`, role: "separator", "aria-label": text }, el("span", {}, text)) };
}
