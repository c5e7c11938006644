// Slack's mrkdwn and Block Kit as elements. Text is only ever set as text: nothing from a post becomes markup.
import { sign } from "./emoji.js";

const make = (tag, text, className) => {
  const element = document.createElement(tag);
  if (text !== undefined) element.textContent = text;
  if (className) element.className = className;
  return element;
};
const unescape = (text) => text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
// Text as it is, but an identifier such as CVE-2099-10001 is not broken at its hyphens, and two spaces stay two.
export const prose = (text, parent) => {
  for (const part of text.replace(/ (?= )/g, "\u00a0").split(/(\b[A-Z]{2,5}-\d{4}-\d{4,7}\b)/)) {
    if (/^[A-Z]{2,5}-\d{4}-\d{4,7}$/.test(part)) parent.append(make("span", part, "id")); else if (part) parent.append(part);
  }
  return parent;
};
// Japanese stays Japanese on an English page: its lines break as they should, and a screen reader knows.
const spoken = (element) => { if (/[\u3040-\u30ff]/.test(element.textContent)) element.lang = "ja"; return element; };
const isWeb = (url) => /^(https?:\/\/|mailto:)/i.test(url);

const link = (url, label) => {
  if (!isWeb(url)) return spoken(prose(label ?? url, make("span")));
  const element = spoken(prose(label ?? url, make("a")));
  element.href = url;
  element.target = "_blank";
  element.rel = "noopener noreferrer";
  return element;
};

export const mention = (state, kind, id, label) => {
  if (kind === "user") {
    const user = state.users.find((one) => one.id === id);
    return make("span", `@${user ? user.display_name : (label ?? id)}`, id === state.acting ? "at call" : "at");
  }
  if (kind === "group") {
    const group = state.groups.find((one) => one.id === id);
    return make("span", `@${group ? group.handle : (label ?? id)}`, "at call");
  }
  if (kind === "channel") {
    const channel = state.channels.find((one) => one.id === id);
    return make("span", `#${channel ? channel.name : (label ?? id)}`, "at");
  }
  return make("span", `@${id}`, "at call");
};

