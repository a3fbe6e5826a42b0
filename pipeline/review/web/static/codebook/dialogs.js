// The dialogs that change codes. Each asks for a reason, and stays open with what was typed where a change is refused.

import { h, inLanguage, say } from "../dom.js";
import { closeDialog, openDialog } from "../frame.js";
import { change, codeNamed, families, familyName, familyNamed, isWithin, nameOf, theBook, treeOf } from "./book.js";

const field = (label, input) => h("label", {}, h("span", {}, label), input);

function textInput(id, value = "", attributes = {}) {
  const input = h("input", { type: "text", id, ...attributes });
  input.value = value;
  return input;
}

function box(id, value = "") {
  const input = h("textarea", { id, rows: "3", "data-first": true });
  input.value = value;
  return input;
}

/** A dialog with fields, a reason and a button. `order` makes what is sent of what was typed; `otherwise` is the reason if none is. */
export function ask(title, { fields = [], reason = "", otherwise = () => "", button, order, onDone }) {
  const why = textInput("why", reason, { placeholder: otherwise() });
  const alert = h("p", { role: "alert", class: "alert" });
  const elements = h("div", {}); // of the theory of change, that need other codes
  let isSent = false;
  const submit = async () => {
    if (isSent) return;
    const given = why.value.trim() || otherwise();
    if (!given) {
      alert.textContent = say("codebook.why_needed");
      return why.focus();
    }
    isSent = true;
    try {
      const book = await change({ ...order(), ...otherCodes(elements), reason: given });
      closeDialog();
      onDone?.(book);
    } catch (error) {
      alert.textContent = error.message;
      if (error.body?.kind === "elements_need_codes") elements.replaceChildren(...elementFields(error.body.values, order()));
    } finally {
      isSent = false;
    }
  };
  const form = h("div", { class: "change-form" }, fields, field(say(otherwise() ? "codebook.why_if_any" : "codebook.why"), why), alert, elements,
    h("div", { class: "buttons" }, h("button", { id: "do-change", class: "first", onclick: submit }, button, " ", h("kbd", {}, "Enter")), h("button", { onclick: closeDialog }, say("codebook.cancel"), " ", h("kbd", {}, "Esc"))));
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.target.matches("input") || event.ctrlKey || event.metaKey)) return; // in a box of several lines Ctrl Enter
    event.preventDefault();
    submit();
  });
  openDialog(title, form);
}

/** For each code that an element would lose a list of those that it can have after the change. */
function elementFields({ elements, names }, { codes = [], line = 0 }) {
  const row = theBook().history.find((each) => each.line === line);
  const [coming, going] = !row ? [[], codes] : row.can === "redo" ? [row.into, row.codes] : [row.codes, row.into];
  const options = [...new Set([...coming, ...theBook().codes.map(({ id }) => id)])].filter((id) => coming.includes(id) || !going.includes(id));
  return Object.entries(JSON.parse(elements)).flatMap(([element, present]) => present.map((code) => {
    const isLost = !options.includes(code);
    const select = h("select", { "data-element": element, hidden: !isLost }, (isLost ? options : [code]).map((id) => h("option", { value: id }, nameOf(id))));
    return isLost ? field(say("codebook.element_code", { name: inLanguage(JSON.parse(names)[element]) }), select) : select;
  }));
}

/** The codes that were chosen for elements. */
function otherCodes(fields) {
  const elements = {};
  for (const { dataset, value } of fields.querySelectorAll("select")) elements[dataset.element] = [...new Set([...(elements[dataset.element] ?? []), value])];
  return Object.keys(elements).length ? { elements } : {};
}

/** A choice of a place for a code: a family, or a code that it is to be below. */
function placeFields(id, { family, parent, without = "" }) {
  const name = textInput(`${id}-family`, familyName(family), { list: `${id}-families` });
  const list = h("datalist", { id: `${id}-families` }, families().map((each) => h("option", { value: familyName(each) })));
  const below = h("select", { id: `${id}-parent` });
  const fill = () => {
    const codes = treeOf(familyNamed(name.value)).filter(({ code }) => !without || !isWithin(code.id, without));
    below.replaceChildren(h("option", { value: "" }, say("codebook.no_parent")), ...codes.map(({ code, depth }) => h("option", { value: code.id }, `${"  ".repeat(depth)}${nameOf(code.id)}`)));
    below.value = codes.some(({ code }) => code.id === parent) ? parent : "";
  };
  name.addEventListener("input", fill);
  fill();
  return { fields: [field(say("codebook.family"), name), list, field(say("codebook.below"), below)], place: () => ({ family: name.value.trim(), parent: below.value }) };
}

