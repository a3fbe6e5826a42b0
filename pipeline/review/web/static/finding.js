// Find excerpts, and make what was found a queue or a table.

import { get } from "./api.js";
import { find, h, inLanguage, say } from "./dom.js";
import { closeDrawer, openDrawer } from "./frame.js";

const TERMS = ["exact", "code", "not", "near", "person", "by", "status", "finding"];
const PAUSE = 150; // milliseconds after the last key
const cell = (text) => `"${String(/^[=+\-@\t\r]/.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`; // no formula leaves
const quoted = (name) => (/\s/.test(name) ? `"${name}"` : name); // as the search reads it

function download(hits) {
  const rows = [["excerpt_id", "person", "source", "text"], ...hits.map((hit) => [hit.id, hit.person, hit.source, hit.text])];
  const link = h("a", { href: URL.createObjectURL(new Blob(["\ufeff", rows.map((row) => row.map(cell).join(",")).join("\r\n")], { type: "text/csv" })), download: "excerpts.csv" });
  link.click();
  URL.revokeObjectURL(link.href);
}

export function findDrawer(study, onQueue) {
  const results = h("div", { id: "hits", "aria-live": "polite" });
  let review = null; // what Enter does
  let timer = 0;
  const draw = (...children) => {
    results.inert = false;
    results.replaceChildren(...children);
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
      ...answer.hits.map((hit) => h("button", { class: "hit", onclick: () => asQueue(hit.id) }, h("small", {}, [hit.person, hit.source, inLanguage(hit.place)].filter(Boolean).join(" · ")), hit.text)));
  };
  const input = h("input", { type: "search", id: "query", "aria-label": say("page.find"), oninput: (event) => {
    clearTimeout(timer);
    review = null;
    results.inert = true; // they answer what was typed before
    timer = setTimeout(() => look(event.target.value), PAUSE);
  } });
  input.addEventListener("keydown", async (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    if (!review) {
      clearTimeout(timer);
      await look(input.value);
    }
    review?.();
  });
  const examples = { code: study.codes[0]?.id ?? "...", finding: study.findings[0]?.id ?? "...", coder: quoted(study.coder) };
  const terms = h("dl", { class: "keys soft" }, TERMS.flatMap((key) => [h("dt", {}, h("code", {}, say(`term.${key}`, examples))), h("dd", {}, say(`find.${key}`))]));
  openDrawer(say("page.find"), input, h("details", { open: !window.matchMedia("(max-width: 640px)").matches }, h("summary", {}, say("find.terms")), terms), results);
  find("#query").focus();
}
