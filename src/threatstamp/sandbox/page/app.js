// The sandbox's page: a chat to click in, and a quiet panel with what the desk did.
import { words } from "./words.js";
import { quick, sign, signs } from "./emoji.js";
import { shortcuts, showCanvas, showHome } from "./places.js";
import { content, day, make, prose } from "./render.js";
import { showErrors, showView } from "./views.js";

const $ = (id) => document.getElementById(id);
const remembered = (name) => { try { return localStorage.getItem(name); } catch { return null; } };
const remember = (name, value) => { try { localStorage.setItem(name, value); } catch { /* private mode */ } };
const state = { users: [], channels: [], groups: [], emoji: {}, messages: {}, notes: [], views: {}, legend: [], shortcuts: [], commands: {}, homes: {}, isHome: false, unread: {}, fresh: new Set(), after: {}, language: "ja" };
let t = words.ja;

const say = (name, ...values) => (typeof t[name] === "function" ? t[name](...values) : t[name]);
const isNarrow = () => matchMedia("(max-width: 760px)").matches;
const announce = (text) => { $("live").textContent = text; };
let fading;
// Said where everybody sees it; the element is a live region, so screen readers say it, too.
const tell = (text) => { clearTimeout(fading); $("toast").textContent = text; $("toast").hidden = false; fading = setTimeout(() => { $("toast").hidden = true; }, 6000); };
const user = (id) => state.users.find((one) => one.id === id);
const called = (id) => { const who = user(id); return who && !who.is_bot ? say("person", who.display_name) : (who?.display_name ?? id); };
const channel = () => state.channels.find((one) => one.id === state.channel);
const key = (message) => `${message.ts}|${message.ephemeral_to ?? ""}`;

// The state may be older than news that comes while it is on its way: such news is held until it is there.
let held = null, again = false;
async function load() {
  if (held) { again = true; return; }
  held = [];
  try {
    do { again = false; Object.assign(state, await (await fetch("/sandbox/state")).json()); } while (again);
  } finally {
    const news = held;
    held = null;
    if (state.team) settle();
    news.forEach(take);
  }
}

function settle() {
  state.language = remembered("language") ?? state.language;
  state.acting = user(remembered("acting"))?.id ?? state.users.find((one) => !one.is_bot)?.id;
  state.channel = state.channels.find((one) => one.id === (state.channel ?? remembered("channel")))?.id ?? state.channels[0]?.id;
  draw();
}

function listen() {
  const stream = new EventSource("/sandbox/stream");
  stream.onmessage = (event) => { const news = JSON.parse(event.data); if (held) held.push(news); else take(news); };
  stream.onopen = () => { $("offline").hidden = true; load().catch(stream.onerror); };
  stream.onerror = () => { $("offline").hidden = false; };
}

function take(news) {
  if (news.type === "reset" || news.type === "channel") { load(); return; }
  if (news.type === "view") { state.views[news.user] = news.view; drawView(); return; }
  if (news.type === "view_errors") { if (news.user === state.acting) showErrors($("view"), news.errors); return; }
  if (news.type === "home") { state.homes[news.user] = news.view; if (state.isHome) drawPosts(); return; }
  if (news.type === "unanswered") { if (news.user === state.acting) tell(say("unanswered")); return; }
  if (news.type === "note") { if (!state.notes.some((one) => one.id === news.note.id)) state.notes.push(news.note); drawNotes(); return; }
  const list = (state.messages[news.channel] ??= []);
  if (news.type === "message_deleted") state.messages[news.channel] = list.filter((one) => one.ts !== news.ts);
  else {
    const at = list.findIndex((one) => key(one) === key(news.message));
    if (at >= 0) list[at] = news.message; else { list.push(news.message); arrive(news); }
  }
  if (news.channel === state.channel && !state.isHome) {
    drawPosts();
    if (news.message?.ephemeral_to === state.acting) element(news.message)?.scrollIntoView({ block: "nearest" });
  }
  drawChannels();
}

