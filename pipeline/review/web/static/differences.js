// Where coders differ: both sides, and a ruling.

import { get } from "./api.js";
import { find, h, inLanguage, say, share } from "./dom.js";
import { openDialog, closeDialog } from "./frame.js";

const CODE_KEYS = { positive: "+", negative: "-", mixed: "=", yes: "0", no: "" };
const LINK_KEYS = { supports: "+", contradicts: "-", qualifies: "=", no: "0" };

const ruled = []; // in this tab, for undo: {item, at}
let press = () => {}; // what a key does on the screen as it is now

export const pressOnDifferences = (key) => press(key);

/** How many excerpts both, one or neither coder gave the code: a row for each pair of coders. */
function rawTable(agreement) {
  if (!agreement) return null;
  const both = Object.entries(agreement.pairs).filter(([, { counts }]) => counts.yes_yes + counts.yes_no + counts.no_yes + counts.no_no);
  const rows = both.map(([pair, { counts }]) =>
    h("tr", {}, h("th", { scope: "row" }, pair), ["yes_yes", "yes_no", "no_yes", "no_no"].map((cell) => h("td", {}, String(counts[cell])))));
  const heads = ["pair", "both", "first", "second", "neither"].map((key) => h("th", { scope: "col" }, say(`differences.${key}`)));
  return h("table", { class: "raw" }, h("thead", {}, h("tr", {}, heads)), h("tbody", {}, rows));
}

const counted = new Map(); // code -> its figures, asked for once while the screen is open

/** The agreement on a code with the table behind it, filled in when it is counted. */
function agreementView(code, study) {
  const box = h("div", { class: "soft", "aria-live": "polite" }, say("differences.counting"));
  if (!counted.has(code)) counted.set(code, get("/api/agreement", { code }));
  counted.get(code).then(({ agreement }) => {
    const alpha = agreement?.alpha;
    const figure = !alpha || alpha.low === null
      ? say("differences.agreement_none", { code: study.name(code) })
      : say("differences.agreement", { code: study.name(code), alpha: share(alpha.value), low: share(alpha.low), high: share(alpha.high), persons: agreement.persons });
    const { u_alpha: ofWords, n } = agreement?.spans ?? {};
    const onWords = typeof ofWords?.value === "number" ? h("p", {}, say("differences.agreement_spans", { alpha: share(ofWords.value), n })) : null;
    box.replaceChildren(...[h("p", {}, figure), onWords, rawTable(agreement)].filter(Boolean));
  }).catch((error) => box.replaceChildren(error.message));
  return box;
}

export async function differencesScreen(study, outbox, isCurrent) {
  const main = find("#main");
  const { items, second_looks: secondLooks, is_hidden: isHidden } = await get("/api/differences");
  if (!isCurrent()) return;
  counted.clear();
  if (isHidden) return main.replaceChildren(h("p", { class: "differences" }, say("differences.open_round")));
  const list = h("div", { class: "differences" });
  let current = 0;
  const draw = () => list.replaceChildren(
    secondLooks ? h("p", { class: "soft", id: "second-looks" }, say("differences.second_looks", { n: secondLooks.excerpts, percent: Math.round(100 * secondLooks.percent) })) : "",
    h("p", { class: "soft" }, say("differences.done", { n: ruled.length }), " ", h("button", { id: "undo", disabled: !ruled.length, onclick: undo }, say("form.undo"), " ", h("kbd", {}, "u"))),
    ...(items.length ? items.map((item, index) => card(item, index === current)) : [h("p", {}, say("differences.none"))]));
  const goTo = (index) => {
    current = Math.max(0, Math.min(items.length - 1, index));
    draw();
    find(".difference.current")?.scrollIntoView({ block: "nearest" });
  };
  const undo = () => {
    const last = ruled.pop();
    if (!last) return;
    outbox.put({ path: "/api/undo", body: { excerpt_id: last.item.id } });
    items.splice(last.at, 0, last.item);
    goTo(last.at);
  };
  const rule = (item, value, note) => {
    outbox.put({ path: "/api/rule", body: { excerpt_id: item.id, text_sha256: item.sha, target: item.target, value, note } });
    const at = items.indexOf(item);
    items.splice(at, 1);
    ruled.push({ item, at });
    goTo(at);
  };
  const decide = (item, value) => {
    const votes = item.sides.filter((side) => side.value === value).length;
    if (votes * 2 >= item.sides.length) return rule(item, value, "");
    const why = h("textarea", { id: "why", "data-first": true, "aria-label": say("differences.why") });
    const ruleFor = () => {
      if (why.value.trim()) { closeDialog(); rule(item, value, why.value.trim()); }
    };
    why.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey) return;
      event.preventDefault();
      ruleFor();
    });
    openDialog(`${nameOf(item)}: ${say(`value.${value}`)}`, h("p", {}, say("differences.why_needed")), why, h("div", { class: "buttons" }, h("button", { id: "rule", onclick: ruleFor }, say("differences.rule"), " ", h("kbd", {}, "Enter"))));
  };
  const keysOf = (item) => (study.codesById.has(item.target) ? CODE_KEYS : LINK_KEYS);
  const nameOf = (item) => (study.codesById.has(item.target) ? study.name(item.target) : item.target);
  const card = (item, isFirst) => {
    const isCode = study.codesById.has(item.target);
    return h("article", { class: `difference${isFirst ? " current" : ""}` },
      h("strong", {}, isCode ? study.name(item.target) : `${item.target}: ${study.finding(item.target)?.statement ?? ""}`),
      isCode ? h("p", { class: "soft" }, inLanguage(item.definition)) : "",
      h("p", { class: "where" }, [item.person, item.source, inLanguage(item.place)].filter(Boolean).join(" · ")),
      item.question ? h("p", { class: "question" }, item.question) : "",
      h("p", { class: "words", lang: item.language }, item.text),
      h("div", { class: "sides" }, item.sides.map((side, index) => h("button", { class: "side", onclick: () => decide(item, side.value) },
        isFirst && index < 9 ? h("kbd", {}, String(index + 1)) : "", ` ${side.coder}: `, h("strong", {}, say(`value.${side.value}`)), side.marked ? h("div", { class: "soft" }, say("span.quoted", { words: side.marked })) : "", side.memo ? h("div", { class: "soft" }, side.memo) : ""))),
      h("div", { class: "buttons" }, Object.entries(keysOf(item)).map(([value, key]) => h("button", { onclick: () => decide(item, value) }, say(`value.${value}`), isFirst && key ? [" ", h("kbd", {}, key)] : ""))),
      isCode && isFirst ? agreementView(item.target, study) : "");
  };
  draw();
  main.replaceChildren(list);
  press = (key) => {
    const item = items[current];
    if (key === "u") return undo();
    if (!item) return;
    if (key === "j" || key === "k") return goTo(current + (key === "j" ? 1 : -1));
    const value = Object.entries(keysOf(item)).find(([, each]) => each === key)?.[0] ?? item.sides[Number(key) - 1]?.value;
    if (value) decide(item, value);
  };
  main.focus();
}
