// Signs of common emoji; what is not here is shown by its name.
export const signs = {
  rotating_light: "🚨", computer: "💻", wrench: "🔧", eyes: "👀", white_check_mark: "✅", see_no_evil: "🙈", outbox_tray: "📤",
  "+1": "👍", "-1": "👎", warning: "⚠️", fire: "🔥", bug: "🐛", lock: "🔒", shield: "🛡️", bell: "🔔", memo: "📝", pray: "🙏",
  tada: "🎉", thinking_face: "🤔", question: "❓", exclamation: "❗", heavy_check_mark: "✔️", x: "❌", hourglass: "⌛",
  hammer_and_wrench: "🛠️", globe_with_meridians: "🌐", email: "✉️", iphone: "📱", key: "🔑", mag: "🔍", pushpin: "📌",
  calendar: "📅", clock3: "🕒", construction: "🚧", inbox_tray: "📥", package: "📦", receipt: "🧾", red_circle: "🔴",
  large_blue_circle: "🔵", speech_balloon: "💬", spider: "🕷️", star: "⭐", zap: "⚡", curry: "🍛", coffee: "☕", smile: "😄",
  heart: "❤️", raised_hand: "✋", raising_hand: "🙋", clap: "👏", joy: "😂", sob: "😭", rocket: "🚀", books: "📚",
};
export const quick = ["rotating_light", "wrench", "computer", "see_no_evil"];
export const sign = (name) => {
  const [base, tone] = name.split("::skin-tone-");
  const tones = ["", "", "🏻", "🏼", "🏽", "🏾", "🏿"];
  return signs[base] ? signs[base] + (tones[Number(tone)] ?? "") : `:${name}:`;
};
