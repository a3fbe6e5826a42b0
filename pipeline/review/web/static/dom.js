// Elements made from data. Words of people only ever become text, never markup.

export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "onclick" || name === "oninput" || name === "onchange") element[name] = value;
    else if (name === "class") element.className = value;
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export const find = (selector) => document.querySelector(selector);

let texts = {};
let language = "en";

export function useTexts(allTexts, chosen) {
  texts = allTexts;
  language = chosen;
  document.documentElement.lang = chosen;
}

export const currentLanguage = () => language;

const phone = matchMedia("(max-width: 640px)"); // as in page.css, which shows no keys there

/** The text under "section.key" with {places} filled in; on a phone that of "section.key_phone", which names no keys. */
export function say(key, values = {}) {
  const [section, name] = key.split(".");
  const book = texts[language]?.[section] ?? {};
  const text = (phone.matches ? book[`${name}_phone`] : undefined) ?? book[name] ?? key;
  const form = text.includes("|") ? text.split("|")[values.n === 1 ? 0 : 1] : text;
  return form.replace(/\{(\w+)\}/g, (whole, place) => values[place] ?? whole);
}

/** Text of the study in the language of the interface, or in the one that it has. */
export const inLanguage = (byLanguage) => byLanguage[language] || Object.values(byLanguage)[0] || "";

/** The definition of a code, or that it has none. */
export const definitionOf = (code) => inLanguage(code.definition) || say("codebook.unwritten");

/** A share or coefficient with two decimals, in the language of the interface. */
export const share = (number) => (Math.abs(number) < 0.005 ? 0 : number).toLocaleString(language, { minimumFractionDigits: 2, maximumFractionDigits: 2 });

/** Code points of a string: offsets of the study count these, not UTF-16 units. */
export const points = (text) => Array.from(text);
