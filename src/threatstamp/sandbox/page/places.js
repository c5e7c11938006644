// Beside the posts: the app's home, a channel's canvas, and the app's entries in the menu of a post.
import { blocks, emojiElement, make, mention, prose } from "./render.js";

// press: called with the action of a button, and the value of a menu.
export const showHome = (place, state, press, say) => {
  const box = make("div", undefined, "home words"), home = state.homes[state.acting];
  if (home) blocks(state, home.blocks, box, press); else box.append(make("p", say("home_wait"), "empty"));
  place.replaceChildren(box);
};

// A canvas is Markdown; of it, what apps write: headings, lists, code, bold, links to channels.
const inline = (state, text, parent) => {
  for (const part of text.split(/(`[^`]+`|\*\*[^*]+\*\*|!\[\]\(#\w+\)|:[a-z0-9_+'-]+:|(?<!\w)_[^_]+_(?!\w))/)) {
    if (/^`.+`$/.test(part)) parent.append(make("code", part.slice(1, -1)));
    else if (/^\*\*.+\*\*$/.test(part)) parent.append(make("b", part.slice(2, -2)));
    else if (/^_.+_$/.test(part)) parent.append(make("i", part.slice(1, -1)));
    else if (/^!\[\]\(#\w+\)$/.test(part)) parent.append(mention(state, "channel", part.slice(5, -1)));
    else if (/^:.+:$/.test(part)) parent.append(emojiElement(part.slice(1, -1)));
    else if (part) prose(part.replace(/\\([^\w\s])/g, "$1"), parent);
  }
  return parent;
};

export const showCanvas = (place, state, canvas, say) => {
  place.hidden = !canvas;
  if (!canvas) return;
  const body = make("div", undefined, "words");
  let list = null;
  for (const line of canvas.markdown.split("\n")) {
    const item = /^\s*[-*] (.*)/.exec(line), heading = /^#{1,6} (.*)/.exec(line);
    if (!item) list = null;
    if (item) {
      if (!list) { list = make("ul"); body.append(list); }
      list.append(inline(state, item[1], make("li")));
    } else if (heading) body.append(inline(state, heading[1], make("h3"))); else if (line.trim()) body.append(inline(state, line, make("p")));
  }
  place.replaceChildren(make("summary", canvas.title ? say("canvas_named", canvas.title) : say("canvas")), body);
};

// A list of its own, so that it needs no script to open, and keys work in it.
export const shortcuts = (state, choose, say) => {
  const select = make("select", undefined, "plain overflow");
  select.dataset.part = "shortcuts";
  select.setAttribute("aria-label", say("shortcuts"));
  select.append(make("option", "⋯"));
  select.options[0].value = "";
  for (const one of state.shortcuts) { const option = make("option", one.words); option.value = one.callback_id; select.append(option); }
  select.onchange = () => { const chosen = select.value; select.value = ""; if (chosen) choose(chosen); };
  return select;
};
