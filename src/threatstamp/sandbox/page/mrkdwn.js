// Slack's mrkdwn, read into nodes. Pure: a string in, a tree out; blocks.js makes elements of it.

const WORD = /[\p{L}\p{N}]/u;
const STYLES = { "*": "bold", "_": "italic", "~": "strike" };
const TOKEN = /^<([^<>\n]+)>/;
const CODE = /^`([^`\n]+)`/;
const EMOJI = /^:([a-z0-9_+'\-]+(?:::skin-tone-[2-6])?):/i;
const ADDRESS = /^https?:\/\/[^\s<>|、。「」（）]+/;
const QUOTE = /^(?:&gt;|>) ?/;
const QUOTE_REST = /^(?:&gt;|>){3} ?/;

/** Slack escapes three signs and no others. */
export function unescape(text) {
  return text.replace(/&(lt|gt|amp);/g, (_, name) => ({ lt: "<", gt: ">", amp: "&" })[name]);
}

/** Returns the nodes of a text: text, bold, italic, strike, code, pre, quote, break, link, user, group, broadcast, channel, date, emoji. */
export function parse(text) {
  return fenced(text).flatMap((part, number) => {
    if (number % 2 === 1) return [{ kind: "pre", text: unescape(part.replace(/^\n/, "").replace(/\n$/, "")) }];
    return part === "" ? [] : lines(part);
  });
}

/** Text and code in turn; a fence that nobody closed is text. */
function fenced(text) {
  const parts = text.split("```");
  if (parts.length % 2 === 0) {
    const last = parts.pop();
    parts.push(`${parts.pop()}\`\`\`${last}`);
  }
  return parts;
}

function lines(text) {
  const nodes = [];
  let quoted = [];
  const endQuote = () => {
    if (quoted.length) nodes.push({ kind: "quote", children: joined(quoted) });
    quoted = [];
  };
  const all = text.split("\n");
  for (const [number, line] of all.entries()) {
    if (QUOTE_REST.test(line)) {
      endQuote();
      const rest = [line.replace(QUOTE_REST, ""), ...all.slice(number + 1)];
      return [...nodes, { kind: "quote", children: joined(rest) }];
    }
    if (QUOTE.test(line)) {
      quoted.push(line.replace(QUOTE, ""));
      continue;
    }
    endQuote();
    if (nodes.length && nodes.at(-1).kind !== "quote") nodes.push({ kind: "break" });
    nodes.push(...inline(line));
  }
  endQuote();
  return nodes;
}

function joined(all) {
  return all.flatMap((line, number) => (number ? [{ kind: "break" }, ...inline(line)] : inline(line)));
}

/** Reads one line. */
export function inline(line) {
  const nodes = [];
  let plain = "";
  let at = 0;
  while (at < line.length) {
    const found = read(line, at);
    if (found) {
      if (plain) nodes.push({ kind: "text", text: unescape(plain) });
      plain = "";
      nodes.push(found.node);
      at += found.length;
    } else {
      plain += line[at];
      at += 1;
    }
  }
  if (plain) nodes.push({ kind: "text", text: unescape(plain) });
  return nodes;
}

function read(line, at) {
  const rest = line.slice(at);
  const sign = line[at];
  if (sign === "<") return matched(TOKEN, rest, (body) => token(body));
  if (sign === "`") return matched(CODE, rest, (code) => ({ kind: "code", text: unescape(code) }));
  if (sign === ":") return matched(EMOJI, rest, (name) => ({ kind: "emoji", name }));
  if (sign in STYLES) return styled(line, at);
  if (sign === "h" && !WORD.test(line[at - 1] ?? "")) return address(rest);
  return null;
}

function matched(pattern, rest, make) {
  const match = pattern.exec(rest);
  return match ? { node: make(match[1]), length: match[0].length } : null;
}

function address(rest) {
  const match = ADDRESS.exec(rest);
  if (!match) return null;
  const found = match[0].replace(/(?:[.,:;!?)\]*_~'"]|&gt;|&lt;)+$/, "");
  const url = unescape(found);
  return { node: { kind: "link", url, children: [{ kind: "text", text: url }] }, length: found.length };
}

function styled(line, at) {
  const sign = line[at];
  const next = line[at + 1] ?? " ";
  if (WORD.test(line[at - 1] ?? "") || /\s/.test(next) || next === sign) return null;
  const end = closing(line, at);
  if (end < 0) return null;
  return { node: { kind: STYLES[sign], children: inline(line.slice(at + 1, end)) }, length: end + 1 - at };
}

/** Where a style ends: a sign after a non-space and before a non-word, outside of <…> and code. */
function closing(line, start) {
  for (let at = start + 1; at < line.length; at += 1) {
    const skip = TOKEN.exec(line.slice(at)) ?? CODE.exec(line.slice(at));
    if (skip) {
      at += skip[0].length - 1;
    } else if (line[at] === line[start] && !/\s/.test(line[at - 1]) && !WORD.test(line[at + 1] ?? "")) {
      return at;
    }
  }
  return -1;
}

function token(body) {
  const bar = body.indexOf("|");
  const target = bar < 0 ? body : body.slice(0, bar);
  const label = bar < 0 ? "" : unescape(body.slice(bar + 1));
  if (target.startsWith("@")) return { kind: "user", id: target.slice(1), label };
  if (target.startsWith("#")) return { kind: "channel", id: target.slice(1), label };
  if (target.startsWith("!subteam^")) return { kind: "group", id: target.slice(9), label };
  if (target.startsWith("!date^")) return date(target, label);
  if (target.startsWith("!")) return { kind: "broadcast", name: target.slice(1), label };
  const url = unescape(target);
  if (!isLink(url)) return { kind: "text", text: unescape(`<${body}>`) };
  return { kind: "link", url, children: label ? words(label) : [{ kind: "text", text: url.replace(/^mailto:/, "") }] };
}

function date(target, label) {
  const [, at, format = "", link] = target.split("^");
  return { kind: "date", at, format: unescape(format), link: link ? unescape(link) : null, fallback: label };
}

/** Only these may be followed: a link of another kind stays text. */
export function isLink(url) {
  return /^(?:https?:\/\/|mailto:)/i.test(url);
}

/** Plain words in which only :emoji: mean something. */
export function words(text) {
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(/:([a-z0-9_+'\-]+(?:::skin-tone-[2-6])?):/gi)) {
    if (match.index > end) nodes.push({ kind: "text", text: text.slice(end, match.index) });
    nodes.push({ kind: "emoji", name: match[1] });
    end = match.index + match[0].length;
  }
  if (end < text.length) nodes.push({ kind: "text", text: text.slice(end) });
  return nodes;
}