export function newCode({ words = "", name: typed = words, beside = null, family = "", parent = "", onDone } = {}) {
  const name = textInput("code-name", typed);
  const definition = box("code-definition");
  const { fields, place } = placeFields("code", { family: family || beside?.family || families()[0] || theBook().main_family, parent });
  ask(say(words ? "codebook.new_in_vivo" : "codebook.new_title"), {
    fields: [field(say("codebook.name"), name), ...fields, field(say("codebook.definition"), definition)],
    otherwise: () => say(words ? "codebook.why_in_vivo" : "codebook.why_new"),
    button: say("codebook.make"),
    order: () => ({ action: "new", names: [name.value], ...place(), texts: { definition: { "": definition.value.trim() } } }),
    onDone: (book) => onDone?.(book.history[0].into[0], book.line),
  });
}

/** One field for each language in which the code has the text; one for all languages where it has none. */
function textFields(code, key, make) {
  const languages = Object.keys(code[key]).length ? Object.keys(code[key]) : [""];
  const inputs = languages.map((language) => [language, make(`code-${key}${language ? `-${language}` : ""}`, code[key][language] ?? "")]);
  const label = (language) => say(`codebook.${key}`) + (language ? ` (${language})` : "");
  return { fields: inputs.map(([language, input]) => field(label(language), input)), texts: () => Object.fromEntries(inputs.map(([language, input]) => [language, input.value])) };
}

export function rename(id, onDone) {
  const names = textFields(codeNamed(id), "name", textInput);
  ask(say("codebook.rename_title", { name: nameOf(id) }), {
    fields: names.fields,
    button: say("codebook.rename"),
    order: () => ({ action: "rename", codes: [id], names: [Object.values(names.texts())[0]], texts: { name: names.texts() } }),
    onDone: (book) => onDone(book.history[0].into[0]),
  });
}

export function describe(id, onDone) {
  const parts = ["definition", "include", "exclude"].map((key) => [key, textFields(codeNamed(id), key, box)]);
  ask(say("codebook.describe_title", { name: nameOf(id) }), {
    fields: parts.flatMap(([, part]) => part.fields),
    button: say("codebook.save"),
    order: () => ({ action: "describe", codes: [id], texts: Object.fromEntries(parts.map(([key, part]) => [key, part.texts()])) }),
    onDone: () => onDone(id),
  });
}

export function move(id, onDone, to = codeNamed(id)) {
  const { fields, place } = placeFields("move", { family: to.family, parent: to.parent, without: id });
  ask(say("codebook.move_title", { name: nameOf(id) }), {
    fields, button: say("codebook.move"), order: () => ({ action: "move", codes: [id], ...place() }), onDone: () => onDone(id),
  });
}

export function merge(id, onDone) {
  const others = families().flatMap(treeOf).map(({ code }) => code).filter((code) => code.id !== id);
  const ticks = others.map((code) => h("label", { class: "tick" }, h("input", { type: "checkbox", value: code.id, name: "merge" }), h("span", {}, nameOf(code.id), h("small", {}, ` ${familyName(code.family)}`))));
  const name = textInput("merge-name", nameOf(id));
  const definitions = h("fieldset", { id: "merge-definition", hidden: true });
  const chosen = () => [...document.querySelectorAll("input[name=merge]:checked")].map((tick) => tick.value);
  const showDefinitions = () => {
    const codes = [id, ...chosen()].filter((each) => inLanguage(codeNamed(each).definition)); // a blank one is never kept beside another
    const kept = keptDefinition();
    definitions.replaceChildren(h("legend", {}, say("codebook.merge_definition")), ...codes.map((each) => {
      const choice = h("input", { type: "radio", name: "definition", value: each });
      choice.checked = each === (codes.includes(kept) ? kept : codes[0]);
      return h("label", { class: "tick" }, choice, h("span", {}, nameOf(each), h("small", {}, ` ${inLanguage(codeNamed(each).definition)}`)));
    }));
    definitions.hidden = codes.length < 2;
  };
  const keptDefinition = () => definitions.querySelector("input:checked")?.value ?? id;
  for (const tick of ticks) tick.addEventListener("change", showDefinitions);
  ask(say("codebook.merge_title", { name: nameOf(id) }), {
    fields: [h("fieldset", {}, h("legend", {}, say("codebook.merge_with")), ticks), field(say("codebook.merge_name"), name), definitions, h("p", { class: "soft" }, say("codebook.merge_rule"))],
    button: say("codebook.merge"),
    order: () => ({ action: "merge", codes: [id, ...chosen()], names: [name.value], texts: textsOf(keptDefinition(), [id, ...chosen()]) }),
    onDone: (book) => onDone(book.history[0].into[0]),
  });
}