function arrive(news) {
  if (news.message.ephemeral_to && news.message.ephemeral_to !== state.acting) return;
  state.fresh.add(key(news.message));
  if (news.message.ephemeral_to && news.channel === state.channel && state.acted) state.after[key(news.message)] = state.acted;
  const where = state.channels.find((one) => one.id === news.channel);
  if (news.channel !== state.channel || state.isHome) state.unread[news.channel] = (state.unread[news.channel] ?? 0) + 1;
  announce(say("arrived", `#${where?.name ?? ""}`));
}

const element = (message) => [...$("posts").querySelectorAll(".post")].find((one) => one.dataset.key === key(message));

async function act(body) {
  state.acted = body.ts;
  const answer = await fetch("/sandbox/act", {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ user: state.acting, channel: state.channel, ...body }),
  });
  const result = await answer.json();
  if (!result.ok) tell(t[result.error] ?? say("failed", result.error));
}

function draw() {
  t = words[state.language] ?? words.ja;
  document.documentElement.lang = state.language;
  for (const element of document.querySelectorAll("[data-t]")) element.textContent = say(element.dataset.t);
  $("team").textContent = state.team.name;
  $("language").textContent = say("language");
  $("picker-search").placeholder = say("search");
  $("picker-search").setAttribute("aria-label", say("search"));
  drawTheme(); drawPeople(); drawChannels(); drawPosts(true); drawNotes(); drawView();
}

function drawView() {
  showView($("view"), state, state.views[state.acting], {
    say, submit: (values) => act({ action: "submit", values: JSON.stringify(values) }), close: () => act({ action: "close_view" }),
  });
}

function isDark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}
// A stamp does something in the channels that the app watches alone.
const stamps = () => state.legend.filter((one) => !one.channel || one.channel === state.channel);
function drawLegend() {
  $("desk-hint").textContent = say(state.shows_calls ? "desk_hint_calls" : "desk_hint");
  $("skip-line").hidden = !state.can_skip;
  $("legend").setAttribute("aria-label", say("legend"));
  $("legend").replaceChildren(...stamps().map((one) => {
    const item = make("li");
    const mark = make("span", sign(one.emoji));
    mark.title = `:${one.emoji}:`;
    item.append(mark, " ", one.words);
    return item;
  }));
}
function drawTheme() { $("theme").textContent = say(isDark() ? "light" : "dark"); }

function drawPeople() {
  const people = state.users.filter((one) => !one.is_bot);
  $("people").replaceChildren(...people.map((one) => {
    const button = make("button", undefined, "person");
    button.type = "button";
    button.setAttribute("role", "radio");
    const chosen = one.id === state.acting;
    button.setAttribute("aria-checked", String(chosen));
    button.tabIndex = chosen ? 0 : -1;
    button.dataset.user = one.id;
    button.append(face(one), one.display_name);
    if (one.title) button.append(make("small", one.title));
    button.onclick = () => { state.acting = one.id; remember("acting", one.id); actAs(); $("people").querySelector("[aria-checked=true]").focus(); };
    return button;
  }));
}

function face(one) {
  const element = make("span", one.avatar, "face");
  element.style.backgroundColor = one.color;
  element.setAttribute("aria-hidden", "true");
  return element;
}

// Each person has a home and direct messages of their own.
function actAs() {
  if ((channel()?.direct_with || state.acting) !== state.acting) state.channel = state.channels[0].id;
  if (state.isHome) act({ action: "open_home" });
  drawPeople(); drawChannels(); drawPosts(); drawView();
}

function place(id, name, isHere, go) {
  const item = make("li");
  const button = make("button");
  const unread = state.unread[id] ?? 0;
  button.type = "button";
  button.dataset.channel = id;
  button.append(make("span", name, unread ? "unread" : ""));
  if (unread) {
    const count = make("span", String(unread), "count");
    count.setAttribute("aria-label", say("unread", unread));
    button.append(count);
  }
  if (isHere) button.setAttribute("aria-current", "true");
  button.onclick = go;
  item.append(button);
  return item;
}

