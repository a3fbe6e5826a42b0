// The right side: what the coder decides, row by row.

import { definitionOf, h, inLanguage, say } from "./dom.js";

const STANCES = [["positive", "+"], ["negative", "-"], ["mixed", "="], ["yes", "0"], ["no", ""]];
const DIRECTIONS = [["supports", "+"], ["contradicts", "-"], ["qualifies", "="], ["no", "0"]];

const detailOf = ({ kind, id }, study) => (kind === "code" ? inLanguage(study.codesById.get(id).definition) : study.finding(id)?.statement ?? "");

/** The row chosen last with its definition, and its words with their keys. It takes the same place whatever is chosen. */
function chosenView(answers, study, actions) {
  const { last } = answers;
  if (!last) return h("div", { id: "chosen" }, h("p", { class: "soft" }, say(study.codes.length ? "form.choose" : "form.no_codes")));
  const { kind, id } = last;
  const value = answers.value(kind, id);
  const name = kind === "code" ? study.name(id) : id;
  return h("div", { id: "chosen" },
    h("p", { class: "soft" }, h("strong", {}, name), ` ${kind === "code" ? definitionOf(study.codesById.get(id)) : detailOf(last, study)}`),
    h("div", { class: "signs", role: "group", "aria-label": `${name}: ${say("form.value")}` }, (kind === "code" ? STANCES : DIRECTIONS).map(([each, key]) =>
      h("button", { "aria-pressed": value === each ? "true" : "false", onclick: () => actions.set(kind, id, each) }, say(`value.${each}`), key ? [" ", h("kbd", {}, key)] : ""))));
}

function row(each, answers, study, actions) {
  const { kind, id, key, part } = each;
  const value = answers.value(kind, id);
  const isLast = answers.last?.kind === kind && answers.last?.id === id;
  const name = kind === "code" ? study.name(id) : id;
  const detail = detailOf(each, study);
  const isImplied = !value && kind === "code" && answers.isImpliedNo(id);
  const isBySubCode = !value && kind === "code" && answers.isCarriedBySubCode(id);
  const word = value ? say(`value.${value}`) : isBySubCode ? say("form.by_sub_code") : answers.isDoubtful(id) ? say("form.doubtful") : isImplied ? say("value.no") : "";
  const state = !value ? (isImplied ? " implied" : "") : answers.isOwn(kind, id) ? " own" : " suggested";
  return h("button", {
    class: `code${isLast ? " touched" : ""}${state}`, "data-value": value ?? "", "data-id": id, "data-kind": kind, "data-part": part, title: detail,
    "aria-pressed": value && value !== "no" ? "true" : "false", onclick: () => actions.pick(kind, id),
  },
  h("kbd", {}, key || "·"), h("span", { class: "name" }, name), h("span", { class: "value" }, word), part === "further" ? null : h("span", { class: "definition" }, detail));
}

function heading(text, label, letter, act) {
  return h("h2", {}, text, " ", h("button", { onclick: act }, label, " ", h("kbd", {}, letter)));
}

/** What Enter leaves undecided, in words, before ("leaves") or after ("left"); "" where it decides on everything. */
export function undecidedText({ codes, findings }, key) {
  const unclear = findings.map((id) => say("form.no_direction", { name: id }));
  const names = [...unclear, ...(codes ? [say("form.codes_in_doubt", { n: codes })] : [])];
  return names.length ? say(`form.${key}`, { names: names.join(", ") }) : "";
}

/** The codes, each family under its name. */
function codeViews(rows, answers, study, actions) {
  const views = [];
  let family = "";
  for (const each of rows) {
    const code = study.codesById.get(each.id);
    if (code.family !== family) views.push(h("h3", { class: "family" }, inLanguage(study.families[code.family])));
    family = code.family;
    views.push(row(each, answers, study, actions));
  }
  return views;
}

const unfolded = new Set(); // families whose further codes are shown

