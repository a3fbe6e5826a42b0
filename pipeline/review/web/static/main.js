// The page: which excerpt is in front, what is fetched ahead, and what each key does.

import { Answers, forgetDraft, keepDraft, tab } from "./answers.js";
import { get, Outbox, post, Refusal } from "./api.js";
import { choosePlace, withNewBounds } from "./bounds.js";
import { clashDialog } from "./clash.js";
import { change, lookAgain, theBook, useBook } from "./codebook/book.js";
import { newCode, newElement } from "./codebook/dialogs.js";
import { subjectOf } from "./codebook/history.js";
import { newPattern } from "./codebook/patterns.js";
import { codebookScreen, pressOnCodebook } from "./codebook/screen.js";
import { selectedWords, watchSelection } from "./codebook/words.js";
import { correctDialog } from "./corrections.js";
import { differencesScreen, pressOnDifferences } from "./differences.js";
import { currentLanguage, find, h, inLanguage, say, useTexts } from "./dom.js";
import { findDrawer } from "./finding.js";
import { formView, undecidedText } from "./form.js";
import { footView, notice, openDrawer } from "./frame.js";
import { listen, showKeys } from "./keys.js";
import { codeDialog, findingDialog, personDialog } from "./memos.js";
import { choose } from "./palette.js";
import { choosePath, pathsView, withMark, withoutMark } from "./paths.js";
import { queueView, readingView } from "./reading.js";
import { roundsDialog } from "./rounds.js";
import { chooseWords, forgetSelection, selectedStretch, spansView, wordsView } from "./spans.js";
import { openTranscript, pressOnTranscript } from "./transcript.js";

const AHEAD = 3; // excerpts fetched before they are asked for
const QUEUE_AROUND = 12; // entries of the queue drawn around the current one
const HOUR = 3_600_000;
const PLACE = "hallazgo-place"; // the excerpt in front, to come back to after a reload, or in a new tab where it was last
const ORDER = "hallazgo-order"; // of the queue: "need" or "speech"

let study;
let queue = [];
let current = 0;
let excerpt = null;
let answers = null;
let screen = "settle";
let order = localStorage.getItem(ORDER) ?? "need";
let language = localStorage.getItem("hallazgo-language");
const cache = new Map();
const settledAt = []; // times at which this tab settled an excerpt
const history = []; // what was done in this tab, for undo: answers as they were before they were saved, cuts, or steps with their own `undo` and `redo`
const undone = []; // what was undone in this tab and may be put back, as `history` had it
let home = null; // the queue that was left for what a search found: {items, current}
let status = () => ""; // what became of the last key, beside the progress, in the language of the page
let isLoading = false;
const waitingKeys = []; // keys and buttons pressed while the next excerpt was on its way

const outbox = new Outbox({
  onChange: () => study && drawFrame(),
  onSaved: (entry, answer) => {
    study.recall = answer.recall ?? study.recall;
    study.settled = answer.settled ?? study.settled;
    study.ranking = answer.ranking === undefined ? study.ranking : answer.ranking;
    if (entry.path === "/api/settle") settledAs(entry, answer);
    else if (!["/api/undo", "/api/redo"].includes(entry.path)) status = () => say(entry.path === "/api/later" ? "progress.later" : "progress.saved");
    if (answer.problems?.length) notice(answer.problems.join(" "));
    for (const id of [entry.body.excerpt_id, ...(entry.body.also ?? [])]) cache.delete(id);
  },
  onRefused: refused,
});

async function load({ place = null } = {}) {
  const start = await get("/api/start");
  study = start.study;
  language ??= study.language;
  indexCodes();
  study.name = (id) => inLanguage(study.codesById.get(id)?.name ?? { en: id }) || id;
  study.finding = (id) => study.findingsById.get(id);
  useTexts(study.texts, language);
  document.title = `Hallazgo · ${study.title}`;
  home = null;
  const items = isInOrder() ? await queueItems() : start.items;
  const isWaiting = items.some(({ id, done }) => id === place && !done);
  await useQueue(items, { excerpts: start.excerpts, first: isWaiting ? place : null });
}

const isInOrder = () => order === "speech" && !study.round;
const queueItems = async () => (await get("/api/queue", isInOrder() ? { order } : {})).items;

/** Hand out those excerpts first from which most is learnt, or interview after interview as people spoke. */
async function changeOrder(chosen) {
  order = chosen;
  localStorage.setItem(ORDER, order);
  await until(() => outbox.length === 0);
  await useQueue(await queueItems());
  find("#main").focus();
}

function indexCodes() {
  study.codesById = new Map(study.codes.map((code) => [code.id, code]));
  study.findingsById = new Map(study.findings.map((finding) => [finding.id, finding]));
}

