// Definitions, and memos on codes, findings and persons.

import { definitionOf, h, inLanguage, say } from "./dom.js";
import { openSideDialog } from "./frame.js";

/** A box for a memo that is sent when it is left. `subject` keeps the note: {memo}. */
function memoBox(about, id, label, subject, outbox, isFirst = false) {
  const box = h("textarea", { "aria-label": label, rows: "4", "data-first": isFirst, onchange: (event) => {
    subject.memo = event.target.value;
    outbox.put({ path: "/api/memo", body: { about, id, note: subject.memo } });
  } });
  box.value = subject.memo ?? "";
  return h("label", {}, h("span", {}, label), box);
}

export function codeDialog(code, outbox) {
  const name = inLanguage(code.name) || code.id;
  const part = (key) => (inLanguage(code[key]) ? [h("h3", {}, say(`form.${key}`)), h("p", {}, inLanguage(code[key]))] : []);
  openSideDialog(name, h("h3", {}, say("form.definition")), h("p", {}, definitionOf(code)), ...part("include"), ...part("exclude"), memoBox("code", code.id, say("form.memo_on", { name }), code, outbox));
}

export function findingDialog(finding, outbox) {
  openSideDialog(finding.id, h("p", {}, finding.statement), memoBox("finding", finding.id, say("form.memo_on", { name: finding.id }), finding, outbox, true));
}

export function personDialog(person, onChange, outbox) {
  const subject = { get memo() { return person.memo; }, set memo(note) { person.memo = note; onChange(note); } };
  openSideDialog(person.name, person.group ? h("p", { class: "soft" }, person.group) : "", memoBox("person", person.name, say("form.memo_on", { name: person.name }), subject, outbox, true));
}
