// The quotes of a code that was split: a key puts each into one of the new codes. What is left can be sorted another day.

import { find, h, inLanguage, say } from "../dom.js";
import { wordsView } from "../spans.js";
import { nameOf } from "./book.js";

/** `groups`: [{codes, quotes}]; `onEnd` is called once all are sorted, or when the screen is left. With none left, the view shows no quote and takes no key. */
export function sortingView(groups, { outbox, onEnd, redraw }) {
  const waiting = groups.flatMap(({ codes, quotes }) => quotes.map((quote) => ({ codes, quote })));
  const total = waiting.length;
  const done = [];
  const sort = (code) => {
    const [{ codes, quote }] = waiting;
    const answers = Object.fromEntries(codes.map((each) => [each, each === code ? quote.value || "yes" : "no"]));
    outbox.put({ path: "/api/settle", body: { excerpt_id: quote.id, text_sha256: quote.sha, base: quote.base, codes: { ...quote.own.codes, ...answers }, links: quote.own.links, memo: quote.own.memo } });
    done.push(waiting.shift());
    redraw();
    if (!waiting.length) onEnd();
  };
  const undo = () => {
    const last = done.pop();
    if (!last) return;
    outbox.put({ path: "/api/undo", body: { excerpt_id: last.quote.id } });
    waiting.unshift(last);
    redraw();
  };
  const later = () => { waiting.push(waiting.shift()); redraw(); };
  const quoteView = ({ codes, quote }) => {
    const choice = (code, key, label) => h("button", { class: "choice", onclick: () => sort(code), "data-code": code }, h("kbd", {}, key), " ", label);
    return [
      h("p", { class: "where" }, [quote.person, quote.source, inLanguage(quote.place), quote.value ? say(`value.${quote.value}`) : "", say("codebook.coded_by", { who: quote.by.join(", ") })].filter(Boolean).join(" · ")),
      h("p", { class: "words", lang: quote.language, id: "sort-words" }, wordsView({ text: quote.text, marks: [] }, { marked: quote.spans }, { name: nameOf })),
      h("div", { class: "choices" }, codes.map((code, index) => choice(code, String(index + 1), nameOf(code))), choice("", "0", say("codebook.none_of_them"))),
      h("div", { class: "buttons" },
        h("button", { onclick: later }, say("codebook.sort_later"), " ", h("kbd", {}, "l")),
        h("button", { onclick: undo, disabled: !done.length, id: "sort-undo" }, say("form.undo"), " ", h("kbd", {}, "u")),
        h("button", { onclick: onEnd, id: "sort-end" }, say("codebook.sort_end"), " ", h("kbd", {}, "b"))),
    ];
  };
  const view = () => h("section", { class: "sorting" },
    h("h2", {}, say("codebook.sort_title")),
    h("p", { class: "soft", id: "sort-progress" }, say("codebook.sort_progress", { done: done.length, total })),
    waiting.slice(0, 1).map(quoteView));
  const press = (key) => {
    if (!waiting.length) return false;
    const { codes } = waiting[0];
    if (key === "0") sort("");
    else if (codes[Number(key) - 1]) sort(codes[Number(key) - 1]);
    else if (key === "u") undo();
    else if (key === "l") later();
    else if (key === "b" || key === "Escape") onEnd();
    else return false;
    find("#main").focus();
    return true;
  };
  return { view, press };
}
