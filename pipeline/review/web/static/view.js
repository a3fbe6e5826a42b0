// The screen on which excerpts are settled.

import { find, h, inLanguage, points, say } from "./dom.js";

const LONG = 420; // characters from which an excerpt is set in smaller letters

export function whyText(item) {
  return item.why ? say(`why.${item.why}`, { about: item.about ?? "" }) : "";
}

export function queueView(queue, current, onChoose) {
  return h("nav", { class: "queue", "aria-label": say("page.queue") },
    h("h2", {}, say("page.queue")),
    h("ol", {}, queue.map((item, index) => h("li", {},
      h("button", {
        class: item.done ? "done" : "", "aria-current": index === current ? "true" : "false", onclick: () => onChoose(index),
      }, h("span", {}, [item.person || item.source, item.start].filter(Boolean).join(" · ")), h("span", { class: "why" }, whyText(item)))))));
}

/** The excerpt's words with the matched ones marked. Marks count code points. */
function marked(excerpt) {
  const letters = points(excerpt.text);
  const parts = [];
  let at = 0;
  for (const { start, end, pattern } of excerpt.marks) {
    parts.push(letters.slice(at, start).join(""), h("mark", { title: say("excerpt.pattern", { pattern }) }, letters.slice(start, end).join("")));
    at = end;
  }
  return [...parts, letters.slice(at).join("")];
}

function suggestionView(excerpt, study) {
  if (!excerpt.suggestion) return study.round?.shows === "blind" ? h("p", { class: "suggestion" }, say("suggestion.hidden")) : null;
  const codes = excerpt.suggestion.codes.map(({ code, stance, probability, doubtful, because }) => {
    const value = stance ? ` ${say(`value.${stance}`)}` : "";
    const detail = [doubtful ? say("suggestion.doubtful") : "", probability ? probability.toFixed(2) : "", because].filter(Boolean).join(", ");
    return `${study.name(code)}${value}${detail ? ` (${detail})` : ""}`;
  });
  const links = excerpt.suggestion.links.map(({ finding, direction }) =>
    direction === "not_told" ? finding : `${finding} ${say(`value.${direction}`)}`);
  const whole = [...codes, ...links].join("; ") || say("suggestion.nothing");
  return h("p", { class: "suggestion" }, `${say("suggestion.machine")} ${whole} · `, h("kbd", {}, "Enter"), ` ${say("suggestion.accepts")}`);
}

function oldWords(excerpt) {
  if (excerpt.why !== "stale") return null;
  return h("div", { class: "old" }, excerpt.old ? say("excerpt.changed") : say("excerpt.changed_unknown"), excerpt.old ? h("div", {}, h("del", {}, excerpt.old)) : null);
}

export function readingView(excerpt, answers, study, actions) {
  const who = excerpt.person || say(excerpt.kind === "document" ? "excerpt.document" : "excerpt.nobody");
  return h("section", { class: "reading", "aria-label": say("page.excerpt") },
    h("div", { class: "where" }, h("span", {}, who), h("span", {}, excerpt.source), h("span", {}, excerpt.place), h("span", {}, whyText(excerpt)),
      h("button", { onclick: actions.transcript }, say("page.transcript"), " ", h("kbd", {}, "g"))),
    excerpt.question ? h("p", { class: "question" }, excerpt.question) : null,
    excerpt.before.map((text) => h("p", { class: "near" }, text)),
    oldWords(excerpt),
    h("div", { class: points(excerpt.text).length > LONG ? "words long" : "words", lang: excerpt.language, id: "words" }, marked(excerpt)),
    suggestionView(excerpt, study),
    excerpt.after.map((text) => h("p", { class: "near" }, text)),
    excerpt.alike.length
      ? h("p", { class: "soft" }, h("button", { onclick: actions.together }, say(answers.together ? "excerpt.alike_on" : "excerpt.alike", { n: excerpt.alike.length })))
      : null,
    excerpt.closed.length
      ? h("details", { class: "closed", open: true }, h("summary", {}, say("excerpt.closed")),
        h("dl", {}, excerpt.closed.flatMap(({ question, value }) => [h("dt", {}, question), h("dd", {}, value)])))
      : null);
}

function signs(kind, id, value, actions) {
  const values = kind === "code" ? ["positive", "negative", "mixed", "yes", "no"] : ["supports", "contradicts", "qualifies", "no"];
  return h("div", { class: "signs", role: "group" }, values.map((each) =>
    h("button", { "aria-pressed": value === each ? "true" : "false", onclick: () => actions.set(kind, id, value === each ? "" : each) }, say(`value.${each}`))));
}

