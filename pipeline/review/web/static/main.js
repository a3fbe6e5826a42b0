// The page: which excerpt is in front, what is fetched ahead, and what each key does.

import { Answers } from "./answers.js";
import { get, Outbox, Refusal } from "./api.js";
import { differencesScreen } from "./differences.js";
import { currentLanguage, find, h, inLanguage, say, useTexts } from "./dom.js";
import { findDrawer } from "./finding.js";
import { listen, showKeys } from "./keys.js";
import { choose } from "./palette.js";
import { roundsDialog } from "./rounds.js";
import { closeDialog, footView, formView, openDialog, openDrawer, queueView, readingView } from "./view.js";

const AHEAD = 3; // excerpts fetched before they are asked for
const QUEUE_AROUND = 12; // entries of the queue drawn around the current one
const HOUR = 3_600_000;

let study;
let queue = [];
let current = 0;
let excerpt = null;
let answers = null;
let screen = "settle";
let language = localStorage.getItem("hallazgo-language");
const cache = new Map();
const settledAt = []; // times at which this tab settled an excerpt
const history = []; // excerpts settled in this tab, for undo
let isSaved = false;
let isLoading = false;
const waitingKeys = []; // pressed while the next excerpt was on its way

const outbox = new Outbox({
  onChange: () => study && drawFrame(),
  onSaved: (entry, answer) => {
    isSaved = true;
    study.recall = answer.progress?.recall ?? study.recall;
    for (const id of [entry.body.excerpt_id, ...(entry.body.also ?? [])]) cache.delete(id);
  },
  onRefused: refused,
});

async function load() {
  study = await get("/api/study");
  language ??= study.language;
  study.codesById = new Map(study.codes.map((code) => [code.id, code]));
  study.findingsById = new Map(study.findings.map((finding) => [finding.id, finding]));
  study.name = (id) => inLanguage(study.codesById.get(id)?.name ?? { en: id }) || id;
  study.finding = (id) => study.findingsById.get(id);
  useTexts(study.texts, language);
  document.title = `Hallazgo · ${study.title}`;
}

async function loadQueue(ids) {
  queue = ids ?? (await get("/api/queue")).items;
  cache.clear();
  current = Math.max(0, queue.findIndex((item) => !item.done));
  await show(current);
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
    answers = new Answers(excerpt);
    isLoading = false;
    draw();
    waitingKeys.shift()?.();
  } catch (error) {
    if (!(error instanceof Refusal)) setTimeout(() => show(index), 1500);
    else notice(error.message);
  }
  for (const next of queue.slice(current + 1, current + 1 + AHEAD)) fetched(next.id).catch(() => {});
}

/** A decision of this tab that is still on its way counts as the coder's own. */
function withPending(loaded) {
  const body = outbox.pending(loaded.id);
  return body?.codes ? { own: { codes: body.codes, links: body.links, memo: body.memo, complete: true } } : {};
}

function draw() {
  if (screen !== "settle") return;
  const main = find("#main");
  if (!excerpt) {
    main.replaceChildren(h("p", { class: "differences" }, say("excerpt.empty")));
  } else {
    const first = Math.max(0, Math.min(current - 2, queue.length - QUEUE_AROUND));
    const around = queue.slice(first, first + QUEUE_AROUND);
    main.replaceChildren(h("div", { class: "settle" },
      queueView(around, current - first, (index) => show(first + index)),
      readingView(excerpt, answers, study, actions),
      formView(excerpt, answers, study, actions)));
  }
  drawFrame();
}

function drawForm() {
  find(".form")?.replaceWith(formView(excerpt, answers, study, actions));
}

function drawFrame() {
  const pages = [["settle", "settle", null], ["differences", "differences", "d"]];
  find("#top").replaceChildren(
    h("h1", {}, `${study.title} · ${say("page.coder", { coder: study.coder })}`),
    h("nav", {},
      pages.map(([name, key, letter]) => h("button", { "aria-current": screen === name ? "page" : "false", onclick: () => go(name) }, say(`page.${key}`), letter ? " " : "", letter ? h("kbd", {}, letter) : "")),
      h("button", { onclick: actions.find }, say("page.find"), " ", h("kbd", {}, "/")),
      h("button", { onclick: actions.rounds }, say("page.rounds"), " ", h("kbd", {}, "r")),
      h("button", { onclick: showKeys }, say("page.keys"), " ", h("kbd", {}, "?")),
      h("button", { onclick: otherLanguage, id: "language" }, say("page.language"))));
  const done = queue.filter((item) => item.done).length;
  find("#foot").replaceChildren(...footView({ study, done, total: queue.length, pace: pace(), unsaved: outbox.length, isSaved }));
  if (outbox.state === "offline") notice(say("progress.offline"));
  else if (outbox.state === "locked out") notice(say("progress.reopen"));
  else if ([say("progress.offline"), say("progress.reopen")].includes(find("#notice").textContent)) notice("");
}