/** The codes as they are by now; what was answered here and is not saved stays. */
async function loadCodes() {
  const { codes, findings: present, elements, codebook, families, theory, is_newer } = await get("/api/study");
  Object.assign(study, { codes, findings: present, elements, codebook, families, theory, is_newer });
  indexCodes();
  cache.clear();
  if (!excerpt) return;
  const { why, about } = excerpt;
  const loaded = await fetched(excerpt.id);
  if (loaded.id !== excerpt.id) return;
  const typing = document.activeElement.id === "memo" ? document.activeElement.selectionStart : null;
  excerpt = { ...loaded, ...withPending(loaded), why, about };
  const isGone = answers.last?.kind === "code" && !study.codesById.has(answers.last.id);
  answers = Object.assign(new Answers(excerpt, study), { last: isGone ? null : answers.last });
  if (screen === "settle") draw();
  if (typing === null) return;
  find("#memo").focus();
  find("#memo").setSelectionRange(typing, typing);
}

useBook(loadCodes);

async function useQueue(items, { excerpts = [], first = null } = {}) {
  queue = items;
  cache.clear();
  for (const each of excerpts) cache.set(each.id, Promise.resolve(each));
  current = Math.max(0, queue.findIndex((item) => (first ? item.id === first : !item.done)));
  await show(current);
}

/** What was found is the queue now; the other one waits. */
function useResults(items, first) {
  home ??= { items: queue, current };
  go("settle");
  useQueue(items, { first });
}

async function backToQueue() {
  if (!home) return;
  queue = home.items;
  current = home.current;
  home = null;
  notice("");
  if (queue[current]?.done) await next();
  else await show(current);
}

/** Tick an excerpt in the queue, and in the one that waits. */
function markDone(id, isDone) {
  for (const item of [...queue, ...(home?.items ?? [])]) if (item.id === id) item.done = isDone;
}

function settledAs(entry, answer) {
  const settled = history.findLast((each) => each.body === entry.body);
  if (settled) settled.isWritten = answer.seq.length > 0;
  status = () => [say("progress.saved"), settled?.left()].filter(Boolean).join("; ");
}

function fetched(id) {
  if (!cache.has(id)) {
    const promise = get("/api/excerpt", { id });
    promise.catch(() => cache.delete(id));
    cache.set(id, promise);
  }
  return cache.get(id);
}

/** Paint the excerpt at a place of the queue. Keys that are pressed before it is there wait for it. */
async function show(index) {
  isLoading = true;
  await paint(index);
}

async function paint(index) {
  if (!queue.length) {
    isLoading = false;
    excerpt = answers = null;
    return draw();
  }
  current = Math.max(0, Math.min(queue.length - 1, index));
  const item = queue[current];
  try {
    const loaded = await fetched(item.id);
    if (queue[current] !== item) return; // a later key has gone on
    excerpt = { ...loaded, ...withPending(loaded), why: item.why ?? loaded.why, about: item.about ?? loaded.about };
    answers = new Answers(excerpt, study);
    isLoading = false;
    for (const storage of [sessionStorage, localStorage]) storage.setItem(PLACE, excerpt.id);
    draw();
    if (window.scrollY) find(".reading")?.scrollIntoView({ block: "start" }); // on a phone the page itself scrolls
    waitingKeys.shift()?.();
  } catch (error) {
    if (!(error instanceof Refusal)) setTimeout(() => show(index), 1500);
    else {
      isLoading = false;
      waitingKeys.length = 0;
      if (error.body.kind === "no_such_excerpt") return leaveOut(item, error.message);
      notice(error.message);
    }
  }
  for (const next of upcoming(AHEAD)) fetched(next.id).catch(() => {});
}

/** Somebody cut, joined or corrected an excerpt: what is there now takes its place in the queue. */
async function leaveOut(item, text) {
  const gone = (each) => each === item;
  queue = queue.filter((each) => !gone(each));
  if (home) home.items = home.items.filter((each) => !gone(each));
  try {
    await lookForNews();
  } catch { /* the outbox says when the program does not answer */ }
  notice(text);
  await show(current);
}

/** The next excerpts that are not done. */
const upcoming = (count) => queue.filter((item, index) => index > current && !item.done).slice(0, count);

/** A decision of this tab that is still on its way counts as the coder's own. */
function withPending(loaded) {
  const body = outbox.pending(loaded.id);
  if (!body?.codes) return {};
  const undecided = body.is_rest_no ? [] : study.codes.map(({ id }) => id).filter((id) => !(id in body.codes));
  return { own: { codes: body.codes, links: body.links, memo: body.memo, spans: body.spans, settled: true, undecided } };
}

const queueTitle = () => (home ? say("page.results") : study.round ? say("page.in_round", { name: study.round.name }) : say("page.queue"));

