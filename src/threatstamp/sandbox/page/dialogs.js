// Small windows over the page: a question before something is lost, and the list of keys.

import { el, iconButton } from "./dom.js";

const KEYS = [
  ["j k ↓ ↑", "key_move"],
  ["r", "key_react"],
  ["1 – 6", "key_quick"],
  ["Enter", "key_thread"],
  ["e", "key_edit"],
  ["Delete", "key_remove"],
  ["c", "key_compose"],
  ["/", "key_jump"],
  ["Esc", "key_back"],
  ["?", "key_help"],
];

function open(dialog) {
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  document.body.append(dialog);
  dialog.showModal();
}

/** Asks; resolves to true only if the person says so. */
export function confirm(question, { yes, no }) {
  return new Promise((resolve) => {
    const dialog = el("dialog", { class: "ask", "aria-label": question, on: { close: () => resolve(dialog.returnValue === "yes") } });
    const form = el("form", { method: "dialog", class: "sheet" }, el("p", {}, question), el("div", { class: "answers" }, el("button", { class: "plain", value: "no" }, no), el("button", { class: "danger", value: "yes" }, yes)));
    dialog.append(form);
    open(dialog);
  });
}

/** Shows which keys do what. */
export function showKeys(say) {
  const rows = KEYS.map(([keys, text]) => el("div", {}, el("dt", {}, keys.split(" ").map((key) => (key === "–" ? "–" : el("kbd", {}, key)))), el("dd", {}, say(text))));
  const dialog = el("dialog", { class: "help", "aria-label": say("keys") });
  dialog.append(el("div", { class: "sheet" }, el("header", { class: "side-head" }, el("h2", {}, say("keys")), iconButton("close", say("close"), () => dialog.close())), el("dl", {}, rows)));
  open(dialog);
}
