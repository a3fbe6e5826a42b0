// Causal paths: what leads to what in an excerpt. A mark is a line of the memo, `courses -> rules`, or `-/->` where it is not stated.

import { h, inLanguage, say } from "./dom.js";
import { choose, fold } from "./palette.js";

const MARK = /^\s*([\p{L}\p{N}_-]+?)\s*(-\/->|->|→|↛)\s*([\p{L}\p{N}_-]+)\s*$/u;
const DENIALS = ["-/->", "↛"];

const markIn = (part) => {
  const match = MARK.exec(part);
  return match ? { influence: match[1], isStated: !DENIALS.includes(match[2]), consequence: match[3] } : null;
};
const isSame = (one, other) => one.influence === other.influence && one.consequence === other.consequence;

/** The marks of a memo: each line, or part between semicolons, that is nothing but a mark. */
export const marksIn = (memo) => memo.split(/[;\n]/).map(markIn).filter(Boolean);

/** The memo without a mark; what else it says stays. */
export function withoutMark(memo, mark) {
  const keeps = (part) => { const other = markIn(part); return !other || !isSame(other, mark); };
  const lines = memo.split("\n").map((line) => ({ line, kept: line.split(";").filter(keeps).join(";") }));
  return lines.filter(({ line, kept }) => kept.trim() || !line.trim()).map(({ kept }) => kept).join("\n");
}

/** The memo with a mark, in the place of what it said of this path. */
export function withMark(memo, mark) {
  const rest = withoutMark(memo, mark);
  return `${rest}${rest && !rest.endsWith("\n") ? "\n" : ""}${mark.influence} ${mark.isStated ? "->" : "-/->"} ${mark.consequence}`;
}

const elementOf = (study, id) => study.elements.find((element) => element.id === id);
const isDrawn = (study, { influence, consequence }) => elementOf(study, influence)?.leads_to.includes(consequence);
const named = (study, { influence, consequence }) => [influence, consequence].map((id) => inLanguage(elementOf(study, id).name)).join(" → ");

/** A new element of what is typed, unless there is one of that name; none leads to itself. */
const newOf = (study, { influence = "", make, take }) => (typed) => {
  const name = typed.trim();
  if (!name) return { hint: say(study.elements.length ? "paths.type_new" : "paths.type_name") };
  const same = study.elements.find((element) => [element.id, ...Object.values(element.name)].some((each) => fold(each) === fold(name)));
  if (same) return same.id === influence ? { hint: say("paths.to_itself") } : null;
  return { title: say("paths.new_element", { name }), detail: say("paths.new_detail"), take: () => make(name, take) };
};

/** Choose the influence, then its consequence: what is suggested here comes first, then what is drawn. `make` adds an element. */
export function choosePath(excerpt, study, onChoose, make) {
  const suggested = excerpt.suggestion?.paths ?? [];
  const ranked = (options, rank) => options.sort((a, b) => rank(a) - rank(b));
  const option = (element, detail) => ({ id: element.id, title: inLanguage(element.name), detail });
  const influences = study.elements.map((element) => option(element, inLanguage(element.kind)));
  const onInfluence = (influence) => {
    const isSuggested = (id) => suggested.some((path) => isSame(path, { influence, consequence: id }));
    const drawn = (id) => isDrawn(study, { influence, consequence: id });
    const consequences = study.elements.filter(({ id }) => id !== influence)
      .map((element) => option(element, [inLanguage(element.kind), say(drawn(element.id) ? "paths.drawn" : "paths.undrawn")].join(", ")));
    const rank = ({ id }) => (isSuggested(id) ? 0 : drawn(id) ? 1 : 2);
    const onConsequence = (consequence) => onChoose({ influence, consequence, isStated: true });
    choose(say("paths.consequence", { influence: inLanguage(elementOf(study, influence).name) }), ranked(consequences, rank), onConsequence, newOf(study, { influence, make, take: onConsequence }));
  };
  choose(say("paths.influence"), ranked(influences, ({ id }) => (suggested.some((path) => path.influence === id) ? 0 : 1)), onInfluence, newOf(study, { make, take: onInfluence }));
}

function row(path, study, actions, { isStated = null, cue = "" } = {}) {
  const name = named(study, path);
  const answer = (value, text) => h("button", { "aria-pressed": isStated === value ? "true" : "false", "aria-label": `${text}: ${name}`, onclick: () => actions.statePath({ ...path, isStated: value }) }, text);
  return h("li", { class: isStated === null ? "suggested" : "marked", "data-path": `${path.influence} ${path.consequence}` },
    isStated === null ? h("span", { class: "by" }, `◇ ${say("paths.suggested")} `) : h("span", { class: "by" }, `${say("paths.yours")} `),
    h("strong", {}, name), " ",
    cue ? h("q", {}, cue) : null,
    isDrawn(study, path) ? null : h("span", { class: "soft" }, ` ${say("paths.undrawn")}`),
    h("span", { class: "answers" }, answer(true, say("paths.states")), answer(false, say("paths.denies")),
      isStated === null ? null : h("button", { onclick: () => actions.removePath(path), "aria-label": say("paths.remove", { path: name }) }, "×")));
}

/** What the coder marked, what the words suggest and nobody marked here, and the button that marks. */
export function pathsView(excerpt, answers, study, actions) {
  const marks = marksIn(answers.memo);
  const inMarks = study.elements.length ? marks.flatMap(({ influence, consequence }) => [influence, consequence]) : []; // without a theory nothing is marked
  const unknown = [...new Set(inMarks)].filter((id) => !elementOf(study, id));
  const marked = marks.filter(({ influence, consequence }) => elementOf(study, influence) && elementOf(study, consequence));
  const suggested = (excerpt.suggestion?.paths ?? []).filter((path) => !marks.some((mark) => isSame(mark, path)));
  const rows = [
    ...marked.map((mark) => row(mark, study, actions, { isStated: mark.isStated })),
    ...suggested.map((path) => row(path, study, actions, { cue: path.cue })),
  ];
  return h("div", { class: "paths" },
    rows.length ? h("ul", { "aria-label": say("paths.list") }, rows) : null,
    unknown.map((id) => h("p", { class: "unknown", role: "status" }, say("paths.unknown", { id }))),
    h("button", { id: "path", onclick: actions.path, title: say("paths.help") }, say("paths.mark"), " ", h("kbd", {}, "y")));
}