function draw() {
  if (screen !== "settle") return;
  const main = find("#main");
  if (!excerpt) {
    main.replaceChildren(h("p", { class: "differences reading" }, say("excerpt.empty")));
  } else {
    main.replaceChildren(h("div", { class: "settle" },
      queueAround(),
      readingView(excerpt, answers, study, actions),
      formView(excerpt, answers, study, actions)));
    if (find("#now").dataset.id !== excerpt.id) find("#now").textContent = [excerpt.question, excerpt.text].filter(Boolean).join(" "); // for screen readers
    find("#now").dataset.id = excerpt.id;
  }
  drawFrame();
}

/** The entries of the queue around the current one. */
function queueAround() {
  const first = Math.max(0, Math.min(current - 2, queue.length - QUEUE_AROUND));
  const items = queue.slice(first, first + QUEUE_AROUND);
  return queueView({ items, current: current - first, choose: (index) => show(first + index), title: queueTitle(), place: { n: current + 1, total: queue.length }, isInOrder: isInOrder() && !home, changeOrder: study.round || home ? null : changeOrder });
}

const drawQueue = () => find(".settle .queue")?.replaceWith(queueAround());

/** Draw the form anew; the focus stays on the row that was pressed by key, and leaves one that was clicked. */
function drawForm() {
  const { activeElement } = document;
  const id = activeElement?.closest?.(".form") && activeElement.matches(":focus-visible") ? activeElement.dataset.id : null;
  const scrolled = find(".rows")?.scrollTop ?? 0;
  find(".form")?.replaceWith(formView(excerpt, answers, study, actions));
  find(".rows").scrollTop = scrolled;
  find(".code.touched")?.scrollIntoView({ block: "nearest" });
  if ([say("form.blank"), say("form.which")].includes(find("#notice").textContent)) notice("");
  if (id) find(`.form [data-id="${CSS.escape(id)}"]`)?.focus();
  else find("#main").focus();
}

function drawFrame() {
  const pages = [["settle", "settle", null], ["codebook", "codebook", "o"], ["differences", "differences", "d"]];
  find("#top").replaceChildren(
    h("h1", { title: study.title }, h("span", {}, say("page.coder", { coder: study.coder })), ` · ${study.title}`),
    h("nav", {},
      home ? h("button", { onclick: actions.back, id: "back" }, say("page.back"), " ", h("kbd", {}, "b")) : null, // first: the others stay where they are
      pages.map(([name, key, letter]) => h("button", { "aria-current": screen === name ? "page" : "false", onclick: whenLoaded(() => (home && screen === "settle" && name === screen ? backToQueue() : go(name))) }, say(`page.${key}`), letter ? " " : "", letter ? h("kbd", {}, letter) : "")),
      h("button", { onclick: actions.find }, say("page.find"), " ", h("kbd", {}, "/")),
      h("button", { onclick: actions.rounds }, say("page.rounds"), " ", h("kbd", {}, "r")),
      h("button", { onclick: showKeys, id: "keys" }, say("page.keys"), " ", h("kbd", {}, "?")),
      h("button", { onclick: otherLanguage, id: "language" }, say("page.language"))));
  const done = queue.filter((item) => item.done).length;
  find("#foot").replaceChildren(...footView({ study, done, total: queue.length, pace: pace(), unsaved: outbox.length, status: status() }));
  if (outbox.state === "offline") notice(say("progress.offline"), { stays: true });
  else if (outbox.state === "locked out") notice(say("progress.reopen"), { stays: true });
  else if ([say("progress.offline"), say("progress.reopen")].includes(find("#notice").textContent)) notice("");
}


function pace() {
  const span = settledAt.length > 2 ? settledAt.at(-1) - settledAt[0] : 0;
  return span ? Math.round(((settledAt.length - 1) * HOUR) / span) : 0;
}

function send(how) {
  if (answers.saysNothing) return notice(say("form.no_codes"));
  if (how === "shown" && answers.isBlank) return notice(say("form.blank"));
  notice("");
  const body = answers.body(how);
  const { undecided } = answers;
  const left = () => (how === "shown" ? undecidedText(undecided, "left") : "");
  status = () => "";
  history.push({ item: queue[current], draft: answers.draft, body, left, wasDone: queue[current].done, isWritten: true });
  outbox.put({ path: "/api/settle", body });
  undone.length = 0;
  answers.forget();
  for (const id of [body.excerpt_id, ...body.also]) markDone(id, true);
  settledAt.push(Date.now());
  next();
}

function next() {
  const later = queue.findIndex((item, index) => index > current && !item.done);
  const open = later >= 0 ? later : queue.findIndex((item) => !item.done);
  return open >= 0 ? show(open) : finish();
}

/** All of the queue is decided: what waits now, once the program has all answers. */
async function finish() {
  const total = queue.length;
  isLoading = true;
  drawFrame();
  await until(() => outbox.length === 0);
  if (outbox.length) return;
  const isRound = study.round && !home;
  if (home) await backToQueue();
  else if (isRound) await show(current);
  else await useQueue(await queueItems());
  notice(say(isRound ? "progress.round_done" : "progress.queue_done", { n: total }));
}