function drawChannels() {
  const seen = state.channels.filter((one) => !one.is_archived);
  const at = (one) => !state.isHome && one.id === state.channel;
  const rooms = seen.filter((one) => !one.direct_with).map((one) => place(one.id, `${one.is_private ? "🔒" : "#"} ${one.name}`, at(one), () => open(one.id)));
  const direct = seen.filter((one) => one.direct_with === state.acting).map((one) => place(one.id, `✉ ${say("direct")}`, at(one), () => open(one.id)));
  $("channels").replaceChildren(...(rooms.length ? rooms : [make("li", say("empty_channels"), "quiet")]));
  $("apps").replaceChildren(place("home", `⌂ ${say("home")}`, state.isHome, openHome), ...direct);
}

function open(id) {
  state.isHome = false;
  state.channel = id;
  state.unread[id] = 0;
  remember("channel", id);
  drawChannels();
  drawPosts(true);
  $("channel-name").focus({ preventScroll: true });
}

function openHome() {
  state.isHome = true;
  act({ action: "open_home" });
  drawChannels();
  drawPosts();
  $("posts").scrollTop = 0;
  $("channel-name").focus({ preventScroll: true });
}

function drawHome() {
  $("channel-name").textContent = say("home_of", user(state.acting)?.display_name ?? "");
  showHome($("posts"), state, (action_id, value) => act({ action: "click_home", action_id, value }), say);
}

function ordered() {
  const list = (state.messages[state.channel] ?? []).filter((one) => !one.ephemeral_to || one.ephemeral_to === state.acting);
  const place = (one) => state.after[key(one)] ?? one.thread_ts;
  const isReply = (one) => place(one) && place(one) !== one.ts && list.some((other) => other.ts === place(one));
  const byTime = (a, b) => (a.ts < b.ts ? -1 : 1);
  const result = [];
  for (const one of list.filter((message) => !isReply(message)).sort(byTime)) {
    result.push(one, ...list.filter((other) => isReply(other) && place(other) === one.ts).sort(byTime));
  }
  return result;
}

function drawPosts(toEnd = false) {
  $("compose").hidden = state.isHome;
  drawLegend();
  $("legend").hidden = state.isHome || !stamps().length;
  showCanvas($("canvas"), state, state.isHome ? null : channel()?.canvas, say);
  if (state.isHome) { drawHome(); return; }
  const place = $("posts"), room = channel();
  const atEnd = toEnd || place.scrollHeight - place.scrollTop - place.clientHeight < 80;
  const focused = document.activeElement?.closest?.(".post")?.dataset.key;
  const part = document.activeElement?.dataset?.part;
  $("channel-name").textContent = room?.direct_with ? `✉ ${say("direct")}` : room ? `# ${room.name}` : "";
  $("text").placeholder = room && user(state.acting) ? say("say", user(state.acting).display_name, isNarrow() ? "" : state.commands[state.channel]) : "";
  const elements = [];
  let last = "";
  for (const message of ordered()) {
    const at = new Date(Number(message.ts) * 1000);
    const today = day(at, state.language);
    const isReply = message.thread_ts && message.thread_ts !== message.ts;
    if (today !== last && !isReply && !state.after[key(message)]) { elements.push(make("div", today, "day")); last = today; }
    elements.push(post(message, at, isReply));
  }
  place.replaceChildren(...(elements.length ? elements : [make("p", say("empty"), "empty")]));
  if (atEnd) place.scrollTop = place.scrollHeight;
  if (toEnd && isNarrow()) place.lastElementChild.scrollIntoView({ block: "nearest" });
  if (focused) {
    const again = [...place.querySelectorAll(".post")].find((one) => one.dataset.key === focused);
    (again?.querySelector(part ? `[data-part="${CSS.escape(part)}"]` : null) ?? again)?.focus({ preventScroll: true });
  }
}

