// The frame around the posts: light and dark, language, drawers of a narrow window, banner, short notices.

import { el } from "./dom.js";

const LASTS = 6_000;
const narrow = matchMedia("(max-width: 1040px)");

export function remember(name, value) {
  localStorage.setItem(`threatstamp.${name}`, value);
}

export function remembered(name) {
  return localStorage.getItem(`threatstamp.${name}`);
}

/** Holds the parts that stand still. */
export class Frame {
  constructor({ language }) {
    this.body = document.body;
    this.byId = (id) => document.getElementById(id);
    this.banner = this.byId("banner");
    this.byId("theme-switch").addEventListener("click", () => this.turnTheme());
    this.byId("language-switch").addEventListener("click", language);
    this.byId("notes-switch").addEventListener("click", () => this.toggleNotes());
    this.byId("open-channels").addEventListener("click", () => this.toggleDrawer("show-channels"));
    this.byId("shade").addEventListener("click", () => this.closeDrawers());
    narrow.addEventListener("change", () => this.closeDrawers());
    this.body.classList.toggle("no-notes", remembered("notes") === "off");
  }

  draw(scene) {
    this.scene = scene;
    const other = scene.say("other_language");
    this.label("language-switch", scene.say("switch_language"));
    this.byId("language-switch").textContent = other;
    this.label("theme-switch", scene.say(this.isDark() ? "go_light" : "go_dark"));
    this.label("notes-switch", scene.say(this.notesShown() ? "notes_hide" : "notes_show"));
    this.byId("notes-switch").setAttribute("aria-expanded", String(this.notesShown()));
    this.byId("team").textContent = scene.store.team.name;
    this.drawBanner();
  }

  label(id, text) {
    this.byId(id).setAttribute("aria-label", text);
    this.byId(id).title = text;
  }

  isDark() {
    const chosen = document.documentElement.dataset.theme;
    return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  }

  turnTheme() {
    const theme = this.isDark() ? "light" : "dark";
    document.documentElement.dataset.theme = theme;
    remember("theme", theme);
    this.draw(this.scene);
  }

  notesShown() {
    return narrow.matches ? this.body.classList.contains("show-notes") : !this.body.classList.contains("no-notes");
  }

  toggleNotes() {
    if (narrow.matches) {
      this.toggleDrawer("show-notes");
    } else {
      const off = this.body.classList.toggle("no-notes");
      remember("notes", off ? "off" : "on");
      this.draw(this.scene);
    }
    this.dot("notes-switch", false);
  }

  dot(id, on) {
    this.byId(id).querySelector(".dot").hidden = !on;
  }

  toggleDrawer(name) {
    const open = !this.body.classList.contains(name);
    this.closeDrawers();
    this.body.classList.toggle(name, open);
    this.byId("shade").hidden = !open;
    this.byId("open-channels").setAttribute("aria-expanded", String(open && name === "show-channels"));
    this.draw(this.scene);
    if (open) this.byId(name === "show-notes" ? "notes" : "channels").querySelector("button, a")?.focus();
  }

  /** Returns true if there was one to close. */
  closeDrawers() {
    const had = this.body.classList.contains("show-channels") || this.body.classList.contains("show-notes");
    this.body.classList.remove("show-channels", "show-notes");
    this.byId("shade").hidden = true;
    this.byId("open-channels").setAttribute("aria-expanded", "false");
    if (this.scene) this.draw(this.scene);
    return had;
  }

  connected(is) {
    this.lost = !is;
    if (this.scene) this.drawBanner();
  }

  drawBanner() {
    this.banner.hidden = !this.lost;
    this.banner.textContent = this.lost ? this.scene.say("disconnected") : "";
  }

  toast(text) {
    const toast = el("p", { class: "toast" }, text);
    this.byId("toasts").append(toast);
    setTimeout(() => toast.remove(), LASTS);
  }

  /** Reads something aloud to who cannot see it arrive. */
  announce(text) {
    const live = this.byId("live");
    live.append(el("p", {}, text));
    while (live.children.length > 8) live.firstChild.remove();
  }
}