async function undo() {
  const last = history.at(-1);
  if (!last) {
    status = () => say("progress.nothing_to_undo");
    notice(status());
    return drawFrame();
  }
  isLoading = true;
  await until(() => outbox.length === 0); // whether it changed anything in the ledger
  if (!history.includes(last)) return show(current); // it was refused, and is in front again
  history.splice(history.indexOf(last), 1);
  if (last.steps) return reverse(last, "undo");
  if (last.wasAt !== undefined) return undoLater(last);
  if (last.bounds) return changeBounds({ action: "undo", line: last.bounds }, last);
  const { item, draft, body, wasDone, isWritten } = last;
  const ids = [body.excerpt_id, ...body.also];
  if (isWritten) for (const id of ids) outbox.put({ path: "/api/undo", body: { excerpt_id: id } });
  await until(() => outbox.length === 0);
  for (const id of ids) {
    markDone(id, wasDone && id === item.id);
    cache.delete(id);
  }
  keepDraft(item.id, draft);
  settledAt.pop();
  if (isWritten) undone.push(last);
  status = () => say("progress.undone");
  if (!queue.some(({ id }) => id === item.id)) queue.splice(current, 0, { ...item, done: wasDone });
  notice(say("progress.draft_again"));
  await show(queue.findIndex(({ id }) => id === item.id));
  if (excerpt.id === item.id) answers.save(); // no draft where nothing was changed
}

/** Put back what was undone last; an answer given since goes before it. */
async function redo() {
  const last = undone.pop();
  if (!last) {
    status = () => say("progress.nothing_to_redo");
    notice(status());
    return drawFrame();
  }
  isLoading = true;
  if (last.steps) return reverse(last, "redo");
  if (last.bounds) return changeBounds({ action: "redo", line: last.bounds }, last);
  const ids = [last.body.excerpt_id, ...last.body.also];
  for (const id of ids) outbox.put({ path: "/api/redo", body: { excerpt_id: id } });
  await until(() => outbox.length === 0);
  for (const id of ids) {
    markDone(id, true);
    cache.delete(id);
    forgetDraft(id);
  }
  history.push(last);
  settledAt.push(Date.now());
  notice("");
  await show(queue.findIndex(({ id }) => id === last.item.id));
  status = () => say("progress.redone");
  drawFrame();
}

/** What is asked for while an excerpt is on its way is done when it is there. */
function whenLoaded(act) {
  return (...asked) => {
    const press = () => { act(...asked); if (!isLoading) waitingKeys.shift()?.(); };
    if (isLoading) waitingKeys.push(press);
    else press();
  };
}

/** Something done here beside the answers, as two functions that take it back and do it again: what they say, null where it is gone. */
function remember(steps, more = {}) {
  history.push({ steps, item: queue[current], ...more });
  undone.length = 0;
  status = () => "";
  drawFrame();
}

async function reverse(last, can) {
  try {
    const at = queue.findIndex(({ id }) => id === last.item?.id);
    if (at >= 0 && at !== current) await show(at);
    const text = await last.steps[can]();
    if (text === null) return can === "undo" ? undo() : redo(); // taken back elsewhere
    (can === "undo" ? undone : history).push(last);
    status = () => say(`progress.${can === "undo" ? "undone" : "redone"}`);
    notice(text);
  } catch (error) {
    (can === "undo" ? history : undone).push(last);
    notice(error.message);
  }
  isLoading = false;
  drawFrame();
  waitingKeys.shift()?.();
}

/** Remember a change of the codebook. A draft loses the code of a change that is taken back, and has it again with the change. */
function rememberChange(line) {
  const turn = async (can) => {
    await lookAgain();
    const row = theBook().history.find((each) => each.can === can && (can === "undo" ? each.line : each.undoes) === line);
    if (!row) return null;
    await change({ action: "undo", line: row.line, reason: say(`codebook.why_${can}`) });
    return say(`codebook.${can}_done`, { what: subjectOf(row) });
  };
  remember({ undo: () => turn("undo"), redo: () => turn("redo") });
}

const cut = () => choosePlace(excerpt.text, {
  take: (at) => changeBounds({ action: "cut", excerpt_id: excerpt.id, text_sha256: excerpt.sha, at, tab: tab() }),
  choosing: () => notice(say("bounds.choose")),
  leave: () => notice(""),
});
const join = () => changeBounds({ action: "join", excerpt_id: excerpt.id, text_sha256: excerpt.sha, tab: tab() });

function correct() {
  const { id } = excerpt;
  correctDialog(excerpt, { onDone: corrected, isThere: () => screen === "settle" && excerpt?.id === id }).catch((error) => notice(error.message));
}

