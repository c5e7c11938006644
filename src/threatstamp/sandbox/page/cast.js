// "Act as": the people of the workspace, one of whom is you just now.

import { el } from "./dom.js";
import { courteous } from "./message.js";

const MOST_FACES = 8;

/** Draws the choice: faces while they are few, a list when there are many. */
export function drawCast(root, scene) {
  const people = scene.store.people();
  const label = el("span", { class: "cast-label", id: "cast-label" }, scene.say("act_as"));
  if (!people.length) return root.replaceChildren(label, el("span", { class: "faint" }, scene.say("nobody")));
  const had = root.contains(document.activeElement);
  root.replaceChildren(label, people.length > MOST_FACES ? menu(people, scene) : faces(people, scene));
  if (had) root.querySelector("input:checked, select")?.focus();
  return undefined;
}

function faces(people, scene) {
  return el("div", { class: "faces", role: "radiogroup", "aria-labelledby": "cast-label" }, people.map((user) => face(user, scene)));
}

function face(user, scene) {
  const input = el("input", { type: "radio", name: "person", value: user.id, checked: user.id === scene.person, class: "unseen", on: { change: () => scene.become(user.id) } });
  return el(
    "label",
    { class: "face", title: [courteous(user.id, scene), user.title].filter(Boolean).join(" ") },
    input,
    el("span", { class: "avatar", "aria-hidden": "true", style: { "--tint": user.color } }, user.avatar),
    el("span", { class: "face-name" }, courteous(user.id, scene), user.title ? el("span", { class: "faint small face-title" }, user.title) : null),
  );
}

function menu(people, scene) {
  const options = people.map((user) => el("option", { value: user.id }, [courteous(user.id, scene), user.title].filter(Boolean).join(" ")));
  const select = el("select", { class: "field", "aria-labelledby": "cast-label", on: { change: (event) => scene.become(event.target.value) } }, options);
  select.value = scene.person;
  return select;
}
