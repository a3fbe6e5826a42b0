// The codebook: the tree of codes by family with their counts, one code in detail, its history and its patterns.

import { get } from "../api.js";
import { definitionOf, find, h, inLanguage, say } from "../dom.js";
import { closeDrawer, notice, openDrawer } from "../frame.js";
import { change, codeNamed, families, familyName, isWithin, lookAgain, nameOf, theBook, treeOf } from "./book.js";
import { describe, merge, move, newCode, rename, renameFamily, retire, reverse, split } from "./dialogs.js";
import { historyView, subjectOf } from "./history.js";
import { newPattern, patternsView } from "./patterns.js";
import { acceptProposal, proposalsView, stepProposals } from "./proposals.js";
import { sortingView } from "./sorting.js";
import { theoryView } from "./theory.js";

let selected = null; // id of a code
let part = "codes"; // codes, history, patterns, theory, sort
let sorting = null;
let choices = 0; // how often a person has chosen a code
let press = () => false;
const memos = { done: [], undone: [] }; // of this tab: {id, before, after, line: of the last change before it}

export const pressOnCodebook = (key) => press(key);
export const chosenCode = () => selected;

function counts(code) {
  if (code.confirmed === undefined) return "";
  const hasSubCodes = theBook().codes.some(({ parent }) => parent === code.id);
  const own = hasSubCodes ? h("span", { class: "soft" }, ` (${say("codebook.own", { n: code.own })})`) : "";
  return h("span", { class: "counts", title: say(hasSubCodes ? "codebook.counts_with_sub_codes" : "codebook.counts_title", code) }, h("strong", {}, String(code.confirmed)), own, code.suggested ? h("span", { class: "soft" }, ` +${code.suggested}`) : "");
}

function bar(value, most, kind) {
  const fill = h("span", { class: kind });
  fill.style.width = `${most ? Math.round((100 * value) / most) : 0}%`;
  return fill;
}

/** Confirmed excerpts, persons, and what the machine suggests, by group. */
function groupsView(code) {
  const groups = Object.entries(code.groups ?? {});
  if (!groups.length) return h("p", { class: "soft" }, say("codebook.no_uses"));
  const most = Math.max(...groups.map(([, { confirmed, suggested }]) => confirmed + suggested));
  const heads = ["group", "confirmed", "persons", "suggested"].map((key) => h("th", { scope: "col" }, say(`codebook.${key}`)));
  const rows = groups.map(([name, each]) => h("tr", {}, h("th", { scope: "row" }, name || say("codebook.no_group")), h("td", {}, String(each.confirmed)), h("td", {}, String(each.persons)), h("td", {}, String(each.suggested)),
    h("td", { class: "bar", "aria-hidden": "true" }, h("span", { class: "track" }, bar(each.confirmed, most, "confirmed"), bar(each.suggested, most, "suggested")))));
  return h("table", { class: "groups" }, h("thead", {}, h("tr", {}, heads, h("th", {}, ""))), h("tbody", {}, rows));
}

function memoView(code, outbox) {
  const box = h("textarea", { id: "code-memo", rows: "3", "aria-label": say("codebook.memo"), onchange: (event) => writeMemo(code.id, event.target.value, outbox) });
  box.value = code.memo;
  return h("label", {}, h("span", {}, say("codebook.memo")), box);
}

function writeMemo(id, note, outbox, { isUndo = false } = {}) {
  const code = codeNamed(id);
  if (!isUndo) {
    memos.done.push({ id, before: code.memo, after: note, line: lineNow() });
    memos.undone.length = 0;
  }
  code.memo = note;
  outbox.put({ path: "/api/memo", body: { about: "code", id, note } });
}

function detailView(code, { outbox, acts }) {
  const text = (key) => (inLanguage(code[key]) ? [h("h3", {}, say(`codebook.${key}`)), h("p", {}, inLanguage(code[key]))] : []);
  const button = (name, key) => h("button", { id: `do-${name}`, onclick: () => acts[name]() }, say(`codebook.${name}`), " ", h("kbd", {}, key));
  const path = [familyName(code.family), ...ancestors(code).map(nameOf)].join(" › ");
  return h("section", { class: "detail", "aria-label": nameOf(code.id) },
    h("p", { class: "soft" }, path), h("h2", {}, nameOf(code.id)),
    h("div", { class: "buttons acts" }, button("rename", "e"), button("describe", "i"), button("move", "v"), button("merge", "m"), button("split", "s"), button("below_it", "N"), button("pattern", "p"), button("retire", "x"), button("quotes", "q")),
    h("h3", {}, say("codebook.definition")), h("p", { class: inLanguage(code.definition) ? "" : "soft" }, definitionOf(code)), text("include"), text("exclude"), memoView(code, outbox),
    code.confirmed === undefined ? h("p", { class: "soft" }, say("codebook.hidden")) : [h("h3", {}, say("codebook.uses")), groupsView(code)]);
}

