// Makes elements of what a message says: mrkdwn, Block Kit, attachments.

import { el } from "./dom.js";
import { emojiElement } from "./emoji.js";
import { isLink, parse, unescape, words } from "./mrkdwn.js";

const BROADCASTS = new Set(["here", "channel", "everyone"]);
const INLINE_TAGS = { bold: "strong", italic: "em", strike: "s" };

/** Returns the elements of a message's content: blocks where it has them, else its text; then attachments. */
export function content(message, scene) {
  const parts = [];
  if (message.blocks?.length) parts.push(...message.blocks.map((block) => blockElement(block, scene)));
  else if (message.text) parts.push(el("div", { class: "text" }, mrkdwn(message.text, scene)));
  const shown = message.blocks?.length ? "" : plainWords(message.text ?? "");
  parts.push(...(message.attachments ?? []).map((one) => attachment(one, { message, shown, scene })));
  return parts.filter(Boolean);
}

/** Returns a text's words alone, for what is read aloud or compared. */
export function plainWords(text, scene = null) {
  const say = (node) => {
    if (node.kind === "user") return scene ? `@${scene.store.userName(node.id)}` : `@${node.id}`;
    if (node.kind === "channel") return scene ? `#${scene.store.channelName(node.id)}` : `#${node.id}`;
    if (node.kind === "broadcast") return `@${node.name}`;
    if (node.kind === "break") return " ";
    return node.text ?? node.children?.map(say).join("") ?? node.fallback ?? (node.name ? `:${node.name}:` : "");
  };
  return parse(text).map(say).join("").trim();
}

export function mrkdwn(text, scene) {
  return parse(text).map((node) => nodeElement(node, scene));
}

function nodeElement(node, scene) {
  const inside = () => node.children.map((child) => nodeElement(child, scene));
  switch (node.kind) {
    case "text":
      return document.createTextNode(node.text);
    case "bold":
    case "italic":
    case "strike":
      return el(INLINE_TAGS[node.kind], {}, inside());
    case "code":
      return el("code", {}, node.text);
    case "pre":
      return el("pre", { tabindex: "0" }, node.text);
    case "quote":
      return el("blockquote", {}, inside());
    case "break":
      return el("br");
    case "link":
      return link(node.url, inside(), scene);
    default:
      return named(node, scene);
  }
}

function named(node, scene) {
  const { store } = scene;
  switch (node.kind) {
    case "user":
      return mention(store.user(node.id) ? `@${store.userName(node.id)}` : node.label || `@${node.id}`, node.id === scene.person);
    case "group":
      return mention(store.group(node.id) ? `@${store.group(node.id).handle}` : node.label || `@${node.id}`, store.isMember(node.id, scene.person));
    case "broadcast":
      return mention(`@${BROADCASTS.has(node.name) ? node.name : node.label || node.name}`, BROADCASTS.has(node.name));
    case "channel":
      return channelLink(node, scene);
    case "date":
      return date(node, scene);
    default:
      return emojiElement(node.name, scene);
  }
}

function mention(text, isMine) {
  return el("span", { class: isMine ? "mention mine" : "mention" }, text);
}

function channelLink(node, scene) {
  if (!scene.store.channel(node.id)) return mention(`#${node.label || node.id}`, false);
  return el("a", { class: "mention", href: `#/${node.id}` }, `#${scene.store.channelName(node.id)}`);
}

function date(node, scene) {
  const said = scene.times.slackDate(node.at, node.format, node.fallback);
  const iso = new Date(Number(node.at) * 1000);
  const time = el("time", { title: scene.times.full(node.at), datetime: Number.isNaN(iso.getTime()) ? null : iso.toISOString() }, said);
  return node.link && isLink(node.link) ? link(node.link, [time], scene) : time;
}

/** A permalink of this workspace stays on the page; another address opens beside it. */
export function link(url, children, scene) {
  if (!isLink(url)) return el("span", {}, children);
  const place = /\/archives\/([A-Z0-9]+)\/p(\d{10})(\d{6})/.exec(url);
  if (place && scene.store.channel(place[1])) {
    return el("a", { href: `#/${place[1]}/${place[2]}.${place[3]}` }, children);
  }
  return el("a", { href: url, target: "_blank", rel: "noopener noreferrer nofollow", title: url }, children);
}

function textObject(object, scene) {
  if (!object) return [];
  if (typeof object === "string") return mrkdwn(object, scene);
  if (object.type === "mrkdwn") return mrkdwn(object.text ?? "", scene);
  const named = object.emoji === false ? [{ kind: "text", text: object.text ?? "" }] : words(object.text ?? "");
  return named.map((node) => nodeElement(node, scene));
}

function blockElement(block, scene) {
  switch (block.type) {
    case "section":
      return section(block, scene);
    case "context":
      return el("div", { class: "context" }, (block.elements ?? []).map((one) => contextPart(one, scene)));
    case "divider":
      return el("hr");
    case "header":
      return el("p", { class: "headline" }, textObject(block.text, scene));
    case "rich_text":
      return el("div", { class: "text rich" }, (block.elements ?? []).map((one) => richElement(one, scene)));
    case "actions":
      return el("div", { class: "actions" }, (block.elements ?? []).map((one) => inert(one, scene)));
    case "image":
      return picture(block, scene);
    default:
      return el("p", { class: "context" }, scene.say("block_unknown", { type: block.type ?? "?" }));
  }
}

