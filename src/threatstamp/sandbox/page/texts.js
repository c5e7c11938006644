// The page's own words, in Japanese and English.

export const LANGUAGES = ["ja", "en"];

/** Returns a function (key, values) -> sentence for one language. */
export async function loadTexts(language) {
  const catalogue = await (await fetch(`/page/${language}.json`)).json();
  const say = (key, values = {}) => {
    const text = catalogue[values.count === 1 && `${key}_one` in catalogue ? `${key}_one` : key];
    if (text === undefined) throw new Error(`no text for ${key}`);
    return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
  };
  say.has = (key) => key in catalogue;
  say.language = language;
  return say;
}

/** Writes the words of the static part of the page. */
export function fillTexts(root, say) {
  for (const one of root.querySelectorAll("[data-text]")) one.textContent = say(one.dataset.text);
  for (const one of root.querySelectorAll("[data-label]")) {
    one.setAttribute("aria-label", say(one.dataset.label));
    if (one.tagName === "BUTTON") one.title = say(one.dataset.label);
  }
}