function ancestors(code) {
  const line = [];
  for (let above = codeNamed(code.parent); above; above = codeNamed(above.parent)) line.unshift(above.id);
  return line;
}

function treeView(choose, moveTo, rename, make) {
  const item = ({ code, depth }) => {
    const row = h("button", { role: "treeitem", "aria-level": depth + 1, "aria-selected": code.id === selected ? "true" : "false", draggable: "true", "data-code": code.id, onclick: () => choose(code.id) },
      h("span", { class: "name" }, nameOf(code.id), code.memo ? " ✎" : ""), counts(code));
    row.style.paddingLeft = `${0.5 + depth * 1.1}rem`;
    row.addEventListener("dragstart", (event) => event.dataTransfer.setData("text/plain", code.id));
    return droppable(row, { id: code.id, onDrop: (dragged) => moveTo(dragged, { family: code.family, parent: code.id }) });
  };
  return h("nav", { class: "tree", role: "tree", "aria-label": say("page.codebook") },
    families().map((family) => [droppable(h("h2", {}, familyName(family), " ", h("button", { class: "rename-family", "data-family": family, title: say("codebook.family_title", { name: familyName(family) }), "aria-label": say("codebook.family_title", { name: familyName(family) }), onclick: () => rename(family) }, "✎"),
      h("button", { class: "new-in-family", title: say("codebook.new_in", { name: familyName(family) }), "aria-label": say("codebook.new_in", { name: familyName(family) }), onclick: () => make(family) }, "+")), { onDrop: (dragged) => moveTo(dragged, { family, parent: "" }) }), treeOf(family).map(item)]),
    theBook().codes.length ? "" : h("p", { class: "soft" }, say("codebook.empty")));
}

const order = () => families().flatMap((family) => treeOf(family).map(({ code }) => code.id));

/** The excerpts of a code beside the tree; a press puts one in front, with the others as the queue. */
async function showQuotes(id, useResults) {
  const { count, hits, items } = await get("/api/codebook/quotes", { code: id });
  const hit = (each) => h("button", { class: "hit", lang: each.language, onclick: () => { closeDrawer(); useResults(items, each.id); } }, each.text,
    h("small", {}, [each.person, each.source, inLanguage(each.place), each.is_confirmed ? "" : say("codebook.only_suggested")].filter(Boolean).join(" · ")));
  openDrawer(`${nameOf(id)} (${count})`, ...(hits.length ? hits.map(hit) : [h("p", { class: "soft" }, say("codebook.no_uses"))]));
}

/** The line of the last change of the codebook. */
const lineNow = () => theBook().history[0]?.line ?? 0;

/** The change that was made, or made again, last; or of those taken back since the last new one, the one taken back last. */
function lastOf(history, can) {
  const newest = Math.max(0, ...history.filter(({ of }) => !of).map(({ line }) => line));
  const rows = history.filter((row) => row.can === can && (can === "undo" || row.latest > newest));
  return rows.sort((a, b) => b.latest - a.latest)[0];
}

/** A code that is dragged onto another one, or onto a family, moves there. */
function droppable(element, { onDrop, id = "" }) {
  element.addEventListener("dragover", (event) => event.preventDefault());
  element.addEventListener("drop", (event) => {
    event.preventDefault();
    const dragged = event.dataTransfer.getData("text/plain");
    if (codeNamed(dragged) && !(id && isWithin(id, dragged))) onDrop(dragged);
  });
  return element;
}

