// Where coders differ: both sides, and a ruling.

import { get } from "./api.js";
import { find, h, inLanguage, say } from "./dom.js";
import { openDialog, closeDialog } from "./frame.js";

let ruled = 0;

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
      : say("differences.agreement", { code: study.name(code), alpha: alpha.value.toFixed(2), low: alpha.low.toFixed(2), high: alpha.high.toFixed(2), persons: agreement.persons });
    box.replaceChildren(h("p", {}, figure), ...[rawTable(agreement)].filter(Boolean));
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
  const draw = () => list.replaceChildren(
    secondLooks ? h("p", { class: "soft", id: "second-looks" }, say("differences.second_looks", { n: secondLooks.excerpts, percent: Math.round(100 * secondLooks.percent) })) : "",
    ruled ? h("p", { class: "soft" }, say("differences.done", { n: ruled })) : "",
    ...(items.length ? items.map((item, index) => card(item, index === 0)) : [h("p", {}, say("differences.none"))]));
  const rule = (item, value, note) => {
    outbox.put({ path: "/api/rule", body: { excerpt_id: item.id, text_sha256: item.sha, target: item.target, value, note } });
    items.splice(items.indexOf(item), 1);
    ruled += 1;
    draw();
  };
  const decide = (item, value) => {
    const votes = item.sides.filter((side) => side.value === value).length;
    if (votes * 2 >= item.sides.length) return rule(item, value, "");
    const why = h("textarea", { id: "why", "data-first": true, "aria-label": say("differences.why") });
    openDialog(say("differences.why_needed"), why, h("div", { class: "buttons" }, h("button", { id: "rule", onclick: () => {
      if (why.value.trim()) { closeDialog(); rule(item, value, why.value.trim()); }
    } }, say("differences.rule"))));
  };
  const card = (item, isFirst) => {
    const isCode = study.codesById.has(item.target);
    const values = isCode ? ["positive", "negative", "mixed", "yes", "no"] : ["supports", "contradicts", "qualifies", "no"];
    return h("article", { class: `difference${isFirst ? " current" : ""}` },
      h("strong", {}, isCode ? study.name(item.target) : `${item.target}: ${study.finding(item.target)?.statement ?? ""}`),
      h("p", { class: "soft" }, isCode ? inLanguage(item.definition) : ""),
      h("p", { class: "words" }, item.text),
      h("div", { class: "sides" }, item.sides.map((side, index) => h("button", { class: "side", onclick: () => decide(item, side.value) },
        isFirst && index < 9 ? h("kbd", {}, String(index + 1)) : "", ` ${side.coder}: `, h("strong", {}, say(`value.${side.value}`)), side.memo ? h("div", { class: "soft" }, side.memo) : ""))),
      h("div", { class: "buttons" }, values.map((value) => h("button", { onclick: () => decide(item, value) }, say(`value.${value}`)))),
      isCode && isFirst ? agreementView(item.target, study) : "");
  };
  draw();
  main.replaceChildren(list);
  main.onkeydown = (event) => {
    const side = items[0]?.sides[Number(event.key) - 1];
    if (isCurrent() && side && find("#dialog").hidden) decide(items[0], side.value);
  };
  main.focus();
}
