// The channels at the left with what is unread, and the quick way to one of many.

import { drawing, el } from "./dom.js";

const SWITCHER_MOST = 30;

/** What each channel has that this reader has not seen. */
export class Unread {
  constructor() {
    this.counts = new Map();
  }

  add(channel, ts, calls) {
    const old = this.counts.get(channel) ?? { count: 0, calls: 0, from: ts };
    this.counts.set(channel, { count: old.count + 1, calls: old.calls + (calls ? 1 : 0), from: old.from });
  }

  of(channel) {
    return this.counts.get(channel);
  }

  clear(channel) {
    const from = this.counts.get(channel)?.from;
    this.counts.delete(channel);
    return from;
  }

  get total() {
    return [...this.counts.values()].reduce((sum, one) => sum + one.count, 0);
  }
}

export function drawChannels(root, scene) {
  const had = root.contains(document.activeElement) ? document.activeElement.dataset.id : null;
  const scrolled = root.querySelector("ul")?.scrollTop ?? 0;
  const all = [...scene.store.channels.values()];
  const list = all.length
    ? el("ul", { on: { keydown: walk } }, all.map((channel) => row(channel, scene)))
    : el("p", { class: "empty small" }, scene.say("empty_channels"));
  root.replaceChildren(opener(scene), list);
  if (list.tagName === "UL") list.scrollTop = scrolled;
  if (had) root.querySelector(`[data-id="${CSS.escape(had)}"]`)?.focus();
}

function opener(scene) {
  return el("button", { type: "button", class: "jump", data: { id: "jump" }, on: { click: () => scene.switchChannel() } }, drawing("search"), el("span", {}, scene.say("jump")), el("kbd", {}, "/"));
}

function row(channel, scene) {
  const unread = scene.unread.of(channel.id);
  const here = channel.id === scene.channel;
  const words = [channel.is_private ? scene.say("private") : null, channel.is_archived ? scene.say("archived") : null];
  return el(
    "li",
    {},
    el(
      "a",
      {
        href: `#/${channel.id}`,
        class: unread ? "channel has-unread" : "channel",
        "aria-current": here ? "page" : null,
        tabindex: here ? "0" : "-1",
        data: { id: channel.id },
      },
      el("span", { class: "sign", "aria-hidden": "true" }, channel.is_private ? drawing("lock") : "#"),
      el("span", { class: "channel-name" }, channel.name),
      ...words.filter(Boolean).map((word) => el("span", { class: "tag" }, word)),
      unread ? badge(unread, scene) : null,
    ),
  );
}

function badge(unread, scene) {
  const label = scene.say(unread.calls ? "unread_calls" : "unread", { count: unread.count });
  return el("span", { class: unread.calls ? "badge calls" : "badge", title: label }, el("span", { "aria-hidden": "true" }, String(unread.count)), el("span", { class: "unseen" }, label));
}

/** Arrows move among the channels. */
function walk(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const all = [...event.currentTarget.querySelectorAll("a.channel")];
  const at = all.indexOf(document.activeElement);
  if (!step || at < 0) return;
  event.preventDefault();
  event.stopPropagation();
  all[Math.max(0, Math.min(all.length - 1, at + step))].focus();
}

/** A field and what fits it; Enter goes there. */
export class Switcher {
  constructor(scene) {
    this.scene = scene;
  }

  open() {
    const say = this.scene.say;
    this.field = el("input", { type: "text", class: "field", role: "combobox", "aria-expanded": "true", "aria-controls": "switch-list", "aria-label": say("jump"), placeholder: say("jump_hint"), autocomplete: "off", spellcheck: "false", on: { input: () => this.draw(), keydown: (event) => this.key(event) } });
    this.list = el("ul", { id: "switch-list", role: "listbox", "aria-label": say("channels") });
    this.dialog = el("dialog", { class: "switcher", "aria-label": say("jump"), on: { close: () => this.dialog.remove(), click: (event) => event.target === this.dialog && this.dialog.close() } }, el("div", { class: "sheet" }, this.field, this.list));
    document.body.append(this.dialog);
    this.dialog.showModal();
    this.draw();
    this.field.focus();
  }

  draw() {
    const wanted = this.field.value.trim().toLowerCase().replace(/^#/, "");
    const all = [...this.scene.store.channels.values()].filter((one) => one.name.toLowerCase().includes(wanted));
    const weight = (one) => (this.scene.unread.of(one.id) ? 2 : 0) + (one.name.toLowerCase().startsWith(wanted) ? 1 : 0);
    this.found = all.sort((a, b) => weight(b) - weight(a));
    this.list.replaceChildren(...this.found.slice(0, SWITCHER_MOST).map((one, at) => this.option(one, at)));
    if (!this.found.length) this.list.append(el("li", { class: "faint", role: "option", "aria-disabled": "true" }, this.scene.say("jump_none")));
    this.mark(0);
  }

  option(channel, at) {
    const unread = this.scene.unread.of(channel.id);
    return el("li", { role: "option", id: `switch-${at}`, data: { id: channel.id }, on: { click: () => this.go(channel.id) } }, el("span", { class: "sign", "aria-hidden": "true" }, "#"), el("span", { class: "channel-name" }, channel.name), unread ? badge(unread, this.scene) : null);
  }

  mark(at) {
    const all = [...this.list.querySelectorAll("[data-id]")];
    this.at = Math.max(0, Math.min(at, all.length - 1));
    all.forEach((one, number) => one.setAttribute("aria-selected", String(number === this.at)));
    if (all.length) this.field.setAttribute("aria-activedescendant", `switch-${this.at}`);
    all[this.at]?.scrollIntoView({ block: "nearest" });
  }

  key(event) {
    if (event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) this.mark(this.at + step);
    else if (event.key === "Enter" && this.found.length) this.go(this.found[this.at].id);
    else return;
    event.preventDefault();
  }

  go(channel) {
    this.dialog.close();
    this.scene.go(channel);
  }
}