/** The corrections that the excerpt shows now; the words themselves change with the next run. */
function corrected(corrections, said, orders = []) {
  const before = excerpt.corrections.map(({ key }) => key);
  showCorrections(corrections);
  notice(say(`correct.${said}`));
  const after = corrections.map(({ key }) => key);
  const missing = (keys, others) => keys.filter((key) => !others.includes(key));
  if (orders.length) return rememberCorrection({ keys: missing(after, before), replaced: missing(before, after), said, orders });
  const gone = history.findIndex(({ keys }) => keys?.some((key) => before.includes(key) && !corrections.some((each) => each.key === key)));
  if (gone >= 0) undone.push(...history.splice(gone, 1)); // taken back by its own button
}

function showCorrections(corrections) {
  cache.clear();
  excerpt = { ...excerpt, corrections };
  draw();
}

/** Remember corrections of the excerpt, by their keys, and those whose place they took, which come back with an undo. */
function rememberCorrection({ keys, replaced, said, orders }) {
  const { id } = excerpt;
  const postAll = async (path, bodies) => {
    let answer = null;
    for (const body of bodies) answer = await post(path, body);
    showCorrections(answer.corrections);
  };
  remember({
    undo: async () => {
      const present = keys.filter((key) => excerpt.id === id && excerpt.corrections.some((each) => each.key === key));
      if (!present.length && (keys.length || !replaced.length)) return null;
      await postAll("/api/withdraw", (present.length ? present : [""]).map((key) => ({ passage_id: id, key, restored: replaced })));
      return say("correct.withdrawn");
    },
    redo: async () => { await postAll("/api/correct", orders); return say(`correct.${said}`); },
  }, { keys });
}

/** Cut or join, or take that back: the excerpts that there are now take the places of those before in the queue. */
async function changeBounds(body, before = null) {
  isLoading = true;
  await until(() => outbox.length === 0);
  const { id } = excerpt;
  try {
    const answer = await post("/api/bounds", body);
    study.run = answer.run;
    study.settled = answer.settled;
    queue = withNewBounds(queue, answer, current);
    if (home) home.items = withNewBounds(home.items, answer);
    cache.clear();
    if (body.action === "undo") undone.push(before);
    else history.push({ bounds: answer.line, item: queue[current] });
    if (!before) undone.length = 0;
    status = () => (before ? say(`progress.${body.action === "undo" ? "undone" : "redone"}`) : "");
    forgetSelection();
    const first = answer.items.find((item) => item.id === id) ?? answer.items[0];
    await show(queue.findIndex((item) => item.id === first.id));
    const done = { cut: answer.is_moved ? "was_moved" : "was_cut", join: "was_joined", undo: "undone", redo: "redone" }[body.action];
    notice(say(`bounds.${done}`));
  } catch (error) {
    isLoading = false;
    if (before && body.action === "undo") history.push(before);
    if (before && body.action === "redo") undone.push(before);
    notice(error.message);
    waitingKeys.shift()?.();
  }
}

/** Put an excerpt off: it comes last, and the next one is in front. */
function later() {
  const [item] = queue.splice(current, 1);
  outbox.put({ path: "/api/later", body: { excerpt_id: item.id } });
  history.push({ item, wasAt: current });
  queue.push(item);
  current -= 1;
  next();
}

async function undoLater({ item, wasAt }) {
  outbox.put({ path: "/api/undo", body: { excerpt_id: item.id } });
  await until(() => outbox.length === 0);
  queue.splice(queue.indexOf(item), 1);
  queue.splice(wasAt, 0, item);
  status = () => say("progress.not_later");
  await show(wasAt);
}

const until = (isTrue) => new Promise((resolve) => {
  const look = () => (isTrue() || outbox.state === "locked out" ? resolve() : setTimeout(look, 20));
  look();
});

/** A decision that the ledger did not take: the card comes back on top, with both versions. */
function refused(entry, error) {
  const id = entry.body.excerpt_id;
  const item = queue.find((each) => each.id === id);
  markDone(id, false);
  cache.delete(id);
  const settled = history.find((each) => each.body === entry.body);
  if (settled) settled.isWritten = false;
  const drop = () => { if (settled) history.splice(history.indexOf(settled), 1); };
  if (error.status !== 409) {
    if (settled) keepDraft(id, settled.draft);
    drop();
    notice(`${id}: ${error.message}`);
    if (item) show(queue.indexOf(item));
    return;
  }
  const keep = () => {
    const body = { ...entry.body, base: error.body.base };
    if (settled) Object.assign(settled, { body, isWritten: true });
    outbox.put({ path: "/api/settle", body });
    markDone(id, true);
    drawFrame();
  };
  const leave = () => {
    markDone(id, true);
    drop();
    show(current);
  };
  clashDialog(study, { mine: entry.body, theirs: error.body.theirs, text: error.body.text }, { keep, leave });
}

