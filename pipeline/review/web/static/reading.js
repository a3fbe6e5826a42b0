// The middle and the left: the excerpt in its context with the suggestion under it, and the queue.

import { h, inLanguage, points, say, share } from "./dom.js";
import { hasDraft } from "./answers.js";
import { boundsView } from "./bounds.js";
import { correctionsView } from "./corrections.js";
import { pathsView } from "./paths.js";
import { spansView, wordsView } from "./spans.js";

const MOST_NAMED = 5; // codes in doubt that are named; of more, how many there are
const LONG = 420; // characters from which an excerpt is set in smaller letters

export function whyText(item) {
  return item.why ? say(`why.${item.why}`, { about: item.about ?? "" }) : "";
}

const placeText = ({ source, nth, among }) => (among > 1 ? `${source} · ${say("page.place", { n: nth, total: among })}` : source);

/** The queue around the excerpt in front. `changeOrder` is null where there is one order only, as in a round. */
export function queueView({ items, current, choose, title, place, isInOrder, changeOrder }) {
  const orders = h("select", { id: "order", "aria-label": say("page.order"), onchange: (event) => changeOrder(event.target.value) },
    ["need", "speech"].map((each) => h("option", { value: each }, say(`page.order_${each}`))));
  orders.value = isInOrder ? "speech" : "need";
  return h("nav", { class: "queue", "aria-label": title },
    h("h2", {}, title, h("span", { id: "place" }, ` ${say("page.place", place)}`)),
    changeOrder ? orders : null,
    h("ol", {}, items.map((item, index) => h("li", {},
      h("button", {
        class: item.done ? "done" : "", "aria-current": index === current ? "true" : "false", onclick: () => choose(index),
      }, h("span", {}, [item.person || item.source, item.start].filter(Boolean).join(" · ")), h("span", { class: "why" }, hasDraft(item.id) ? h("strong", {}, say("page.draft"), " · ") : "", isInOrder ? placeText(item) : whyText(item)))))));
}

const name = (study, code) => study.name(code);

function suggestionView(excerpt, answers, study) {
  const { suggestion, own } = excerpt;
  if (own.settled) return null;
  if (!suggestion) return h("p", { class: "suggestion soft" }, say(study.round?.shows === "blind" ? "suggestion.hidden" : "suggestion.none"));
  const value = (word) => (word ? say(`value.${word}`) : "");
  const isOpen = (finding) => suggestion.open.some(({ kind, id }) => kind === "link" && id === finding);
  const lines = [
    ...suggestion.codes.map(({ code, stance, probability, because }) => [name(study, code), probability ? share(probability) : "", inLanguage(because), stance ? say("suggestion.stance", { stance: value(stance) }) : ""]),
    ...suggestion.open.map(({ kind, id, answers: each }) => [`${kind === "code" ? name(study, id) : id} ${each.map(value).join(" / ")}`, "", say("suggestion.open")]),
    ...suggestion.links.filter(({ finding }) => !isOpen(finding)).map(({ finding, direction }) => [`${finding} ${value(direction)}`, "", study.finding(finding)?.statement ?? ""]),
  ];
  const names = suggestion.doubtful.filter((code) => study.codesById.has(code)).map((code) => name(study, code));
  const doubtful = names.length > MOST_NAMED ? say("form.codes_in_doubt", { n: names.length }) : names.join(", ");
  return h("div", { class: "suggestion" },
    h("p", {}, h("strong", {}, suggestion.is_own ? say(excerpt.is_recut ? "suggestion.recut" : "suggestion.own") : say("suggestion.machine")), lines.length || doubtful ? "" : ` ${say("suggestion.nothing")}`),
    h("ul", {}, lines.map(([what, figure, why, stance]) => h("li", {}, h("span", { class: "what" }, what), figure ? [" ", h("span", { class: "figure" }, figure)] : "", stance ? [" ", h("span", { class: "stance" }, stance)] : "", " ", h("span", { class: "because" }, why)))),
    doubtful ? h("p", { class: "in-doubt" }, say("form.in_doubt"), " ", doubtful) : null,
    study.is_newer && !suggestion.is_own ? h("p", { class: "soft" }, say("suggestion.older")) : null);
}