/** The codes of a family that are in no row, to be unfolded and pressed: a long codebook is not all in view. */
function furtherView(family, codes, study, actions) {
  const list = h("div", {});
  const fill = () => list.replaceChildren(...codes.map((code) => h("button", { title: inLanguage(code.definition), onclick: () => actions.pick("code", code.id) }, study.name(code.id))));
  const title = say("form.further", { name: inLanguage(study.families[family]), n: codes.length });
  const view = h("details", { class: "further", "data-family": family, open: unfolded.has(family) }, h("summary", {}, title), list);
  if (view.open) fill();
  view.addEventListener("toggle", () => {
    if (view.open) fill();
    unfolded[view.open ? "add" : "delete"](family);
  });
  return view;
}

export function formView(excerpt, answers, study, actions) {
  const rows = answers.rows(study);
  const shown = rows.filter(({ kind }) => kind === "code").map(({ id }) => id);
  const doubtful = (answers.isSuggesting ? excerpt.suggestion.doubtful : excerpt.own.undecided)
    .filter((id) => answers.codes[id] === undefined && study.codesById.has(id) && !shown.includes(id) && !answers.isCarriedBySubCode(id));
  const further = study.codes.filter(({ id }) => !doubtful.includes(id) && !shown.includes(id));
  const ofFamily = (family) => further.filter((code) => code.family === family);
  const hidden = further.length;
  const memo = h("textarea", { id: "memo", rows: "2", "aria-label": say("form.memo"), oninput: (event) => actions.memo(event.target.value) });
  memo.value = answers.memo;
  const left = undecidedText(answers.undecided, "leaves") || say("form.decides_all");
  const accept = say(answers.isSuggesting ? "form.accept" : "form.save");
  const button = (id, text, key, act) => h("button", { id, class: id === "accept" ? "first" : "", onclick: act }, text, " ", h("kbd", {}, key));
  const arrow = (id, sign, label, key, act) => h("button", { id, "aria-label": label, title: label, onclick: act }, sign, " ", h("kbd", {}, key));
  return h("section", { class: "form", "aria-label": say("page.form") },
    h("div", { class: "rows" },
      h("h2", {}, say("page.form"), " ", hidden ? h("small", {}, say("form.not_shown", { n: hidden })) : "",
        h("button", { onclick: actions.definition }, say("form.definition"), " ", h("kbd", {}, "i")), h("button", { onclick: actions.palette }, say("form.add_code"), " ", h("kbd", {}, "c"))),
      codeViews(rows.filter(({ kind }) => kind === "code"), answers, study, actions),
      Object.keys(study.families).filter((family) => ofFamily(family).length).map((family) => furtherView(family, ofFamily(family), study, actions)),
      heading(say("form.findings"), say("form.add_finding"), "f", actions.findings),
      rows.filter(({ kind }) => kind === "link").map((each) => row(each, answers, study, actions)),
      doubtful.length ? h("p", { class: "chips" }, h("span", { class: "soft" }, say("form.in_doubt")), " ", doubtful.map((id) =>
        h("button", { onclick: () => actions.toggle("code", id), title: inLanguage(study.codesById.get(id).definition) }, `${study.name(id)}?`))) : null,
      h("label", {}, h("span", {}, say("form.memo"), " ", h("kbd", {}, "m")), memo)),
    h("div", { id: "form-foot" },
      chosenView(answers, study, actions),
      h("p", { id: "undecided", class: "soft" }, h("kbd", {}, "Enter"), h("span", { class: "phone" }, `${accept}:`), ` ${left}`),
      h("div", { class: "buttons" },
        button("accept", accept, "Enter", actions.settle),
        button("none", say("form.none"), "x", actions.nothing),
        button("rest", say("form.rest"), "n", actions.rest),
        button("later", say("form.later"), "l", actions.later),
        arrow("undo", "↶", say("form.undo"), "u", actions.undo),
        arrow("redo", "↷", say("codebook.redo"), "U", actions.redo))));
}