async function transcript() {
  if (!excerpt) return;
  await openTranscript(excerpt, async ({ turn }) => {
    cache.clear();
    if (turn !== excerpt.turn) return;
    const { corrections } = await fetched(excerpt.id);
    excerpt = { ...excerpt, corrections };
    draw();
  });
}

function palette() {
  const recent = JSON.parse(localStorage.getItem("hallazgo-recent") ?? "[]");
  const first = answers.isSuggesting ? excerpt.suggestion.doubtful : [];
  const options = study.codes.map((code) => ({ id: code.id, title: inLanguage(code.name) || code.id, detail: [inLanguage(study.families[code.family]), inLanguage(code.definition)].filter(Boolean).join(" · ") }));
  const rank = ({ id }) => (first.includes(id) ? first.indexOf(id) : recent.includes(id) ? first.length + recent.indexOf(id) : 1000);
  choose(say("form.all_codes"), options.sort((a, b) => rank(a) - rank(b)), (id) => {
    localStorage.setItem("hallazgo-recent", JSON.stringify([id, ...recent.filter((each) => each !== id)].slice(0, 9)));
    answers.add("code", id);
    drawForm();
  }, (typed) => besideCodes(typed, options, (id) => { answers.add("code", id); drawForm(); }));
}

/** A new code of the name that is typed, where none has it; `give` gives it. */
function besideCodes(typed, options, give) {
  const name = typed.trim();
  if (!name) return { hint: say("form.type_new") };
  if (options.some(({ title }) => title.toLowerCase() === name.toLowerCase())) return null;
  return { id: "", title: say("form.new_code", { name }), detail: say("form.new_code_detail"), take: () => makeCode({ name }, give) };
}

/** Ask for a new code, and give it to the excerpt in front. */
async function makeCode(named, give) {
  await lookAgain();
  const onDone = (code, line) => {
    give(code);
    rememberChange(line);
    notice(say("form.made_code", { name: study.name(code) }));
  };
  newCode({ ...named, beside: study.codesById.get(answers.last?.id), onDone });
}

function findings() {
  const suggested = (excerpt.suggestion?.links ?? []).map((link) => link.finding);
  const rank = (id) => (suggested.includes(id) ? 0 : 1);
  const options = study.findings.map(({ id, statement }) => ({ id, title: id, detail: statement })).sort((a, b) => rank(a.id) - rank(b.id));
  choose(say("form.findings"), options, (id) => { answers.add("link", id); drawForm(); });
}

/** Let the selected words carry the code touched last, or the only one that is given; else ask which. Without words, choose them by key. */
function mark() {
  const stretch = selectedStretch(excerpt.text);
  if (!stretch) {
    notice(say("span.choose"));
    return chooseWords(excerpt.text, { take: markStretch, leave: () => notice("") });
  }
  return markStretch(stretch);
}

function markStretch(stretch) {
  const given = answers.rows(study).filter(({ kind, id }) => kind === "code" && ![undefined, "no"].includes(answers.value(kind, id)));
  const code = answers.last?.kind === "code" ? answers.last.id : given.length === 1 ? given[0].id : null;
  if (code) return carry(code, stretch);
  if (!study.codes.length) return codeFromWords();
  const first = given.map(({ id }) => id);
  const options = study.codes.map(({ id, name, definition: text }) => ({ id, title: inLanguage(name) || id, detail: inLanguage(text) }));
  return choose(say("span.which"), options.sort((a, b) => first.includes(b.id) - first.includes(a.id)), (id) => carry(id, stretch),
    (typed) => besideCodes(typed, options, (id) => carry(id, stretch)));
}

/** Let the words that are selected carry a code that is pressed, as in other programs. Whether any are. */
function carryIfSelected({ kind, id }) {
  const stretch = kind === "code" ? selectedStretch(excerpt.text) : null;
  if (stretch) carry(id, stretch);
  return Boolean(stretch);
}

function carry(code, stretch) {
  answers.mark(code, stretch);
  forgetSelection();
  notice("");
  drawWords();
  drawForm();
}

/** Draw the words and what is marked in them anew. */
function drawWords() {
  find("#words").replaceChildren(...wordsView(excerpt, answers, study));
  find(".spans").replaceWith(spansView(excerpt, answers, study, actions));
}

/** Choose what leads to what here; without a theory of change there is nothing to choose from. */
function path() {
  choosePath(excerpt, study, actions.statePath, addElement);
}

/** An element of the theory of change that is named here; `onDone` gets its id. */
function addElement(name, onDone) {
  const carried = answers.rows(study).filter(({ kind, id }) => kind === "code" && ![undefined, "no"].includes(answers.value(kind, id)));
  const first = [answers.last?.kind === "code" ? answers.last.id : "", ...carried.map(({ id }) => id)];
  newElement({ name, study, first, onDone: (id, line) => { rememberChange(line); notice(say("paths.made", { name })); onDone(id); } });
}