const date = (state, seconds, format) => {
  const at = new Date(Number(seconds) * 1000);
  const time = at.toLocaleTimeString(state.language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  return format.includes("date") ? `${day(at, state.language)} ${time}` : time;
};
export const day = (at, language) => {
  const weekday = at.toLocaleDateString(language, { weekday: "short" });
  if (language === "ja") return `${at.getMonth() + 1}/${at.getDate()}(${weekday})`;
  return `${weekday} ${at.getDate()} ${at.toLocaleDateString(language, { month: "short" })}`;
};

const token = (state, body) => {
  const [target, label] = body.split("|");
  if (target.startsWith("@")) return mention(state, "user", target.slice(1), label);
  if (target.startsWith("#")) return mention(state, "channel", target.slice(1), label);
  if (target.startsWith("!subteam^")) return mention(state, "group", target.slice(9), label?.replace(/^@/, ""));
  if (target.startsWith("!date^")) {
    const [, seconds, format] = target.split("^");
    return document.createTextNode(date(state, seconds, format));
  }
  if (target.startsWith("!")) return mention(state, "broadcast", target.slice(1));
  return link(unescape(target), label === undefined ? undefined : unescape(label));
};

const STYLES = [
  [/^\*([^*\n]+)\*/, "b"], [/^_([^_\n]+)_/, "i"], [/^~([^~\n]+)~/, "s"], [/^`([^`\n]+)`/, "code"],
];
const inline = (state, text, parent) => {
  let rest = text, plain = "", before = "";
  const flush = () => { prose(unescape(plain), parent); plain = ""; };
  while (rest) {
    const found = /^<([^<>\n]+)>/.exec(rest);
    if (found) { flush(); parent.append(token(state, found[1])); before = ">"; rest = rest.slice(found[0].length); continue; }
    const emoji = /^:([a-z0-9_+'-]+(?:::skin-tone-\d)?):/.exec(rest);
    if (emoji) { flush(); parent.append(emojiElement(emoji[1])); before = ":"; rest = rest.slice(emoji[0].length); continue; }
    const style = /[\w]/.test(before) ? undefined : STYLES.find(([pattern]) => pattern.test(rest));
    if (style) {
      const match = style[0].exec(rest);
      flush();
      const element = make(style[1]);
      if (style[1] === "code") element.textContent = unescape(match[1]); else inline(state, match[1], element);
      parent.append(element);
      rest = rest.slice(match[0].length);
      before = "*";
      continue;
    }
    before = rest[0];
    plain += rest[0];
    rest = rest.slice(1);
  }
  flush();
};
export const emojiElement = (name) => {
  const element = make("span", sign(name));
  element.title = `:${name}:`;
  return element;
};

export const mrkdwn = (state, text, parent) => {
  let quote = null;
  for (const [number, line] of text.split("\n").entries()) {
    const quoted = line.startsWith("&gt;");
    if (quoted && !quote) { quote = make("blockquote"); parent.append(quote); }
    if (!quoted) quote = null;
    const place = quote ?? parent;
    if (number && place.childNodes.length) place.append(make("br"));
    inline(state, quoted ? line.slice(4).trimStart() : line, place);
  }
  return parent;
};

const rich = (state, elements, parent) => {
  for (const one of elements) {
    let element;
    if (one.type === "text") {
      element = document.createElement("span");
      for (const [number, line] of one.text.split("\n").entries()) {
        if (number) element.append(make("br"));
        prose(line, element);
      }
      spoken(element);
    } else if (one.type === "link") element = link(one.url, one.text);
    else if (one.type === "date") element = document.createTextNode(date(state, one.timestamp, one.format));
    else if (one.type === "user") element = mention(state, "user", one.user_id);
    else if (one.type === "usergroup") element = mention(state, "group", one.usergroup_id);
    else if (one.type === "broadcast") element = mention(state, "broadcast", one.range);
    else if (one.type === "channel") element = mention(state, "channel", one.channel_id);
    else if (one.type === "emoji") element = emojiElement(one.name);
    else continue;
    for (const [name, tag] of [["bold", "b"], ["italic", "i"], ["strike", "s"], ["code", "code"]]) {
      if (one.style?.[name]) { const outer = make(tag); outer.append(element); element = outer; }
    }
    parent.append(element);
  }
  return parent;
};
const RICH = { rich_text_section: "p", rich_text_quote: "blockquote", rich_text_preformatted: "pre" };
const richBlock = (state, block, parent) => {
  for (const one of block.elements) {
    if (one.type === "rich_text_list") {
      const list = make(one.style === "ordered" ? "ol" : "ul");
      for (const item of one.elements) list.append(rich(state, item.elements, make("li")));
      parent.append(list);
    } else parent.append(rich(state, one.elements, make(RICH[one.type] ?? "p")));
  }
};
const textObject = (state, text, parent) => {
  if (text.type === "mrkdwn") mrkdwn(state, text.text, parent); else prose(text.text, parent);
  return parent;
};

// An overflow menu or a select: a list of its own, so that it needs no script to open, and keys work in it.
const menu = (one, press) => {
  const select = make("select", undefined, one.type === "overflow" ? "plain overflow" : "plain");
  select.dataset.part = one.action_id;
  select.append(make("option", one.placeholder?.text ?? "…"));
  for (const each of one.options) { const option = make("option", each.text.text); option.value = each.value; select.append(option); }
  select.options[0].value = "";
  select.setAttribute("aria-label", one.placeholder?.text ?? "…");
  select.disabled = !press;
  select.onchange = () => { const chosen = select.value; select.value = ""; if (chosen) press(one.action_id, chosen); };
  return select;
};

// A button or a menu. Without press it is only shown.
const part = (one, press) => {
  if (one.options) return menu(one, press);
  const button = make("button", one.text?.text ?? "…", "plain");
  if (one.style) button.classList.add(one.style);
  button.type = "button";
  button.disabled = !(press && one.type === "button" && one.action_id);
  if (button.disabled) return button;
  button.dataset.part = one.action_id;
  button.onclick = () => { if (!one.confirm || window.confirm(one.confirm.text.text)) press(one.action_id); };
  return button;
};

const parts = (list, press) => {
  const line = make("p", undefined, "actions");
  for (const one of list) line.append(part(one, press));
  return line;
};

export const blocks = (state, list, parent, press) => {
  for (const block of list) {
    if (block.type === "section") {
      if (block.text) parent.append(textObject(state, block.text, make("p")));
      for (const field of block.fields ?? []) parent.append(textObject(state, field, make("p")));
      if (block.accessory && block.accessory.type !== "image") parent.append(parts([block.accessory], press));
    } else if (block.type === "header") parent.append(make("h3", block.text.text));
    else if (block.type === "divider") parent.append(make("hr"));
    else if (block.type === "rich_text") richBlock(state, block, parent);
    else if (block.type === "context") {
      const line = make("p", undefined, "context");
      for (const one of block.elements) if (one.type !== "image") { textObject(state, one, line); line.append(" "); }
      parent.append(line);
    } else if (block.type === "actions") parent.append(parts(block.elements, press));
  }
  return parent;
};

// press: called with the action of a button that somebody pressed; without it buttons are only shown.
export const content = (state, message, press) => {
  const body = make("div", undefined, "words");
  if (message.blocks?.length) blocks(state, message.blocks, body, press);
  else if (!message.attachments?.length || !message.attachments.some((one) => one.title)) mrkdwn(state, message.text ?? "", body);
  for (const one of message.attachments ?? []) {
    const box = make("div", undefined, "attachment");
    if (one.title) { const line = make("p"); const strong = make("b"); strong.append(link(one.title_link ?? "", unescape(one.title))); line.append(strong); box.append(line); }
    if (one.text) box.append(mrkdwn(state, one.text, make("p")));
    if (one.blocks) blocks(state, one.blocks, box);
    body.append(box);
  }
  return body;
};
export { make };
