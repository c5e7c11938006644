// One post: who, when, what it says, its reactions, and what can be done with it.

import { content, plainWords } from "./blocks.js";
import { el, iconButton, drawing } from "./dom.js";
import { emojiElement, QUICK, signOf } from "./emoji.js";

const BOT_TINTS = 6;

/** Returns the name that a message is shown under. */
export function authorName(message, scene) {
  if (message.username) return message.username;
  if (message.user && scene.store.user(message.user)) return scene.store.userName(message.user);
  return message.bot_profile?.name ?? message.user ?? message.bot_id ?? scene.say("somebody");
}

/** People's names with さん in Japanese; programs and feeds without. */
export function courteous(id, scene) {
  const user = scene.store.user(id);
  if (!user) return id;
  return user.is_bot ? user.display_name : scene.say("person", { name: user.display_name });
}

/** Returns the post as an element. `place` says where it stands: "timeline", "parent" or "reply". */
export function postElement(message, scene, place) {
  const only = Boolean(message.ephemeral_to);
  const name = `${place}-${message.ts.replace(".", "-")}${only ? "-only" : ""}`;
  const classes = ["post", only && "only", scene.store.calls(message, scene.person) && "calls"].filter(Boolean).join(" ");
  return el(
    "article",
    { class: classes, tabindex: "-1", "aria-labelledby": `who-${name}`, "aria-describedby": `what-${name}`, data: { ts: message.ts, place } },
    avatar(message, scene),
    el(
      "div",
      { class: "body" },
      only ? onlyLine(message, scene) : null,
      el("div", { class: "who", id: `who-${name}` }, head(message, scene)),
      el("div", { class: "what", id: `what-${name}` }, said(message, scene)),
      only ? null : reactions(message, scene),
      place === "timeline" && message.reply_count ? threadLine(message, scene) : null,
    ),
    only ? null : toolbar(message, scene, place),
  );
}

function said(message, scene) {
  const parts = content(message, scene);
  if (!parts.length) parts.push(el("div", { class: "text faint" }, scene.say("no_text")));
  if (message.edited) parts.at(-1).append(" ", el("span", { class: "faint small" }, scene.say("edited")));
  return parts;
}

function avatar(message, scene) {
  if (message.user === scene.store.me) return el("img", { class: "avatar app", src: "/page/icon.svg", alt: "" });
  const user = scene.store.user(message.user);
  if (user && !user.is_bot) {
    return el("span", { class: "avatar", "aria-hidden": "true", style: { "--tint": user.color } }, user.avatar);
  }
  const name = authorName(message, scene);
  const tint = [...name].reduce((sum, sign) => sum + sign.codePointAt(0), 0) % BOT_TINTS;
  return el("span", { class: `avatar app tint-${tint}`, "aria-hidden": "true" }, [...name][0]);
}

function head(message, scene) {
  const isApp = Boolean(message.bot_id) || message.subtype === "bot_message";
  const user = scene.store.user(message.user);
  const name = isApp ? authorName(message, scene) : courteous(message.user, scene);
  return [
    el("strong", { class: "name" }, name),
    isApp ? el("span", { class: "tag" }, scene.say("app")) : null,
    !isApp && user?.title ? el("span", { class: "faint small" }, user.title) : null,
    el("a", { class: "time", href: `#/${scene.channel}/${message.ts}`, title: scene.times.full(message.ts) }, scene.times.clock(message.ts)),
  ].filter(Boolean);
}

function onlyLine(message, scene) {
  return el("div", { class: "only-line" }, scene.say("only_you", { person: courteous(message.ephemeral_to, scene) }));
}

function reactions(message, scene) {
  if (!message.reactions?.length) return null;
  const more = iconButton("smile", scene.say("react"), (event) => scene.pick(message, event.currentTarget), { class: "chip add", "data-key": "more" });
  return el("div", { class: "reactions" }, message.reactions.map((one) => chip(one, message, scene)), more);
}

function chip(reaction, message, scene) {
  const mine = reaction.users.includes(scene.person);
  const who = reaction.users.map((id) => courteous(id, scene)).join(scene.say("and"));
  const label = scene.say(mine ? "chip_mine" : "chip", { emoji: reaction.name, count: reaction.count, who });
  return el(
    "button",
    { type: "button", class: "chip", "aria-pressed": String(mine), "aria-label": label, data: { key: `chip-${reaction.name}` }, on: { click: () => scene.toggle(message, reaction.name) } },
    emojiElement(reaction.name, scene),
    el("span", { class: "count" }, String(reaction.count)),
    el("span", { class: "tip", "aria-hidden": "true" }, el("span", {}, who), el("span", { class: "faint" }, `:${reaction.name}:`)),
  );
}

function threadLine(message, scene) {
  const last = scene.times.full(message.latest_reply ?? message.ts);
  return el(
    "button",
    { type: "button", class: "thread-line", data: { key: "thread" }, on: { click: () => scene.openThread(message) } },
    drawing("reply"),
    el("span", {}, scene.say("replies", { count: message.reply_count })),
    el("span", { class: "faint small" }, scene.say("last_reply", { time: last })),
  );
}

function toolbar(message, scene, place) {
  const own = message.user === scene.person && !message.bot_id;
  const press = (name, label, act) => iconButton(name, label, act, { "data-key": name });
  return el(
    "div",
    { class: "toolbar", role: "toolbar", "aria-label": scene.say("toolbar") },
    QUICK.map((name) => quick(name, message, scene)),
    press("smile", scene.say("react"), (event) => scene.pick(message, event.currentTarget)),
    place === "timeline" ? press("reply", scene.say("reply"), () => scene.openThread(message, { write: true })) : null,
    own ? press("edit", scene.say("edit"), () => scene.edit(message, place)) : null,
    own ? press("remove", scene.say("remove"), () => scene.remove(message)) : null,
  );
}

function quick(name, message, scene) {
  const mine = message.reactions?.some((one) => one.name === name && one.users.includes(scene.person)) ?? false;
  const label = scene.say(mine ? "quick_off" : "quick_on", { emoji: name });
  return el(
    "button",
    { type: "button", class: "quick", "aria-label": label, title: `:${name}:`, "aria-pressed": String(mine), data: { key: `quick-${name}` }, on: { click: () => scene.toggle(message, name) } },
    signOf(name),
  );
}

/** Returns a post in one line, for what is read aloud. */
export function oneLine(message, scene) {
  const headline = message.blocks?.length && !message.text ? scene.say("no_text") : plainWords(message.text ?? "", scene);
  return `${authorName(message, scene)}: ${headline}`.slice(0, 300);
}