function oldWords(excerpt) {
  if (excerpt.why !== "stale" || excerpt.is_recut) return null;
  return h("div", { class: "old" }, excerpt.old ? say("excerpt.changed") : say("excerpt.changed_unknown"), excerpt.old ? h("div", {}, h("del", {}, excerpt.old)) : null);
}

function whereView(excerpt, actions) {
  const who = excerpt.person || say(excerpt.kind === "document" ? "excerpt.document" : "excerpt.nobody");
  return h("div", { class: "where" }, h("div", {},
    excerpt.person ? h("button", { onclick: actions.person, title: excerpt.person_memo }, who, excerpt.person_memo ? " ✎ " : " ", h("kbd", {}, "p")) : h("span", {}, who),
    h("span", {}, placeText(excerpt)), h("span", {}, inLanguage(excerpt.place)), h("span", { class: "why" }, whyText(excerpt))),
    h("button", { id: "whole", onclick: actions.transcript }, say(`whole.${excerpt.kind}`), " ", h("kbd", {}, "g")));
}

const spokenBy = (text) => h("span", { class: "who" }, text, " ");

/** An excerpt before or after: the question of a survey answer, and who speaks where it is another than in the excerpt. */
function neighbour(near, excerpt) {
  const isInterviewer = near.role === "interviewer";
  const who = isInterviewer ? say("excerpt.interviewer") : near.person !== excerpt.person ? near.person : "";
  return h("p", { class: near.text === excerpt.question ? "question" : `near ${near.role}` },
    excerpt.kind === "survey" && near.question !== excerpt.question ? h("span", { class: "asked" }, near.question) : "",
    who ? spokenBy(who) : "", near.text);
}

/** What comes before: the question of an answer first, unless it is among the neighbours; that of a survey answer right above it. */
function contextBefore(excerpt) {
  const { question, before } = excerpt;
  const near = before.map((each) => neighbour(each, excerpt));
  const isAmong = before.some(({ text }) => text === question);
  if (!question || isAmong) return near;
  const asked = h("p", { class: "question" }, excerpt.kind === "interview" ? spokenBy(say("excerpt.interviewer")) : "", question);
  return excerpt.kind === "survey" ? [...near, asked] : [asked, ...near];
}

export function readingView(excerpt, answers, study, actions) {
  return h("section", { class: "reading", "aria-label": say("page.excerpt") },
    whereView(excerpt, actions),
    contextBefore(excerpt),
    oldWords(excerpt),
    h("div", { class: points(excerpt.text).length > LONG ? "words long" : "words", lang: excerpt.language, id: "words", "data-id": excerpt.id }, wordsView(excerpt, answers, study)),
    spansView(excerpt, answers, study, actions),
    boundsView(excerpt, actions),
    correctionsView(excerpt, actions.corrected),
    excerpt.own.settled ? h("p", { class: "settled" }, say(answers.carriesNothing ? "excerpt.settled_nothing" : "excerpt.settled")) : null,
    suggestionView(excerpt, answers, study),
    pathsView(excerpt, answers, study, actions),
    excerpt.alike.length
      ? h("p", { class: "alike" }, h("button", { onclick: actions.together, "aria-pressed": answers.together ? "true" : "false" }, say(answers.together ? "excerpt.alike_on" : "excerpt.alike", { n: excerpt.alike.length }), " ", h("kbd", {}, "a")))
      : null,
    excerpt.after.map((each) => neighbour(each, excerpt)),
    excerpt.closed.length
      ? h("details", { class: "closed", open: true }, h("summary", {}, say("excerpt.closed")),
        h("dl", {}, excerpt.closed.flatMap(({ question, value }) => [h("dt", {}, question), h("dd", {}, value)])))
      : null);
}
