// Starts the page: words, state, stream, keyboard.

import { remember, remembered } from "./frame.js";
import { listenToKeys } from "./keys.js";
import { Scene } from "./scene.js";
import { Store } from "./store.js";
import { Stream } from "./stream.js";
import { LANGUAGES, loadTexts } from "./texts.js";

const EVERY_MINUTE = 60_000;

const store = new Store();
const scene = new Scene(store, { language: () => turnLanguage() });
const stream = new Stream(store, (is) => scene.frame.connected(is));

async function turnLanguage() {
  const next = LANGUAGES[(LANGUAGES.indexOf(scene.say.language) + 1) % LANGUAGES.length];
  remember("language", next);
  scene.speak(await loadTexts(next));
}

/** The workspace's language, unless the reader has chosen another. */
async function start() {
  const state = await (await fetch("/sandbox/state", { cache: "no-store" })).json();
  const language = [remembered("language"), state.language].find((one) => LANGUAGES.includes(one)) ?? "en";
  const say = await loadTexts(language);
  store.read(state);
  scene.speak(say);
  scene.settle();
  listenToKeys(scene);
  stream.start();
  setInterval(() => scene.drawSoon(), EVERY_MINUTE);
  document.documentElement.dataset.ready = "yes";
}

start();
