// Which language, and its words.

/** Languages there are, and whose way of writing times each follows. */
const REGIONS = { en: "en-GB", nl: "nl-NL" };
const RETRY_MS = 2000;

/** The first of `wishes` ("nl-BE" counts as "nl") that is spoken, else English. */
export function pickLanguage(...wishes) {
  const codes = wishes.filter(Boolean).map((wish) => wish.slice(0, 2).toLowerCase());
  return codes.find((code) => code in REGIONS) ?? "en";
}

/** Words of one language: `t("left", {count: 3})`. */
export class Texts {
  constructor(language, words) {
    this.language = language;
    this.t = (key, values = {}) => words[key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
    const locale = REGIONS[language];
    this.time = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" });
    this.megabytes = new Intl.NumberFormat(locale, { style: "unit", unit: "megabyte", maximumFractionDigits: 1 });
    this.kilobytes = new Intl.NumberFormat(locale, { style: "unit", unit: "kilobyte", maximumFractionDigits: 0 });
    this.size = (bytes) =>
      bytes < 1e6 ? this.kilobytes.format(Math.ceil(bytes / 1e3)) : this.megabytes.format(bytes / 1e6);
    this.date = new Intl.DateTimeFormat(locale, { weekday: "long", day: "numeric", month: "long" });
  }

  /** "Today", "Yesterday" or the date. */
  day(when, now = new Date()) {
    const days = Math.round((midnight(now) - midnight(when)) / 86_400_000);
    return days === 0 ? this.t("today") : days === 1 ? this.t("yesterday") : this.date.format(when);
  }
}

function midnight(when) {
  return new Date(when.getFullYear(), when.getMonth(), when.getDate());
}

/** Fetches one section of a locale file; a server that is restarting is asked again. */
export async function fetchWords(server, language, section) {
  for (;;) {
    const answer = await fetch(new URL(`locale/${language}.json`, server)).catch(() => null);
    if (answer?.ok) return (await answer.json())[section];
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}
