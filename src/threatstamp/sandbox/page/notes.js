// The quiet panel: what the desk did and recorded, the newest at the end.

import { el, iconButton } from "./dom.js";
import { emojiElement } from "./emoji.js";
import { words } from "./mrkdwn.js";

const KINDS = new Set(["info", "record", "step", "trouble"]);
const NEAR = 60;

/** Shows the notes; keeps to the end while its reader is there. */
export class Notes {
  constructor(root, close) {
    this.root = root;
    this.title = el("h2");
    this.lead = el("p", { class: "faint small" });
    this.close = iconButton("close", "", close);
    this.list = el("ol", { class: "notes-list", tabindex: "0" });
    root.append(el("header", { class: "side-head" }, this.title, this.close), this.lead, this.list);
    this.shown = new Map();
  }

  draw(scene) {
    const atEnd = this.list.scrollHeight - this.list.scrollTop - this.list.clientHeight < NEAR;
    this.words(scene);
    const { notes } = scene.store;
    const fresh = this.version === scene.version && this.shown.size ? new Set(notes.filter((note) => !this.shown.has(note.id)).map((note) => note.id)) : new Set();
    if (this.version !== scene.version || notes.length < this.shown.size) this.clear();
    this.version = scene.version;
    for (const note of notes) if (!this.shown.has(note.id)) this.add(note, scene, fresh.has(note.id));
    if (!notes.length) this.list.replaceChildren(this.nothing(scene));
    if (atEnd) this.list.scrollTop = this.list.scrollHeight;
  }

  words({ say }) {
    this.title.textContent = say("notes");
    this.lead.textContent = say("notes_lead");
    this.list.setAttribute("aria-label", say("notes"));
    this.close.setAttribute("aria-label", say("close"));
    this.close.title = say("close");
  }

  clear() {
    this.shown.clear();
    this.list.replaceChildren();
  }

  nothing({ say }) {
    return el("li", { class: "empty small" }, say("empty_notes"));
  }

  add(note, scene, fresh) {
    if (!this.shown.size) this.list.replaceChildren();
    const kind = KINDS.has(note.kind) ? note.kind : "info";
    const number = note.kind === "record" && Number.isInteger(note.data) ? scene.say("entry", { number: note.data }) : "";
    const item = el(
      "li",
      { class: `note ${kind}${fresh ? " fresh" : ""}` },
      el("div", { class: "note-head" }, el("span", { class: "note-kind" }, scene.say(`kind_${kind}`), number ? ` ${number}` : ""), el("time", { title: scene.times.full(note.at) }, scene.times.clock(note.at))),
      el("p", {}, said(note.text, scene)),
    );
    this.shown.set(note.id, item);
    this.list.append(item);
  }
}

/** A note is plain words: only emoji and the names of channels mean something. */
function said(text, scene) {
  return words(text).flatMap((node) => (node.kind === "emoji" ? [emojiElement(node.name, scene)] : linked(node.text, scene)));
}

function linked(text, scene) {
  const byName = new Map([...scene.store.channels.values()].map((channel) => [channel.name, channel.id]));
  return text.split(/(#[\p{L}\p{N}_-]+)/u).map((part) => {
    const channel = part.startsWith("#") ? byName.get(part.slice(1)) : null;
    return channel ? el("a", { href: `#/${channel}` }, part) : part;
  });
}