function author(message) {
  const person = message.user && !message.bot_id ? user(message.user) : undefined;
  if (person) return { name: person.display_name, face: face(person) };
  const own = message.user === state.me;
  const element = make("span", own ? "T" : "RSS", own ? "face app" : "face feed");
  element.setAttribute("aria-hidden", "true");
  return { name: message.username ?? message.bot_profile?.name ?? "", face: element, app: true };
}

function post(message, at, isReply) {
  const element = make("article", undefined, "post");
  element.tabIndex = 0;
  element.dataset.key = key(message);
  element.dataset.ts = message.ts;
  if (isReply) element.classList.add("reply");
  if (message.ephemeral_to) element.classList.add("only");
  if (state.fresh.delete(key(message))) element.classList.add("new");
  const who = author(message);
  const line = make("div", undefined, "who");
  line.append(make("b", who.name));
  if (who.app) line.append(make("span", say("app"), "tag"));
  const time = make("time", at.toLocaleTimeString(state.language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }));
  time.dateTime = at.toISOString();
  line.append(time);
  if (message.edited) line.append(make("span", say("edited"), "quiet"));
  if (message.ephemeral_to) line.append(make("span", say("only"), "quiet"));
  const middle = make("div");
  middle.append(line, content(state, message, (action_id, value) => act({ action: "click", ts: message.ts, action_id, value })));
  element.append(who.face, middle);
  if (!message.ephemeral_to) element.append(chips(message, isReply));
  element.setAttribute("aria-label", `${who.name} ${time.textContent}`);
  return element;
}

function chips(message, isReply) {
  const row = make("div", undefined, "chips");
  for (const one of message.reactions ?? []) {
    const mine = one.users.includes(state.acting);
    const chip = make("button", undefined, "chip");
    chip.type = "button";
    chip.dataset.part = `chip-${one.name}`;
    chip.dataset.emoji = one.name;
    chip.setAttribute("aria-pressed", String(mine));
    const names = one.users.map(called);
    chip.title = `:${one.name}: ${say("holders", names)}`;
    chip.setAttribute("aria-label", `:${one.name}: ${one.count} ${say("holders", names)}`);
    chip.append(make("span", sign(one.name)), make("span", String(one.count)));
    chip.onclick = () => act({ action: mine ? "unreact" : "react", ts: message.ts, emoji: one.name });
    row.append(chip);
  }
  const tools = make("span", undefined, "quick");
  for (const name of quick) tools.append(tool(sign(name), say("react", `:${name}:`), `quick-${name}`, () => act({ action: "react", ts: message.ts, emoji: name })));
  tools.append(tool("＋", say("more"), "more", () => pick(message.ts)));
  if (!isReply) tools.append(tool(say("reply"), say("reply"), "reply", () => ask("reply_prompt", "", (text) => act({ action: "reply", ts: message.ts, text })), "word"));
  if (state.shortcuts.length) tools.append(shortcuts(state, (callback_id) => act({ action: "shortcut", ts: message.ts, callback_id }), say));
  if (message.user === state.acting && !message.bot_id) {
    tools.append(tool(say("edit"), say("edit"), "edit", () => ask("edit_prompt", message.text, (text) => act({ action: "edit", ts: message.ts, text })), "word"));
    tools.append(tool(say("remove"), say("remove"), "remove", () => act({ action: "delete", ts: message.ts }), "word"));
  }
  row.append(tools);
  return row;
}

function tool(label, title, part, act_, className) {
  const button = make("button", label, className);
  button.type = "button";
  button.title = title;
  button.setAttribute("aria-label", title);
  button.dataset.part = part;
  button.onclick = act_;
  return button;
}

function ask(name, before, then) {
  const text = prompt(say(name), before);
  if (text?.trim()) then(text.trim());
}