function codeRow({ id, name, definition, key, kind, value, isLast }, actions) {
  const press = () => (kind === "code" ? actions.toggle(id) : actions.set(kind, id, value ? "" : "supports"));
  return [
    h("button", { class: `code${isLast ? " touched" : ""}`, "data-value": value ?? "", "data-id": id, onclick: press, "aria-pressed": value && value !== "no" ? "true" : "false" },
      h("kbd", {}, key ?? "·"), h("span", { class: "name" }, name), h("span", { class: "value" }, value ? say(`value.${value}`) : ""),
      h("span", { class: "definition" }, definition)),
    isLast ? signs(kind, id, value, actions) : null,
  ];
}

export function formView(excerpt, answers, study, actions) {
  const isLast = (kind, id) => answers.last?.kind === kind && answers.last?.id === id;
  const row = (code, key) => codeRow({
    id: code.id, name: inLanguage(code.name) || code.id, definition: inLanguage(code.definition), key, kind: "code",
    value: answers.codes[code.id], isLast: isLast("code", code.id),
  }, actions);
  const further = study.codes.filter((code) => code.number === null && answers.codes[code.id] !== undefined);
  const suggested = (excerpt.suggestion?.links ?? []).map((link) => link.finding);
  const findings = [...new Set([...Object.keys(answers.links), ...suggested])].sort((a, b) => a.localeCompare(b, undefined, { numeric: true }));
  const memo = h("textarea", { id: "memo", "aria-label": say("form.memo"), oninput: (event) => actions.memo(event.target.value) });
  memo.value = answers.memo;
  return h("section", { class: "form", "aria-label": say("page.form") },
    h("h2", {}, say("page.form")),
    study.codes.filter((code) => code.number !== null).map((code) => row(code, code.number)),
    h("h2", {}, say("form.codes"), " ", h("button", { onclick: actions.palette }, say("form.add_code"), " ", h("kbd", {}, "c"))),
    further.map((code) => row(code)),
    h("h2", {}, say("form.findings"), " ", h("button", { onclick: actions.findings }, say("form.add_finding"), " ", h("kbd", {}, "f"))),
    findings.map((id) => codeRow({
      id, name: id, definition: study.finding(id)?.statement ?? "", kind: "link", value: answers.links[id], isLast: isLast("link", id),
    }, actions)),
    h("h2", {}, say("form.memo"), " ", h("kbd", {}, "m")), memo,
    h("div", { class: "buttons" },
      h("button", { class: "first", id: "accept", onclick: actions.settle }, say("form.accept"), " ", h("kbd", {}, "Enter")),
      h("button", { id: "none", onclick: actions.nothing }, say("form.none"), " ", h("kbd", {}, "x")),
      h("button", { onclick: actions.later }, say("form.later"), " ", h("kbd", {}, "l")),
      h("button", { onclick: actions.undo }, say("form.undo"), " ", h("kbd", {}, "u")),
      h("button", { onclick: actions.keys }, say("page.keys"), " ", h("kbd", {}, "?"))));
}

export function footView({ study, done, total, pace, unsaved, isSaved }) {
  const found = study.recall;
  const share = total ? Math.round((100 * done) / total) : 0;
  const bar = h("span", {});
  bar.style.width = `${share}%`;
  return [
    h("span", {}, say("progress.done", { done, total })),
    h("span", { class: "bar", "aria-hidden": "true" }, bar),
    pace ? h("span", {}, say("progress.pace", { n: pace })) : null,
    found ? h("span", {}, say(found.may_stop ? "progress.stop" : "progress.recall", found)) : null,
    unsaved ? h("span", { class: "unsaved", id: "unsaved" }, say("progress.saving", { n: unsaved })) : h("span", { id: "saved", class: isSaved ? "saved-flash" : "" }, isSaved ? say("progress.saved") : ""),
  ].filter(Boolean);
}

export function openDrawer(title, ...content) {
  const drawer = find("#drawer");
  drawer.replaceChildren(h("div", { class: "head" }, h("h2", {}, title), h("button", { onclick: closeDrawer, id: "close-drawer" }, say("page.close"), " ", h("kbd", {}, "Esc"))), ...content);
  drawer.setAttribute("role", "dialog");
  drawer.setAttribute("aria-label", title);
  drawer.hidden = false;
  drawer.querySelector("input, .options button, button")?.focus();
}

export function closeDrawer() {
  find("#drawer").hidden = true;
  find("#main").focus();
}

export function openDialog(title, ...content) {
  const dialog = find("#dialog");
  dialog.replaceChildren(h("div", { class: "head" }, h("h2", {}, title), h("button", { onclick: closeDialog }, say("page.close"), " ", h("kbd", {}, "Esc"))), ...content);
  dialog.setAttribute("role", "dialog");
  dialog.setAttribute("aria-modal", "true");
  dialog.setAttribute("aria-label", title);
  dialog.hidden = false;
  (dialog.querySelector("input, textarea, select") ?? dialog.querySelector("button"))?.focus();
}

export function closeDialog() {
  find("#dialog").hidden = true;
  find("#main").focus();
}