/** A memo that was saved cannot be emptied: what it said would still count. */
function removePath(mark) {
  const memo = withoutMark(answers.memo, mark);
  if (!memo.trim() && excerpt.own.memo) return notice(say("paths.saved"));
  changeMemo(memo);
}

function changeMemo(memo) {
  answers.memo = memo;
  answers.save();
  notice("");
  drawPaths();
  drawForm();
}

/** Draw the causal paths anew; the focus stays on the path whose button was pressed. */
function drawPaths() {
  const focused = document.activeElement?.closest?.(".paths li")?.dataset.path;
  find(".paths")?.replaceWith(pathsView(excerpt, answers, study, actions));
  if (focused) find(`.paths [data-path="${CSS.escape(focused)}"] [aria-pressed="true"]`)?.focus();
}

function definition() {
  const target = answers.last ?? answers.rows(study).find(({ kind, id }) => answers.value(kind, id)) ?? { kind: "code", id: study.codes[0]?.id };
  if (!target.id) return go("codebook");
  if (target.kind === "code") codeDialog(study.codesById.get(target.id), outbox);
  else findingDialog(study.finding(target.id), outbox);
}

function person() {
  if (!excerpt.person) return notice(say("form.no_person"));
  const onChange = (note) => { excerpt.person_memo = note; cache.clear(); draw(); };
  personDialog({ name: excerpt.person, group: excerpt.group, memo: excerpt.person_memo }, onChange, outbox);
}

function digit(key) {
  const row = answers.rows(study).find((each) => each.key === key);
  if (row && !carryIfSelected(row)) actions.toggle(row.kind, row.id);
}

function chooseRow(by) {
  answers.step(by, study);
  drawForm();
}

/** Scroll what is read by most of its height; on a phone the page itself scrolls. */
function scrollBy(pages) {
  const box = find(".reading");
  (box.scrollHeight > box.clientHeight ? box : window).scrollBy({ top: pages * 0.8 * Math.min(box.clientHeight, window.innerHeight) });
}

function sign(key) {
  if (answers.sign(key, study)) drawForm();
  else notice(say("form.which"));
}

const actions = {
  pick: (kind, id) => { if (carryIfSelected({ kind, id })) return; answers.pick(kind, id); drawWords(); drawForm(); },
  toggle: (kind, id) => { answers.toggle(kind, id); drawWords(); drawForm(); },
  set: (kind, id, value) => { answers.set(kind, id, value); drawWords(); drawForm(); },
  mark,
  unmark: (span) => { answers.unmark(span); drawWords(); drawForm(); },
  memo: (text) => { answers.memo = text; answers.save(); drawPaths(); },
  path, removePath,
  statePath: (mark) => changeMemo(withMark(answers.memo, mark)),
  settle: () => send("shown"),
  rest: () => send("rest"),
  nothing: () => send("nothing"),
  together: () => { if (excerpt.alike.length) { answers.together = !answers.together; draw(); } },
  later, undo: whenLoaded(undo), redo: whenLoaded(redo), cut, join, correct, corrected, transcript, palette, findings, definition, person, keys: showKeys,
  find: () => findDrawer(study, useResults), // at once: what is typed after the key is the query
  back: backToQueue,
  rounds: () => roundsDialog(study, load),
};

/** Cross the first two families of codes, or the only one with the groups of persons. */
function cross() {
  const families = [...new Set(study.codes.map(({ family }) => family))];
  findDrawer(study, useResults, { sides: [...families.slice(0, 2), "group"].slice(0, 2) });
}

async function go(name) {
  screen = name;
  window.scrollTo(0, 0); // on a phone the page itself scrolls
  drawFrame();
  if (name === "settle") draw();
  else if (name === "codebook") await codebookScreen(study, outbox, { isCurrent: () => screen === "codebook", useResults, cross });
  else await differencesScreen(study, outbox, () => screen === "differences");
}

function otherLanguage() {
  language = currentLanguage() === "en" ? "es" : "en";
  localStorage.setItem("hallazgo-language", language);
  useTexts(study.texts, language);
  notice(""); // it was said in the other language
  drawFrame();
  go(screen);
}

/** A code named after the words that are selected; these words carry it. */
async function codeFromWords() {
  const words = selectedWords();
  const stretch = selectedStretch(excerpt.text);
  await makeCode({ words }, (id) => { if (stretch) return carry(id, stretch); answers.add("code", id); drawForm(); });
}

async function patternFromWords() {
  const words = selectedWords();
  if (!words) return notice(say("codebook.select_words"));
  if (!study.codes.length) return codeFromWords();
  await lookAgain();
  const code = answers.last?.kind === "code" ? answers.last.id : answers.rows(study).find(({ kind, id }) => kind === "code" && answers.value(kind, id))?.id;
  newPattern({ words, code, language: excerpt.language || study.language, onDone: ({ line }) => { rememberChange(line); notice(say("codebook.pattern_saved")); } });
}

