// What the keyboard does outside of fields.

import { showKeys } from "./dialogs.js";
import { QUICK } from "./emoji.js";

const STEPS = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 };
const FIELDS = "input, textarea, select, dialog, .picker";

/** Listens on the whole page. */
export function listenToKeys(scene) {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.target instanceof Element ? event.target : document.body;
    const done = target.closest(FIELDS) ? inField(event, target, scene) : onPage(event, target, scene);
    if (done) event.preventDefault();
  });
}

function inField(event, target, scene) {
  if (event.key !== "Escape" || !target.matches(".compose textarea")) return false;
  if (target.closest(".thread")) scene.closeThread();
  else scene.selectPost();
  return true;
}

function onPage(event, target, scene) {
  switch (event.key) {
    case "/":
      return scene.switchChannel();
    case "?":
      showKeys(scene.say);
      return true;
    case "c":
      return scene.focusCompose();
    case "Escape":
      return scene.back();
    default:
      return onPost(event, target, scene);
  }
}

/** Keys that concern the chosen post; arrows only when no other part of the page wants them. */
function onPost(event, target, scene) {
  const post = target.closest("article.post");
  const free = post || target === document.body || target.closest("#posts, #scroll");
  if (!free) return false;
  if (event.key in STEPS) return scene.step(post, STEPS[event.key]);
  if (event.key === "Home" || event.key === "End") return scene.step(post, event.key === "End" ? Infinity : -Infinity);
  const message = post && scene.messageOf(post);
  if (!message || message.ephemeral_to) return false;
  return onMessage(event, { target, post, message, scene });
}

function onMessage(event, { target, post, message, scene }) {
  const own = message.user === scene.person && !message.bot_id;
  if (event.key === "r") return scene.pick(message, target);
  if (/^[1-6]$/.test(event.key)) return scene.toggle(message, QUICK[Number(event.key) - 1]);
  if (event.key === "Enter" && target === post && post.dataset.place === "timeline") return scene.openThread(message);
  if (event.key === "e" && own) return scene.edit(message, post.dataset.place);
  if ((event.key === "Delete" || event.key === "Backspace") && own) return scene.remove(message);
  return false;
}
