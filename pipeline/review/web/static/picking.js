// Lists from which the terms of a search are picked, written into the search as they would be typed.

import { h, inLanguage, say } from "./dom.js";

const JOINTS = ["and", "or", "not", "near"];
const KEYS = ["code", "family", "source", "person", "by", "group", "gender", "country"]; // with a word in each language
const quoted = (name) => (/[\s()]/.test(name) ? `"${name}"` : name); // as the search reads it
const keyOf = (key) => (KEYS.includes(key) ? say(`search_key.${key}`) : key);

export const term = (key, value) => `${keyOf(key)}:${quoted(value)}`;

/** A code by its name, by its id where two codes have the same name or a name cannot be quoted. */
export function codeTerm(id, study) {
  const name = study.name(id);
  const isClear = !name.includes('"') && study.codes.filter((code) => study.name(code.id).toLowerCase() === name.toLowerCase()).length === 1;
  return term("code", isClear ? name : id);
}

/** A search with one term more. */
export function joined(query, joint, added) {
  const before = query.trim();
  const isEither = /\s(or|o)\s/i.test(before);
  if (!before) return joint === "not" ? `${say("joint.not")} ${added}` : added;
  if (joint === "or") return `${before} ${say("joint.or")} ${added}`;
  const whole = isEither ? `(${before})` : before;
  return joint === "and" ? `${whole} ${added}` : `${whole} ${say(`joint.${joint}`)} ${added}`;
}

const option = (value, text) => h("option", { value }, text);

/** A list under its name; what is chosen is handed on as a term, and the list shows its name again. */
function list(name, entries, onPick) {
  const select = h("select", { id: `pick-${name}`, "aria-label": say(`pick.${name}`), onchange: () => { const { value } = select; select.value = ""; if (value) onPick(value); } },
    option("", say(`pick.${name}`)), entries);
  return entries.length ? select : null;
}

/** All lists, and how the next term is joined to those before; `onPick` gets term and joint. */
export function pickLists(study, choices, onPick) {
  const joint = h("select", { id: "joint", "aria-label": say("pick.joint") }, JOINTS.map((each) => option(each, say(`pick.${each}`))));
  const pick = (written) => onPick(written, joint.value);
  const families = Object.entries(study.families).filter(([family]) => study.codes.some((code) => code.family === family));
  const codes = families.map(([family, name]) => h("optgroup", { label: inLanguage(name) || family },
    study.codes.filter((code) => code.family === family).map(({ id }) => option(codeTerm(id, study), study.name(id)))));
  const attributes = choices.attributes.map(({ key, name, values }) => h("optgroup", { label: inLanguage(name) },
    values.map((each) => option(term(key, each.value), inLanguage(each.name)))));
  const by = [["me", "by_me"], ...choices.coders.filter((coder) => coder !== study.coder).map((coder) => [coder, ""]), ...(choices.is_hidden ? [] : [["people", "by_people"], ["machine", "by_machine"]])];
  return h("div", { class: "picks" }, h("span", { class: "soft" }, say("pick.add")), joint,
    list("code", codes, pick),
    list("family", families.map(([family, name]) => option(term("family", inLanguage(name) || family), inLanguage(name) || family)), pick),
    list("attribute", attributes, pick),
    list("source", choices.files.map((path) => option(term("source", path), path)), pick),
    list("person", choices.persons.map((person) => option(term("person", person), person)), pick),
    list("by", by.map(([who, key]) => option(term("by", key ? say(`search_who.${who}`) : who), key ? say(`pick.${key}`) : who)), pick));
}