export async function codebookScreen(study, outbox, { isCurrent, useResults, cross }) {
  const main = find("#main");
  await until(() => outbox.length === 0);
  await lookAgain();
  if (!isCurrent()) return;
  const show = (id) => { if (id !== undefined) selected = id; draw(); };
  const open = (name) => { part = name; draw(); };
  const startSorting = () => {
    sorting = sortingView(theBook().unsorted, { outbox, redraw: () => draw(), onEnd: async () => { await until(() => outbox.length === 0); await lookAgain(); sorting = null; open("codes"); } });
    open("sort");
  };
  const afterSplit = async (book) => {
    selected = book.history[0].into[0];
    if (book.unsorted.length) startSorting();
    else draw();
  };
  const onCode = (act) => () => (selected ? act(selected, show) : undefined);
  const acts = {
    rename: onCode(rename), describe: onCode(describe), move: onCode(move), merge: onCode(merge), retire: onCode(retire),
    split: () => selected && split(selected, afterSplit),
    quotes: () => selected && showQuotes(selected, useResults),
    below_it: () => selected && newCode({ beside: codeNamed(selected), parent: selected, onDone: () => show() }),
    pattern: () => selected && newPattern({ code: selected, language: study.language, onDone: () => draw() }),
    make: () => newCode({ beside: codeNamed(selected), onDone: show }),
  };
  const reverseLast = (can) => async (before) => {
    const [from, to] = can === "undo" ? [memos.done, memos.undone] : [memos.undone, memos.done];
    const row = lastOf(theBook().history, can);
    if (from.length && (!row || from.at(-1).line >= row.latest)) {
      const memo = from.pop();
      to.push({ ...memo, line: lineNow() });
      if (codeNamed(memo.id)) writeMemo(memo.id, can === "undo" ? memo.before : memo.after, outbox, { isUndo: true });
      return show(choices === before ? memo.id : undefined);
    }
    if (!row) return notice(say(`codebook.nothing_to_${can}`));
    try {
      await change({ action: "undo", line: row.line, reason: say(`codebook.why_${can}`) });
      notice(say(`codebook.${can}_done`, { what: subjectOf(row) }));
    } catch (error) {
      if (error.body?.kind === "elements_need_codes") return reverse({ ...row, text: subjectOf(row) }, () => draw());
      notice(error.message);
    }
    if (choices === before) selected = [...(can === "undo" ? row.codes : []), ...row.into, ...row.codes, selected].find(codeNamed) ?? null;
    draw();
  };
  let turn = Promise.resolve(); // a key pressed while a change is on its way waits for it
  const inTurn = (act) => () => {
    const before = choices; // what a person has chosen since stays chosen
    const go = () => act(before);
    turn = turn.then(go, go);
  };
  const undo = inTurn(reverseLast("undo"));
  const redo = inTurn(reverseLast("redo"));
  const waiting = () => theBook().unsorted.reduce((sum, { quotes }) => sum + quotes.length, 0);
  const tools = () => h("div", { class: "tools" },
    h("button", { id: "new-code", class: "first", onclick: acts.make }, say("codebook.new"), " ", h("kbd", {}, "n")),
    ["codes", "history", "patterns"].map((name, index) => h("button", { id: `part-${name}`, "aria-pressed": part === name ? "true" : "false", onclick: () => open(name) }, say(`codebook.part_${name}`), " ", h("kbd", {}, String(index + 1)))),
    theBook().codes.length ? h("button", { id: "cross", onclick: cross }, say("codebook.cross"), " ", h("kbd", {}, "4")) : "",
    h("button", { id: "part-theory", "aria-pressed": part === "theory" ? "true" : "false", onclick: () => open("theory") }, say("codebook.part_theory"), " ", h("kbd", {}, "5")),
    h("button", { id: "codebook-undo", onclick: undo }, say("form.undo"), " ", h("kbd", {}, "u")), h("button", { id: "codebook-redo", onclick: redo }, say("codebook.redo"), " ", h("kbd", {}, "U")),
    waiting() ? h("button", { id: "sort", class: "waiting", onclick: startSorting }, say("codebook.to_sort", { n: waiting() }), " ", h("kbd", {}, "w")) : "");
  const choose = (id) => { choices += 1; show(id); find(".detail")?.scrollIntoView?.({ block: "nearest" }); find("#main").focus(); };
  const step = (by) => {
    if (part === "patterns") return stepProposals(by);
    const ids = order();
    choose(ids[Math.max(0, Math.min(ids.length - 1, ids.indexOf(selected) + by))] ?? null);
    find('.tree [aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
  };
  async function draw() {
    if (!isCurrent()) return;
    if (!codeNamed(selected)) selected = order()[0] ?? null;
    if (part === "sort" && sorting) return main.replaceChildren(h("div", { class: "codebook" }, sorting.view()));
    const code = codeNamed(selected);
    const inside = part === "history" ? historyView(theBook(), (row) => reverse(row, () => draw()))
      : part === "theory" ? theoryView(study, () => draw())
      : part === "patterns" ? [proposalsView(() => draw()), await patternsView(() => draw())]
      : h("div", { class: "codes" }, treeView(choose, (dragged, place) => move(dragged, show, place), (family) => renameFamily(family, show), (family) => newCode({ family, onDone: show })), code ? detailView(code, { outbox, acts }) : h("section", { class: "detail" }, h("p", {}, say("codebook.begin"))));
    if (isCurrent()) main.replaceChildren(h("div", { class: "codebook" }, tools(), theBook().is_newer ? h("p", { class: "soft", id: "newer" }, say("codebook.newer")) : "", ...[inside].flat()));
  }
  const keys = {
    n: acts.make, N: acts.below_it, e: acts.rename, i: acts.describe, v: acts.move, m: acts.merge, s: acts.split, x: acts.retire, p: acts.pattern, q: acts.quotes,
    u: undo, U: redo, w: () => waiting() && startSorting(), a: () => part === "patterns" && acceptProposal(), 1: () => open("codes"), 2: () => open("history"), 3: () => open("patterns"), 4: cross, 5: () => open("theory"),
    j: () => step(1), k: () => step(-1), ArrowDown: () => step(1), ArrowUp: () => step(-1),
  };
  press = (key) => {
    if (part === "sort" && sorting) return sorting.press(key);
    keys[key]?.();
    return key in keys;
  };
  if (part === "sort" && !sorting) part = "codes";
  await draw();
  main.focus();
}

const until = (isTrue) => new Promise((resolve) => {
  const look = () => (isTrue() ? resolve() : setTimeout(look, 20));
  look();
});