/** The definition of one of several codes, in all languages in which any of them has one. */
function textsOf(kept, codes) {
  const texts = (key) => {
    const present = codeNamed(kept)[key];
    if ("" in present || !Object.keys(present).length) return { "": present[""] ?? "" };
    const languages = codes.flatMap((each) => Object.keys(codeNamed(each)[key])).filter(Boolean);
    return Object.fromEntries(languages.map((language) => [language, present[language] ?? ""]));
  };
  return Object.fromEntries(["definition", "include", "exclude"].map((key) => [key, texts(key)]));
}

/** Give a family another name; the codes stay as they are. */
export function renameFamily(family, onDone) {
  const name = textInput("family-name", familyName(family));
  ask(say("codebook.family_title", { name: familyName(family) }), {
    fields: [field(say("codebook.name"), name)],
    otherwise: () => say("codebook.why_family", { before: familyName(family), after: name.value.trim() }),
    button: say("codebook.rename"),
    order: () => ({ action: "move", codes: theBook().codes.filter((code) => code.family === family).map((code) => code.id), family: name.value }),
    onDone: () => onDone(),
  });
}

export function split(id, onDone) {
  const names = box("split-names");
  ask(say("codebook.split_title", { name: nameOf(id) }), {
    fields: [field(say("codebook.split_names"), names), h("p", { class: "soft" }, say("codebook.split_rule", { name: nameOf(id) }))],
    button: say("codebook.split"),
    order: () => ({ action: "split", codes: [id], names: names.value.split("\n").map((each) => each.trim()).filter(Boolean) }),
    onDone,
  });
}

export function retire(id, onDone) {
  ask(say("codebook.retire_title", { name: nameOf(id) }), {
    fields: [h("p", {}, say("codebook.retire_rule", { n: codeNamed(id).confirmed ?? 0 }))],
    button: say("codebook.retire"), order: () => ({ action: "retire", codes: [id] }), onDone: () => onDone(null),
  });
}

/** Take a line of the history back, or make it again. */
export function reverse(row, onDone) {
  ask(say(`codebook.${row.can}_title`, { what: inLanguage({ "": row.text }) }), {
    reason: say(`codebook.why_${row.can}`), button: say(`codebook.${row.can}`), order: () => ({ action: "undo", line: row.line }), onDone,
  });
}

/** An element of the theory of change, named while a path is marked; the codes in `first` are offered first. `onDone` gets its id. */
export function newElement({ name, study, first, onDone }) {
  const title = textInput("element-name", name);
  const kind = h("select", { id: "element-kind" }, study.element_kinds.map((each) => h("option", { value: each.kind, selected: each.kind === "outcome" }, inLanguage(each))));
  const rank = ({ id }) => (first.includes(id) ? first.indexOf(id) : first.length);
  const codes = [...study.codes].sort((a, b) => rank(a) - rank(b));
  const code = h("select", { id: "element-code" }, codes.map(({ id }) => h("option", { value: id }, study.name(id))));
  const ticks = codes.map(({ id }) => h("label", { class: "tick" }, h("input", { type: "checkbox", value: id, name: "element-also" }), h("span", {}, study.name(id))));
  const also = () => [...document.querySelectorAll("input[name=element-also]:checked")].map((tick) => tick.value);
  ask(say("paths.new_title"), {
    fields: [field(say("codebook.name"), title), field(say("paths.kind"), kind), field(say("paths.code"), code), h("details", {}, h("summary", {}, say("paths.also")), ticks)],
    reason: say("paths.why"),
    button: say("paths.make"),
    order: () => ({ action: "element", base: study.theory, element: { name: title.value, kind: kind.value, codes: [code.value, ...also()].filter(Boolean) } }),
    onDone: (book) => onDone(book.history[0].element.id, book.line),
  });
}
