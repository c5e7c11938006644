// Where a person writes: Enter sends, Shift+Enter breaks the line, an input method is left in peace.

import { drawing, el } from "./dom.js";

const TALLEST = 200;

/** A field to write in. `send(text)` returns a promise of true if it was taken. */
export class Compose {
  constructor(root, { id, send }) {
    this.root = root;
    this.send = send;
    this.field = el("textarea", { id, rows: "1", class: "field", on: { keydown: (event) => this.key(event), input: () => this.grow() } });
    this.label = el("label", { class: "unseen", for: id });
    this.button = el("button", { type: "submit", class: "send" }, drawing("send"));
    this.closed = el("p", { class: "closed faint", hidden: true });
    root.append(this.label, this.field, this.button, this.closed);
    root.addEventListener("submit", (event) => this.submit(event));
  }

  /** Writes its words anew. closed: why nothing can be written here, or "". */
  draw({ placeholder, send, closed = "" }) {
    this.field.placeholder = placeholder;
    this.label.textContent = placeholder;
    this.button.setAttribute("aria-label", send);
    this.button.title = send;
    this.closed.textContent = closed;
    this.closed.hidden = !closed;
    this.field.hidden = this.button.hidden = Boolean(closed);
    this.grow();
  }

  key(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    this.root.requestSubmit();
  }

  async submit(event) {
    event.preventDefault();
    const text = this.field.value.trim();
    if (!text || this.busy) return;
    this.busy = true;
    if (await this.send(text)) this.field.value = "";
    this.busy = false;
    this.grow();
  }

  grow() {
    this.button.disabled = !this.field.value.trim();
    this.field.style.height = "auto";
    this.field.style.height = `${Math.min(this.field.scrollHeight, TALLEST)}px`;
  }
}
