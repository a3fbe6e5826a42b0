// The elements of the theory of change: what each is, which codes its excerpts carry, and what it leads to.

import { h, inLanguage, say } from "../dom.js";
import { nameOf } from "./book.js";
import { newElement } from "./dialogs.js";

const nameIn = (study, id) => inLanguage(study.elements.find((element) => element.id === id)?.name ?? {}) || id;

function row(element, study) {
  return h("tr", { "data-element": element.id },
    h("td", {}, inLanguage(element.name)), h("td", {}, inLanguage(element.kind)), h("td", {}, element.codes.map(nameOf).join(" + ")),
    h("td", {}, element.leads_to.map((id) => nameIn(study, id)).join(", ")));
}

/** The elements in the order of the file, and a button for one more; `onDone` is called when it is there. */
export function theoryView(study, onDone) {
  const heads = ["codebook.theory_name", "paths.kind", "paths.code", "codebook.theory_leads"].map((key) => h("th", { scope: "col" }, say(key)));
  return h("section", { class: "history", id: "theory" }, h("h2", {}, say("codebook.part_theory")),
    h("button", { id: "new-element", onclick: () => newElement({ name: "", study, first: [], onDone }) }, say("codebook.theory_new")),
    study.elements.length
      ? h("table", {}, h("thead", {}, h("tr", {}, heads)), h("tbody", {}, study.elements.map((element) => row(element, study))))
      : h("p", { class: "soft" }, say("codebook.theory_none")));
}
