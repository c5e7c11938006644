// Times as people say them, in the reader's own zone.

const WEEKDAYS = { ja: ["日", "月", "火", "水", "木", "金", "土"], en: ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"] };
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const WHOLE_MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];
const WHOLE_DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

const two = (number) => String(number).padStart(2, "0");
const midnight = (date) => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();

/** Days that lie between two dates as a calendar counts them: 0 is the same day. */
function daysAgo(date, now) {
  return Math.round((midnight(now) - midnight(date)) / 86_400_000);
}

/** Says times in one language. Seconds since the epoch in; Slack's ts is one too. */
export class Times {
  constructor(say, now = () => new Date()) {
    this.say = say;
    this.now = now;
    this.language = say.language;
  }

  clock(at) {
    const date = new Date(Number(at) * 1000);
    return `${two(date.getHours())}:${two(date.getMinutes())}`;
  }

  /** The day as a separator shows it: "11月24日(火) 今日", "Tue 24 Nov, today". */
  day(at) {
    const date = new Date(Number(at) * 1000);
    const near = this.near(date);
    if (!near) return this.date(date);
    return this.language === "ja" ? `${this.date(date)} ${near}` : `${near}, ${this.date(date)}`;
  }

  /** The whole moment, for who wants to know it exactly. */
  full(at) {
    return `${this.date(new Date(Number(at) * 1000), true)} ${this.clock(at)}`;
  }

  dayKey(at) {
    return String(midnight(new Date(Number(at) * 1000)));
  }

  near(date) {
    const ago = daysAgo(date, this.now());
    if (ago === 0) return this.say("today");
    if (ago === 1) return this.say("yesterday");
    return ago === -1 ? this.say("tomorrow") : "";
  }

  date(date, year = date.getFullYear() !== this.now().getFullYear()) {
    const weekday = WEEKDAYS[this.language][date.getDay()];
    if (this.language === "ja") {
      return `${year ? `${date.getFullYear()}年` : ""}${date.getMonth() + 1}月${date.getDate()}日(${weekday})`;
    }
    return `${weekday} ${date.getDate()} ${MONTHS[date.getMonth()]}${year ? ` ${date.getFullYear()}` : ""}`;
  }

  /** Slack's <!date^…> as a client writes it; an unknown part gives the fallback. */
  slackDate(at, format, fallback) {
    const date = new Date(Number(at) * 1000);
    if (!Number.isFinite(date.getTime())) return fallback;
    let known = true;
    const text = format.replace(/\{(\w+)\}/g, (_, part) => {
      const said = this.part(date, part);
      if (said === null) known = false;
      return said ?? "";
    });
    return known ? text : fallback;
  }

  part(date, part) {
    const at = date.getTime() / 1000;
    switch (part) {
      case "date_num":
        return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
      case "date_slash":
        return `${date.getFullYear()}/${two(date.getMonth() + 1)}/${two(date.getDate())}`;
      case "time":
        return this.clock(at);
      case "time_secs":
        return `${this.clock(at)}:${two(date.getSeconds())}`;
      case "ago":
        return this.ago(at);
      default:
        return this.worded(date, part);
    }
  }

  worded(date, part) {
    const [name, pretty] = part.endsWith("_pretty") ? [part.slice(0, -7), true] : [part, false];
    if (!["date", "date_short", "date_long", "day_divider"].includes(name)) return null;
    if (pretty && this.near(date)) return this.near(date);
    if (this.language === "ja") return this.japanese(date, name);
    const day = date.getDate();
    if (name === "date_short") return `${MONTHS[date.getMonth()]} ${day}, ${date.getFullYear()}`;
    const whole = `${WHOLE_MONTHS[date.getMonth()]} ${day}, ${date.getFullYear()}`;
    return name === "date_long" ? `${WHOLE_DAYS[date.getDay()]}, ${whole}` : whole;
  }

  japanese(date, name) {
    const weekday = WEEKDAYS.ja[date.getDay()];
    if (name === "date_short") return `${date.getMonth() + 1}/${date.getDate()}(${weekday})`;
    const whole = `${date.getFullYear()}年${date.getMonth() + 1}月${date.getDate()}日`;
    return name === "date_long" ? `${whole}${weekday}曜日` : whole;
  }

  ago(at) {
    const seconds = Math.round(at - this.now().getTime() / 1000);
    const form = new Intl.RelativeTimeFormat(this.language, { numeric: "auto" });
    for (const [unit, size] of [["day", 86_400], ["hour", 3_600], ["minute", 60]]) {
      if (Math.abs(seconds) >= size) return form.format(Math.trunc(seconds / size), unit);
    }
    return form.format(seconds, "second");
  }
}