const notice = (text) => { find("#notice").textContent = text; };

function pace() {
  const span = settledAt.length > 2 ? settledAt.at(-1) - settledAt[0] : 0;
  return span ? Math.round(((settledAt.length - 1) * HOUR) / span) : 0;
}

function send() {
  const body = answers.body();
  outbox.put({ path: "/api/settle", body });
  answers.forget();
  for (const id of [body.excerpt_id, ...body.also]) {
    const item = queue.find((each) => each.id === id);
    if (item) item.done = true;
  }
  history.push(body.excerpt_id);
  settledAt.push(Date.now());
  isSaved = false;
  next();
}

function next() {
  const open = queue.findIndex((item, index) => index > current && !item.done);
  show(open >= 0 ? open : current + 1);
}

async function undo() {
  const id = history.pop();
  if (!id) return;
  const index = queue.findIndex((item) => item.id === id);
  if (index >= 0) queue[index].done = false;
  outbox.put({ path: "/api/undo", body: { excerpt_id: id } });
  await until(() => outbox.length === 0);
  cache.delete(id);
  show(index >= 0 ? index : current);
}

const until = (isTrue) => new Promise((resolve) => {
  const look = () => (isTrue() || outbox.state === "locked out" ? resolve() : setTimeout(look, 20));
  look();
});

/** A decision that the ledger did not take: the card comes back on top, with both versions. */
function refused(entry, error) {
  const id = entry.body.excerpt_id;
  const item = queue.find((each) => each.id === id);
  if (item) item.done = false;
  cache.delete(id);
  if (error.status !== 409) {
    notice(`${id}: ${error.message}`);
    if (item) show(queue.indexOf(item));
    return;
  }
  const side = (title, codes, links, memo) => h("div", { class: "side" }, h("strong", {}, title),
    Object.entries(codes).map(([code, value]) => h("div", {}, `${study.name(code)}: ${say(`value.${value}`)}`)),
    Object.entries(links).map(([finding, value]) => h("div", {}, `${finding}: ${say(`value.${value}`)}`)), memo ? h("div", {}, memo) : null);
  const { theirs, base } = error.body;
  const keep = () => { outbox.put({ path: "/api/settle", body: { ...entry.body, base } }); closeDialog(); if (item) item.done = true; drawFrame(); };
  openDialog(say("clash.title"),
    h("p", { class: "words" }, error.body.text ?? ""),
    h("div", { class: "difference" }, h("div", { class: "sides" },
      side(say("clash.mine"), entry.body.codes, entry.body.links, entry.body.memo), side(say("clash.theirs"), theirs.codes, theirs.links, theirs.memo))),
    h("div", { class: "buttons" }, h("button", { onclick: keep, id: "keep-mine" }, say("clash.keep_mine")),
      h("button", { id: "keep-theirs", onclick: () => { closeDialog(); if (item) { item.done = true; } show(current); } }, say("clash.keep_theirs"))));
}

async function transcript() {
  if (!excerpt) return;
  const { turns } = await get("/api/source", { id: excerpt.source, around: excerpt.turn });
  openDrawer(`${say("page.transcript")}: ${excerpt.source}`, ...turns.map((turn) =>
    h("div", { class: `turn ${turn.role}${turn.turn === excerpt.turn ? " here" : ""}` }, h("div", { class: "who" }, [turn.who, turn.place].filter(Boolean).join(" · ")), turn.text)));
  find("#drawer .here")?.scrollIntoView({ block: "center" });
}

function palette() {
  const recent = JSON.parse(localStorage.getItem("hallazgo-recent") ?? "[]");
  const options = study.codes.map((code) => ({ id: code.id, title: inLanguage(code.name) || code.id, detail: inLanguage(code.definition) }));
  const rank = (option) => (recent.includes(option.id) ? recent.indexOf(option.id) : recent.length);
  choose(say("form.codes"), options.sort((a, b) => rank(a) - rank(b)), (id) => {
    localStorage.setItem("hallazgo-recent", JSON.stringify([id, ...recent.filter((each) => each !== id)].slice(0, 9)));
    answers.addCode(id);
    drawForm();
  });
}

