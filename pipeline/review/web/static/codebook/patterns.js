// Patterns: words that always suggest a code, with everything that they would catch; and those that deserve to be taken away.

import { get } from "../api.js";
import { h, inLanguage, points, say, share } from "../dom.js";
import { ask } from "./dialogs.js";
import { families, familyName, nameOf, theBook, treeOf } from "./book.js";

const PAUSE = 350; // milliseconds after the last letter until a preview is asked for
const LANGUAGES = ["en", "es", "fr", "pt"];

const precisionText = (figures) => (figures.decided ? say("codebook.precision", { right: figures.right, decided: figures.decided, share: share(figures.precision) }) : say("codebook.precision_none"));

function hitView(hit) {
  const letters = points(hit.text);
  const part = (start, end) => letters.slice(start, end).join("");
  const sign = hit.is_right === null ? "" : say(hit.is_right ? "codebook.right" : "codebook.wrong");
  return h("li", { lang: hit.language }, part(0, hit.start), h("mark", {}, part(hit.start, hit.end)), part(hit.end, letters.length),
    h("small", {}, [hit.person, hit.source, inLanguage(hit.place), sign].filter(Boolean).join(" · ")));
}

/** What a pattern would catch, and how often it is right so far. */
export const caughtView = (caught) => [
  h("p", { id: "pattern-count" }, h("strong", {}, say("codebook.catches", { n: caught.count })), " ", say("codebook.of_persons", { n: caught.persons }), ". ", precisionText(caught)),
  h("ul", {}, caught.hits.map(hitView)),
  caught.count > caught.hits.length ? h("p", { class: "soft" }, say("codebook.more", { n: caught.count - caught.hits.length })) : "",
];

/** Words as a pattern: without the signs that mean something in one. */
export const asMatch = (words) => words.toLowerCase().replace(/[^\p{L}\p{N}\s'’-]+/gu, " ").trim().split(/\s+/).slice(0, 12).join(" ");

/** Always suggest a code for some words; `onDone` is called when the pattern is written. */
export function newPattern({ words = "", code = "", language = "en", onDone }) {
  const options = families().flatMap((family) => treeOf(family).map(({ code: each }) => h("option", { value: each.id }, `${nameOf(each.id)} · ${familyName(family)}`)));
  const codes = h("select", { id: "pattern-code" }, options);
  codes.value = code || theBook().codes[0]?.id || "";
  const languages = h("select", { id: "pattern-language" }, LANGUAGES.map((each) => h("option", { value: each }, say(`codebook.language_${each}`))));
  languages.value = LANGUAGES.includes(language) ? language : "en";
  const match = h("input", { type: "text", id: "pattern-match", "data-first": true });
  match.value = asMatch(words);
  const preview = h("div", { class: "preview", "aria-live": "polite", id: "pattern-preview" });
  let timer = null;
  let asked = 0;
  const look = async () => {
    const number = ++asked;
    if (!match.value.trim()) return preview.replaceChildren();
    try {
      const caught = await get("/api/codebook/preview", { code: codes.value, language: languages.value, match: match.value });
      if (number !== asked) return;
      preview.replaceChildren(...caughtView(caught));
    } catch (error) {
      if (number === asked) preview.replaceChildren(h("p", { class: "alert" }, error.message));
    }
  };
  for (const input of [match, codes, languages]) input.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(look, PAUSE); });
  const field = (label, input) => h("label", {}, h("span", {}, label), input);
  ask(say("codebook.pattern_title"), {
    fields: [field(say("codebook.pattern_match"), match), h("p", { class: "soft" }, say("codebook.pattern_help")),
      field(say("codebook.pattern_code"), codes), field(say("codebook.pattern_language"), languages),
      h("p", { class: "soft", id: "pattern-when" }, say("codebook.pattern_when")), preview],
    reason: words ? say("codebook.why_words") : "",
    button: say("codebook.pattern_save"),
    order: () => ({ action: "pattern", codes: [codes.value], pattern: { language: languages.value, match: match.value.trim() } }),
    onDone,
  });
  look();
}

export async function patternsView(onDone) {
  const { patterns } = await get("/api/codebook/patterns");
  const drop = (row) => ask(say("codebook.drop_title", { id: row.id }), {
    fields: [h("p", {}, `${nameOf(row.code)}: ${row.match}`)],
    reason: row.advice ? say(`codebook.why_${row.advice}`) : "", button: say("codebook.drop"), order: () => ({ action: "drop-pattern", codes: [row.code], pattern: { id: row.id } }), onDone,
  });
  const row = (each) => h("tr", {},
    h("td", {}, nameOf(each.code)), h("td", {}, h("code", {}, each.match), h("small", {}, ` ${each.language}`)), h("td", {}, String(each.count)), h("td", {}, each.decided ? precisionText(each) : ""),
    h("td", {}, h("button", { onclick: () => drop(each), "data-pattern": each.id }, say("codebook.drop"))));
  const table = (rows) => h("table", {}, h("thead", {}, h("tr", {}, ["pattern_code", "pattern_match", "catches_short", "precision_short"].map((key) => h("th", { scope: "col" }, say(`codebook.${key}`))), h("th", {}, ""))), h("tbody", {}, rows.map(row)));
  const part = (advice) => {
    const rows = patterns.filter((each) => each.advice === advice);
    return rows.length ? h("details", { open: Boolean(advice), class: `advice-${advice || "none"}` }, h("summary", {}, say(`codebook.advice_${advice || "none"}`), ` (${rows.length})`), table(rows)) : "";
  };
  return h("section", { class: "patterns" }, h("h2", {}, say("codebook.patterns")),
    h("p", {}, h("button", { id: "new-pattern", onclick: () => newPattern({ onDone }) }, say("codebook.pattern_title"))),
    patterns.length ? [part("dead"), part("imprecise"), part("")] : h("p", { class: "soft" }, say("codebook.no_patterns")));
}