function section(block, scene) {
  const fields = block.fields?.length
    ? el("div", { class: "fields" }, block.fields.map((field) => el("div", {}, textObject(field, scene))))
    : null;
  const side = block.accessory ? el("div", { class: "accessory" }, inert(block.accessory, scene)) : null;
  const text = block.text ? el("div", { class: "text" }, textObject(block.text, scene)) : null;
  return side ? el("div", { class: "section" }, el("div", {}, text, fields), side) : el("div", {}, text, fields);
}

function contextPart(one, scene) {
  return one.type === "image" ? picture(one, scene) : el("span", {}, textObject(one, scene));
}

/** Nothing loads from outside: a picture from elsewhere is said by its own words. */
function picture(one, scene) {
  const alt = one.alt_text || scene.say("picture");
  const url = one.image_url ?? "";
  const own = url.startsWith("/") || url.startsWith(`${location.origin}/`);
  return own ? el("img", { src: url, alt }) : el("span", { class: "picture", title: url }, alt);
}

function inert(one, scene) {
  if (one.type === "image") return picture(one, scene);
  const words_ = one.text ?? one.placeholder;
  const label = words_ ? textObject(words_, scene) : [document.createTextNode(one.type ?? "…")];
  const style = ["primary", "danger"].includes(one.style) ? ` ${one.style}` : "";
  return el("span", { class: `pressable${style}`, role: "button", "aria-disabled": "true", title: scene.say("inert") }, label);
}

function richElement(one, scene) {
  const inside = () => (one.elements ?? []).map((part) => richElement(part, scene));
  switch (one.type) {
    case "rich_text_section":
      return el("div", {}, inside());
    case "rich_text_quote":
      return el("blockquote", {}, inside());
    case "rich_text_preformatted":
      return el("pre", { tabindex: "0" }, inside());
    case "rich_text_list":
      return list(one, scene);
    default:
      return styled(richInline(one, scene), one.style);
  }
}

function list(one, scene) {
  const tag = one.style === "ordered" ? "ol" : "ul";
  const items = (one.elements ?? []).map((item) => el("li", {}, richElement(item, scene)));
  return el(tag, { class: `indent-${Math.min(one.indent ?? 0, 3)}`, start: tag === "ol" && one.offset ? one.offset + 1 : null }, items);
}

/** Rich text shows its words as they are: nothing in them mentions, links or formats. */
function richInline(one, scene) {
  switch (one.type) {
    case "text":
      return broken(one.text ?? "");
    case "link":
      return link(one.url ?? "", [document.createTextNode(one.text || one.url || "")], scene);
    case "user":
      return named({ kind: "user", id: one.user_id, label: "" }, scene);
    case "usergroup":
      return named({ kind: "group", id: one.usergroup_id, label: "" }, scene);
    case "broadcast":
      return named({ kind: "broadcast", name: one.range, label: "" }, scene);
    case "channel":
      return named({ kind: "channel", id: one.channel_id, label: "" }, scene);
    case "emoji":
      return emojiElement(one.skin_tone ? `${one.name}::skin-tone-${one.skin_tone}` : one.name, scene);
    case "date":
      return date({ at: one.timestamp, format: one.format ?? "", link: one.url, fallback: one.fallback ?? "" }, scene);
    default:
      return document.createTextNode(one.text ?? one.value ?? "");
  }
}

function broken(text) {
  const lines = text.split("\n").flatMap((line, number) => (number ? [el("br"), line] : [line]));
  return el("span", {}, lines);
}

function styled(node, style = {}) {
  const tags = [["code", style.code], ["s", style.strike], ["em", style.italic], ["strong", style.bold]];
  return tags.reduce((inner, [tag, is]) => (is ? el(tag, {}, inner) : inner), node);
}

/** An attachment with its colour bar; what the message has said already is not said again. */
function attachment(one, { message, shown, scene }) {
  const title = unescape(one.title ?? "");
  const heads = [one.service_name, one.author_name].filter((name) => name && name !== message.username);
  const parts = [
    one.pretext ? el("div", { class: "text" }, mrkdwn(one.pretext, scene)) : null,
    heads.length ? el("div", { class: "source" }, heads.map(unescape).join("／")) : null,
    title && title !== shown ? el("div", { class: "title" }, titleLink(one, title, scene)) : null,
    ...(one.blocks ?? []).map((block) => blockElement(block, scene)),
    one.text ? el("div", { class: "text" }, mrkdwn(one.text, scene)) : null,
    one.fields?.length ? el("div", { class: "fields" }, one.fields.map((field) => pair(field, scene))) : null,
    one.image_url ? picture({ image_url: one.image_url, alt_text: title }, scene) : null,
    one.footer ? el("div", { class: "context" }, mrkdwn(one.footer, scene), one.ts ? `／${scene.times.full(one.ts)}` : "") : null,
  ].filter(Boolean);
  if (!parts.length) return null;
  return el("div", { class: "attachment", style: { "--bar": barColour(one.color) } }, parts);
}

function titleLink(one, title, scene) {
  const inside = words(title).map((node) => nodeElement(node, scene));
  return one.title_link ? link(one.title_link, inside, scene) : el("strong", {}, inside);
}

function pair(field, scene) {
  return el("div", {}, field.title ? el("strong", {}, unescape(field.title)) : null, el("div", {}, mrkdwn(field.value ?? "", scene)));
}

function barColour(colour) {
  const known = { good: "var(--good)", warning: "var(--warn)", danger: "var(--stamp)" };
  if (colour in known) return known[colour];
  const hex = (colour ?? "").replace(/^#/, "");
  return /^(?:[0-9a-f]{3}|[0-9a-f]{6})$/i.test(hex) ? `#${hex}` : "var(--line-strong)";
}