function pick(ts) {
  $("picker-search").onkeydown = (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    $("picker-list").querySelector("button")?.click();
  };
  const draw_ = () => {
    const wanted = $("picker-search").value.trim().toLowerCase().replaceAll(":", "");
    const names = [...Object.keys(signs), ...Object.keys(state.emoji)].filter((name) => name.includes(wanted));
    $("picker-list").replaceChildren(...names.map((name) => {
      const button = make("button", sign(name), signs[name] ? "" : "custom");
      button.type = "button";
      button.title = `:${name}:`;
      button.setAttribute("aria-label", `:${name}:`);
      button.onclick = () => { $("picker").close(); act({ action: "react", ts, emoji: name }); };
      return button;
    }));
  };
  $("picker-search").value = "";
  $("picker-search").oninput = draw_;
  draw_();
  $("picker").showModal();
  $("picker-search").focus();
}

function drawNotes() {
  $("notes").replaceChildren(...state.notes.slice(-200).reverse().map((note) => {
    const item = make("li", undefined, note.kind);
    const at = new Date(note.at * 1000);
    const time = make("time", at.toLocaleTimeString(state.language, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" }));
    time.dateTime = at.toISOString();
    item.append(time);
    prose(note.text.replace(/:([a-z0-9_+-]+):/g, (whole, name) => (signs[name] ? signs[name] : whole)), item);
    if (note.data?.ts) item.append(jump(note.data, item.textContent));
    return item;
  }));
}

function jump({ channel: room, ts, title }, words) {
  const button = make("button", title || say("see_post"), "jump");
  button.type = "button";
  button.setAttribute("aria-label", say("jump", title || words));
  button.onclick = () => {
    if (!(state.messages[room] ?? []).some((one) => one.ts === ts)) { tell(say("post_gone")); return; }
    if (room !== state.channel || state.isHome) open(room);
    const there = [...$("posts").querySelectorAll(".post")].find((one) => one.dataset.ts === ts);
    there?.scrollIntoView({ block: "center" });
    there?.focus({ preventScroll: true });
  };
  return button;
}

function move(step) {
  const posts = [...document.querySelectorAll(".post")];
  const now = posts.indexOf(document.activeElement?.closest?.(".post"));
  const next = posts[now < 0 ? (step > 0 ? 0 : posts.length - 1) : Math.min(Math.max(now + step, 0), posts.length - 1)];
  next?.focus();
}

document.addEventListener("keydown", (event) => {
  const typing = ["TEXTAREA", "INPUT"].includes(event.target.tagName);
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.getAttribute?.("role") === "radio" && event.key.startsWith("Arrow")) {
    const people = [...$("people").children], now = people.indexOf(event.target);
    people[(now + (["ArrowRight", "ArrowDown"].includes(event.key) ? 1 : people.length - 1)) % people.length].click();
    event.preventDefault();
    return;
  }
  const steps = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 };
  if (event.key in steps && !event.target.closest?.(".channels")) { move(steps[event.key]); event.preventDefault(); }
  const focused = document.activeElement?.closest?.(".post");
  if (event.key === "r" && focused) { pick(focused.dataset.ts); event.preventDefault(); }
  if (event.key === "/") { document.querySelector("#channels button[aria-current]")?.focus(); event.preventDefault(); }
});
$("compose").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = $("text").value.trim();
  if (text) act({ action: text.startsWith("/") ? "command" : "post", text });
  $("text").value = "";
});
$("text").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); $("compose").requestSubmit(); }
  if (event.key === "Escape") $("text").blur();
});
$("skip").onclick = () => act({ action: "skip" });
$("language").onclick = () => { state.language = state.language === "ja" ? "en" : "ja"; remember("language", state.language); draw(); };
$("theme").onclick = () => { const theme = isDark() ? "light" : "dark"; document.documentElement.dataset.theme = theme; remember("theme", theme); drawTheme(); };
if (remembered("theme")) document.documentElement.dataset.theme = remembered("theme");
// Invented companies live under names that are reserved for that (RFC 2606): there is no page to open.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[target=_blank]");
  if (link && /\.(example|invalid|test)$/.test(new URL(link.href).hostname)) { event.preventDefault(); tell(say("nowhere")); }
});
if (isNarrow()) for (const fold of document.querySelectorAll(".fold")) fold.open = false;
matchMedia("(max-width: 760px)").addEventListener("change", () => drawPosts());
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawTheme);

listen();
