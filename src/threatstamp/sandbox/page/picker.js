// The small window in which an emoji is chosen: search, arrows, Enter.

import { el } from "./dom.js";
import { QUICK, search, signOf } from "./emoji.js";

const MOST = 160;
const COLUMNS = 8;

/** Opens over the page beside what it was asked for; one at a time. */
export class Picker {
  constructor(scene) {
    this.scene = scene;
  }

  open(anchor, chosen) {
    this.close();
    this.chosen = chosen;
    this.back = document.activeElement ?? anchor;
    const say = this.scene.say;
    this.field = el("input", { type: "search", class: "field", placeholder: say("emoji_search"), "aria-label": say("emoji_search"), autocomplete: "off", spellcheck: "false", on: { input: () => this.draw() } });
    this.grid = el("div", { class: "emoji-grid", role: "group", "aria-label": say("emoji") });
    this.named = el("p", { class: "emoji-name faint small", "aria-hidden": "true" });
    this.box = el("div", { class: "picker", role: "dialog", "aria-label": say("react"), on: { keydown: (event) => this.key(event), focusin: (event) => this.name(event.target), mouseover: (event) => this.name(event.target) } }, this.field, this.grid, this.named);
    this.outside = (event) => this.box.contains(event.target) || this.close();
    document.addEventListener("pointerdown", this.outside);
    document.body.append(this.box);
    this.draw();
    this.place(anchor);
    this.field.focus();
  }

  get isOpen() {
    return Boolean(this.box);
  }

  close({ focus = false } = {}) {
    if (!this.box) return;
    document.removeEventListener("pointerdown", this.outside);
    this.box.remove();
    this.box = null;
    if (focus && this.back?.isConnected) this.back.focus({ preventScroll: true });
  }

  draw() {
    const wanted = this.field.value;
    const found = search(wanted, this.scene.store.emoji);
    const first = wanted ? [] : QUICK.map((name) => ({ name, sign: signOf(name) }));
    const shown = [...first, ...found.filter((one) => wanted || !QUICK.includes(one.name))].slice(0, MOST);
    this.grid.replaceChildren(...shown.map((one) => this.button(one)));
    if (!shown.length) this.grid.append(el("p", { class: "faint" }, this.scene.say("emoji_none")));
    this.name(null);
  }

  button({ name, sign }) {
    const isWord = sign.startsWith(":");
    return el("button", { type: "button", class: isWord ? "pick word" : "pick", tabindex: "-1", "aria-label": `:${name}:`, data: { name }, on: { click: () => this.choose(name) } }, sign);
  }

  name(target) {
    const name = target?.dataset?.name ?? this.grid.querySelector("button")?.dataset.name;
    this.named.textContent = name ? `:${name}:` : "";
  }

  choose(name) {
    this.close({ focus: true });
    this.chosen(name);
  }

  /** Beside the anchor, inside the window. */
  place(anchor) {
    const near = anchor.getBoundingClientRect();
    const { width, height } = this.box.getBoundingClientRect();
    const left = Math.max(8, Math.min(near.right - width, innerWidth - width - 8));
    const below = near.bottom + 6;
    const top = below + height < innerHeight - 8 ? below : Math.max(8, near.top - height - 6);
    this.box.style.left = `${left}px`;
    this.box.style.top = `${Math.min(top, Math.max(8, innerHeight - height - 8))}px`;
  }

  key(event) {
    const all = [...this.grid.querySelectorAll("button")];
    const at = all.indexOf(document.activeElement);
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: COLUMNS, ArrowUp: -COLUMNS }[event.key];
    if (event.isComposing) return;
    if (event.key === "Escape") this.close({ focus: true });
    else if (event.key === "Enter" && at < 0) all[0] && this.choose(all[0].dataset.name);
    else if (event.key === "Tab") this.turn(all, at);
    else if (step && (at >= 0 || event.key === "ArrowDown")) this.move(all, at, at < 0 ? 1 : step);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  move(all, at, step) {
    if (at + step < 0) this.field.focus();
    else all[Math.min(at + step, all.length - 1)]?.focus();
  }

  /** Tab stays inside: from the field to the emoji and back. */
  turn(all, at) {
    if (at < 0) all[0]?.focus();
    else this.field.focus();
  }
}