/** Go to a screen, or from it back to the excerpts. */
const visit = whenLoaded((name) => go(screen === name ? "settle" : name));
const isSettling = () => screen === "settle" && excerpt;
/** A key of the screen where excerpts are settled; one that waited is not pressed if another screen came first. */
const onSettle = (act) => {
  const press = whenLoaded((key) => { if (isSettling()) act(key); });
  return (key) => { if (isSettling() && find("#drawer").hidden) press(key); };
};
/** A key that both screens have. */
const onScreen = (act) => {
  const press = onSettle(act);
  return (key) => (screen === "differences" ? pressOnDifferences(key) : press(key));
};
listen({
  first: (key) => pressOnTranscript(key) || (screen === "codebook" && find("#drawer").hidden && pressOnCodebook(key)),
  v: onSettle(codeFromWords), s: onSettle(patternFromWords), o: () => visit("codebook"),
  Enter: onSettle(actions.settle),
  x: onSettle(actions.nothing),
  n: onSettle(actions.rest), digit: onScreen(digit), sign: onScreen(sign),
  c: onSettle(palette), f: onSettle(findings), i: onSettle(definition), p: onSettle(person),
  m: onSettle(() => find("#memo").focus()),
  a: onSettle(actions.together), l: onSettle(actions.later), u: onScreen(undo), U: onSettle(redo), w: onSettle(mark), y: onSettle(path), e: onSettle(cut), t: onSettle(join), h: onSettle(correct),
  j: onScreen(() => show(current + 1)), k: onScreen(() => show(current - 1)),
  ArrowDown: onSettle(() => chooseRow(1)), ArrowUp: onSettle(() => chooseRow(-1)),
  " ": onSettle(() => answers.last && actions.toggle(answers.last.kind, answers.last.id)),
  PageDown: onSettle(() => scrollBy(1)), PageUp: onSettle(() => scrollBy(-1)),
  g: onSettle(transcript), b: onSettle(backToQueue), Escape: onSettle(backToQueue), "/": actions.find, d: () => visit("differences"), r: actions.rounds, "?": showKeys,
});

/** The queue as a new run left it: the excerpt in front stays, and what is done here, which the interviews in order hold anyway. */
async function queueOfRun() {
  cache.clear();
  const items = await queueItems();
  const before = home ?? { items: queue, current };
  const front = before.items[before.current];
  const staying = isInOrder() ? [] : before.items.filter((item) => item.done || item === front);
  const now = [...staying, ...items.filter(({ id }) => !staying.some((item) => item.id === id))];
  if (front && !now.some(({ id }) => id === front.id)) now.splice(before.current, 0, front);
  const at = Math.max(0, now.findIndex(({ id }) => id === front?.id));
  if (home) return Object.assign(home, { items: now, current: at });
  queue = now;
  if (!excerpt) return show(0);
  current = at;
  drawQueue();
  drawFrame();
}

/** The excerpt in front as the new run has it, with what it suggests now; one whose words are gone makes room for the next. */
async function frontOfRun() {
  try {
    await loadCodes();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    queue = queue.filter(({ id }) => id !== excerpt.id);
    await show(current);
  }
}

/** Of what changes with each run and each cut or join, the part that changes with each run. */
const analysis = (run) => run.slice(0, run.lastIndexOf(" "));

/** What another person, another tab or a run has changed since the last look. */
async function lookForNews() {
  const { run, codebook, theory } = await get("/api/run");
  const isOther = codebook !== study.codebook;
  if ((isOther || theory !== study.theory) && find("#dialog").hidden) {
    await loadCodes();
    if (screen === "codebook") go(screen);
    notice(say(isOther ? "codebook.changed_elsewhere" : "paths.changed_elsewhere"));
  }
  if (run !== study.run) {
    const isAnalysed = analysis(run) !== analysis(study.run);
    study.run = run;
    await queueOfRun();
    await frontOfRun();
    if (screen === "codebook") go(screen);
    notice(say(isAnalysed ? "progress.new_run" : "bounds.changed_elsewhere"));
  }
}

async function watchRun() {
  try {
    await lookForNews();
  } catch { /* the outbox says when the program does not answer */ }
  setTimeout(watchRun, 5000);
}

try {
  await load({ place: sessionStorage.getItem(PLACE) ?? localStorage.getItem(PLACE) });
  watchSelection({ onNewCode: codeFromWords, onPattern: patternFromWords, onCorrect: correct });
  find("#main").focus();
  watchRun();
} catch (error) {
  find("#notice").textContent = error.status === 401 ? "Open the page again from the terminal. / Abra la página de nuevo desde la terminal." : String(error.message);
}