function findings() {
  const suggested = (excerpt.suggestion?.links ?? []).map((link) => link.finding);
  const rank = (id) => (suggested.includes(id) ? 0 : 1);
  const options = study.findings.map(({ id, statement }) => ({ id, title: id, detail: statement })).sort((a, b) => rank(a.id) - rank(b.id));
  choose(say("form.findings"), options, (id) => { answers.addLink(id); drawForm(); });
}

function definition() {
  const code = answers.last?.kind === "link" ? null : study.codesById.get(answers.last?.id ?? study.codes[0].id);
  if (!code) return;
  const part = (key, texts) => (inLanguage(texts) ? [h("h3", {}, say(`form.${key}`)), h("p", {}, inLanguage(texts))] : []);
  openDialog(inLanguage(code.name) || code.id, ...part("definition", code.definition), ...part("include", code.include), ...part("exclude", code.exclude), codeMemo(code));
}

function codeMemo(code) {
  const memo = h("textarea", { "aria-label": say("form.memo_on_code", { code: code.id }), onchange: (event) => {
    code.memo = event.target.value;
    outbox.put({ path: "/api/memo", body: { about: "code", id: code.id, note: code.memo } });
  } });
  memo.value = code.memo ?? "";
  return h("label", {}, h("span", {}, say("form.memo_on_code", { code: inLanguage(code.name) || code.id })), memo);
}

const actions = {
  toggle: (id) => { answers.toggleCode(id); drawForm(); },
  set: (kind, id, value) => { answers.set(kind, id, value); drawForm(); },
  memo: (text) => { answers.memo = text; answers.save(); },
  settle: () => { if (answers.isUntouched && !excerpt.own.complete) answers.accept(); send(); },
  nothing: () => { answers.clear(); send(); },
  later: () => { outbox.put({ path: "/api/later", body: { excerpt_id: excerpt.id } }); queue.push(...queue.splice(current, 1)); show(current); },
  together: () => { if (excerpt.alike.length) { answers.together = !answers.together; draw(); } },
  undo, transcript, palette, findings, keys: showKeys,
  find: () => findDrawer(study, (items) => { go("settle"); loadQueue(items); }),
  rounds: () => roundsDialog(study, async () => { await load(); await loadQueue(); }),
};

async function go(name) {
  screen = name;
  drawFrame();
  if (name === "settle") draw();
  else await differencesScreen(study, outbox, () => screen === "differences");
}

function otherLanguage() {
  language = currentLanguage() === "en" ? "es" : "en";
  localStorage.setItem("hallazgo-language", language);
  useTexts(study.texts, language);
  drawFrame();
  go(screen);
}

const onSettle = (act) => (key) => {
  if (screen !== "settle" || !excerpt || !find("#drawer").hidden) return;
  const press = () => { act(key); if (!isLoading) waitingKeys.shift()?.(); };
  if (isLoading) waitingKeys.push(press);
  else press();
};
listen({
  Enter: onSettle(actions.settle),
  x: onSettle(actions.nothing),
  digit: onSettle((key) => { const code = study.codes.find((each) => each.number === Number(key)); if (code) actions.toggle(code.id); }),
  sign: onSettle((key) => { answers.sign(key); drawForm(); }),
  c: onSettle(palette), f: onSettle(findings), i: onSettle(definition),
  m: onSettle(() => find("#memo").focus()),
  a: onSettle(actions.together), l: onSettle(actions.later), u: onSettle(undo),
  j: onSettle(() => show(current + 1)), k: onSettle(() => show(current - 1)),
  g: onSettle(transcript), "/": actions.find, d: () => go(screen === "differences" ? "settle" : "differences"), r: actions.rounds, "?": showKeys,
});

async function watchRun() {
  try {
    const { run } = await get("/api/run");
    if (run !== study.run) {
      study.run = run;
      cache.clear();
      notice(say("progress.new_run"));
    }
  } catch { /* the outbox says when the program does not answer */ }
  setTimeout(watchRun, 5000);
}

try {
  await load();
  await loadQueue();
  find("#main").focus();
  watchRun();
} catch (error) {
  find("#notice").textContent = error.status === 401 ? "Open the page again from the terminal. / Abra la página de nuevo desde la terminal." : String(error.message);
}
