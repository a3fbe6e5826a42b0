// Counts of what a search finds, by one side or crossed by two, as the command `query` gives them.

import { get } from "./api.js";
import { currentLanguage, h, inLanguage, say } from "./dom.js";
import { codeTerm, term } from "./picking.js";

const COUNTS = ["persons", "excerpts", "sources", "machine_persons", "machine_excerpts"];

function save(name, href) {
  h("a", { href, download: name }).click();
}

function saveText(name, text) {
  const href = URL.createObjectURL(new Blob(["\ufeff", text], { type: "text/csv" }));
  save(name, href);
  URL.revokeObjectURL(href);
}

/** The two lists of sides; `onChoose` is called with the sides chosen, without blanks. */
export function sideLists(choices, chosen, onChoose) {
  const lists = ["by", "with"].map((name, at) => {
    const select = h("select", { id: `count-${name}`, onchange: () => onChoose(lists.map(({ value }) => value).filter(Boolean)) },
      h("option", { value: "" }, say(`count.no_${name}`)), choices.sides.map((side) => h("option", { value: side.key }, inLanguage(side.name))));
    select.value = chosen[at] ?? "";
    return select;
  });
  return h("div", { class: "sides" }, ["by", "with"].map((name, at) => h("label", {}, h("span", {}, say(`count.${name}`)), lists[at])));
}

/** The term that finds the excerpts of one value of a side; "" where the value is not known. */
function termOf(side, value, study) {
  if (!value) return "";
  return study.families[side] ? codeTerm(value, study) : term(side, value);
}

const machine = (row, name) => (row[`machine_${name}`] ? h("span", { class: "soft" }, ` ◇ ${row[`machine_${name}`]}`) : "");

function cell(row, terms, onCell) {
  const inside = [h("strong", {}, String(row.excerpts)), machine(row, "excerpts"), h("small", {}, say("count.persons_in", { n: row.persons }))];
  if (!row.excerpts && !row.machine_excerpts) return h("td", { class: "none" }, "0");
  return h("td", {}, terms.every(Boolean) ? h("button", { onclick: () => onCell(terms), title: say("count.show") }, inside) : inside);
}

/** One side: a row for each value, all together first. */
function listed({ rows, keys }, { by, heading, study, onCell }) {
  const heads = [heading(by[0]), ...COUNTS.map((name) => say(`count.${name}`))].map((text) => h("th", { scope: "col" }, text));
  const name = (row, at) => {
    const found = termOf(by[0], keys[at][0], study);
    return found && at ? h("button", { onclick: () => onCell([found]), title: say("count.show") }, row.rows) : row.rows;
  };
  return h("table", { class: "counted" }, h("thead", {}, h("tr", {}, heads)), h("tbody", {}, rows.map((row, at) =>
    h("tr", {}, h("th", { scope: "row" }, name(row, at)), COUNTS.map((each) => h("td", {}, String(row[each])))))));
}

/** Two sides: a cell for each pair of values. */
function crossed({ rows, keys }, { by, heading, study, onCell }) {
  const columns = [...new Map(keys.slice(1).map(([, column], at) => [column, rows[at + 1].columns]))];
  const lines = new Map();
  keys.forEach(([row, column], at) => { if (at) lines.set(row, { ...lines.get(row), [column]: rows[at] }); });
  const head = h("tr", {}, h("th", { scope: "col" }, `${heading(by[0])} × ${heading(by[1])}`), columns.map(([, name]) => h("th", { scope: "col" }, name)));
  const line = ([value, cells]) => h("tr", {}, h("th", { scope: "row" }, Object.values(cells)[0].rows),
    columns.map(([column]) => cell(cells[column], [termOf(by[0], value, study), termOf(by[1], column, study)], onCell)));
  return h("table", { class: "counted crossed" }, h("thead", {}, head), h("tbody", {}, [...lines].map(line)));
}

/** The table of a search by its sides, with its figure and both to save; `onCell` gets the terms of a cell that is pressed. */
export async function countsView(query, by, { study, choices, onCell }) {
  const values = new URLSearchParams([["q", query], ["language", currentLanguage()], ...by.map((side) => ["by", side])]);
  const answer = await get(`/api/count?${values}`);
  const heading = (key) => inLanguage(choices.sides.find((side) => side.key === key)?.name ?? { "": key });
  const context = { by, heading, study, onCell };
  const all = answer.rows[0];
  return [
    h("div", { class: "buttons" },
      h("button", { id: "counts-csv", onclick: () => saveText("query.csv", answer.csv) }, say("count.csv")),
      h("button", { id: "counts-figure", onclick: () => save("query.svg", answer.figure) }, say("count.figure"))),
    h("p", { class: "soft" }, say("count.all", { persons: all.persons, n: all.excerpts, sources: all.sources }), " ", say("count.legend")),
    h("div", { class: "wide" }, by.length === 2 ? crossed(answer, context) : listed(answer, context)),
    h("img", { class: "counts-figure", src: answer.figure, alt: say("count.figure_of", { sides: by.map(heading).join(" × ") }) }),
  ];
}
