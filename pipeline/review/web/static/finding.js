// Find excerpts by terms that are typed or picked, make what was found a queue or a table, and count it.

import { get } from "./api.js";
import { countsView, sideLists } from "./counting.js";
import { find, h, inLanguage, say } from "./dom.js";
import { closeDrawer, openDrawer } from "./frame.js";
import { codeTerm, joined, pickLists, term } from "./picking.js";

const TERMS = ["exact", "code", "family", "not", "near", "person", "by", "status", "finding"];
const PAUSE = 150; // milliseconds after the last key
const cell = (text) => `"${String(/^[=+\-@\t\r]/.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`; // no formula leaves

function download(hits) {
  const rows = [["excerpt_id", "person", "source", "text"], ...hits.map((hit) => [hit.id, hit.person, hit.source, hit.text])];
  const link = h("a", { href: URL.createObjectURL(new Blob(["\ufeff", rows.map((row) => row.map(cell).join(",")).join("\r\n")], { type: "text/csv" })), download: "excerpts.csv" });
  link.click();
  URL.revokeObjectURL(link.href);
}

/** A code of what was found; ◇ before those that only the machine gives. */
const codeOf = (each, study) => `${each.is_by_people ? "" : "◇ "}${study.name(each.code)}`;

/** The terms that a search knows, each with an example of this study. */
function termsView(study) {
  const [code] = study.codes;
  const family = code ? inLanguage(study.families[code.family]) || code.family : "...";
  const examples = { code: code ? codeTerm(code.id, study) : term("code", "..."), family: term("family", family), finding: study.findings[0]?.id ?? "...", coder: term("by", study.coder) };
  const terms = TERMS.flatMap((key) => [h("dt", {}, h("code", {}, say(`term.${key}`, examples))), h("dd", {}, say(`find.${key}`))]);
  return h("details", {}, h("summary", {}, say("find.terms")), h("dl", { class: "keys soft" }, terms));
}

/** `sides`: what is counted by and crossed with when the drawer opens. */
export function findDrawer(study, onQueue, { sides = [] } = {}) {
  const results = h("div", { id: "hits", "aria-live": "polite" });
  const counts = h("div", { id: "counts" });
  const lists = h("div", { id: "lists" });
  let by = sides;
  let choices = null;
  let review = null; // what Enter does
  let timer = 0;
  const draw = (...children) => {
    results.inert = false;
    results.replaceChildren(...children);
  };
  const count = async () => {
    const query = input.value;
    if (!choices || !by.length) return counts.replaceChildren();
    const onCell = (terms) => write(terms.reduce((before, each) => joined(before, "and", each), query));
    let content;
    try {
      content = await countsView(query, by, { study, choices, onCell });
    } catch (error) {
      content = [h("p", { class: "soft" }, error.message)];
    }
    if (query === input.value) counts.replaceChildren(...content);
  };
  const look = async (query) => {
    if (!query.trim()) return draw();
    let answer;
    try {
      answer = await get("/api/find", { q: query });
    } catch (error) {
      return draw(h("p", { class: "soft" }, error.message));
    }
    const asQueue = (id) => { closeDrawer(); onQueue(answer.items.map((item) => ({ ...item, why: "found" })), id); };
    const asTable = async () => download((await get("/api/find", { q: query, texts: "all" })).hits);
    if (query !== input.value) return; // more has been typed meanwhile
    review = answer.count ? () => asQueue() : null;
    draw(
      h("div", { class: "buttons" }, h("span", { id: "count" }, say("find.hits", { n: answer.count, persons: answer.persons })),
        answer.count ? h("button", { id: "as-queue", onclick: () => asQueue() }, say("find.as_queue"), " ", h("kbd", {}, "Enter")) : null,
        answer.count ? h("button", { id: "as-table", onclick: asTable }, say("find.as_csv")) : null),
      answer.hits.some(({ codes }) => codes.some((each) => !each.is_by_people)) ? h("p", { class: "soft" }, say("find.machine")) : "",
      ...answer.hits.map((hit) => h("button", { class: "hit", onclick: () => asQueue(hit.id) }, h("small", {}, [hit.person, hit.source, inLanguage(hit.place), ...hit.codes.map((each) => codeOf(each, study))].filter(Boolean).join(" · ")), hit.text)));
  };
  const typed = (query) => {
    clearTimeout(timer);
    review = null;
    results.inert = true; // they answer what was typed before
    timer = setTimeout(() => { look(query); count(); }, PAUSE);
  };
  const input = h("input", { type: "search", id: "query", "aria-label": say("page.find"), placeholder: say("find.type_or_pick"), oninput: (event) => typed(event.target.value) });
  const write = (query) => { input.value = query; typed(query); input.focus(); };
  input.addEventListener("keydown", async (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    if (!review) {
      clearTimeout(timer);
      await look(input.value);
    }
    review?.();
  });
  openDrawer(say("page.find"), input, lists, termsView(study), counts, results);
  find("#query").focus();
  get("/api/choices").then((answer) => {
    choices = answer;
    const onChoose = (chosen) => { by = chosen; count(); };
    lists.replaceChildren(pickLists(study, choices, (added, joint) => write(joined(input.value, joint, added))), choices.is_hidden ? "" : sideLists(choices, by, onChoose));
    return count();
  }).catch((error) => lists.replaceChildren(h("p", { class: "soft" }, error.message)));
}
