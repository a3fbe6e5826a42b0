// Who changed what in the codebook, when, why, and what it moved.

import { h, currentLanguage, inLanguage, say } from "../dom.js";
import { nameOf } from "./book.js";

const list = (codes) => codes.map(nameOf).join(", ");

/** The change of a line, or the one that it took back or made again, in words. */
export function subjectOf(row) {
  const codes = [list(row.codes), list(row.into), row.element ? inLanguage(row.element.name) : ""].filter(Boolean).join(" → ");
  const pattern = row.pattern.match(/match = (".*")/)?.[1];
  return `${say(`change.${row.of || row.action}`)} · ${codes}${pattern ? ` · ${pattern}` : ""}`;
}

const whatOf = (row) => (row.of ? `${say(`change.${row.action}`)}: ` : "") + subjectOf(row);

const day = (at) => new Date(at).toLocaleString(currentLanguage(), { dateStyle: "medium", timeStyle: "short" });

export function historyView(book, reverse) {
  const heads = ["when", "who", "what", "reason", "moved"].map((key) => h("th", { scope: "col" }, say(`codebook.${key}`)));
  const rows = book.history.map((row) => h("tr", { class: row.can === "redo" ? "taken-back" : "" },
    h("td", {}, day(row.at)), h("td", {}, row.who || "-"), h("td", {}, whatOf(row)), h("td", {}, row.note),
    h("td", {}, row.moved === null ? "" : say("codebook.codings", { n: row.moved })),
    h("td", {}, row.can ? h("button", { onclick: () => reverse({ ...row, text: subjectOf(row) }), "data-line": row.line }, say(`codebook.${row.can}`)) : "")));
  return h("section", { class: "history" }, h("h2", {}, say("codebook.history")),
    book.unlike_ledger.length ? h("p", { class: "alert" }, say("codebook.unlike_ledger", { codes: book.unlike_ledger.join(", ") })) : "",
    rows.length ? h("table", {}, h("thead", {}, h("tr", {}, heads, h("th", {}, ""))), h("tbody", {}, rows)) : h("p", { class: "soft" }, say("codebook.no_history")));
}
