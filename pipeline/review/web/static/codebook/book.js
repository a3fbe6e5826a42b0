// The codebook as the program has it now, and changes of it: one at a time, each with a reason.

import { get, post } from "../api.js";
import { inLanguage } from "../dom.js";

let book = null; // as of the last look
let onChanged = async () => {};

export const useBook = (changed) => { onChanged = changed; };
export const theBook = () => book;
export const codeNamed = (id) => book.codes.find((code) => code.id === id);
/** The name of a code; of one that is gone, the last that it had. */
export const nameOf = (id) => inLanguage(codeNamed(id)?.name ?? book.former_names[id] ?? {}) || id;
export const families = () => [...new Set(book.codes.map(({ family }) => family))];
export const familyName = (id) => inLanguage(book.family_names[id] ?? {}) || id;
/** The family that was typed by its name; what is typed is the name of a new one else. */
export const familyNamed = (typed) => Object.keys(book.family_names).find((id) => [id, familyName(id)].some((name) => name.toLowerCase() === typed.trim().toLowerCase())) ?? typed.trim();

export async function lookAgain() {
  book = await get("/api/codebook");
  return book;
}

/** Make a change. A refusal throws; what it was refused for is looked at, so that it can be made again upon that. */
export async function change(order) {
  try {
    if (!book) await lookAgain();
    book = await post("/api/codebook/change", { base: book.version, ...order });
  } catch (error) {
    if (error.body) {
      await lookAgain();
      await onChanged();
    }
    throw error;
  }
  await onChanged();
  return book;
}

/** The codes of a family, each below its parent, with how deep it is. */
export function treeOf(family) {
  const codes = book.codes.filter((code) => code.family === family);
  const below = (parent, depth) => codes.filter((code) => code.parent === parent).flatMap((code) => [{ code, depth }, ...below(code.id, depth + 1)]);
  return below("", 0);
}

/** Whether a code is another one or below it. */
export function isWithin(id, other) {
  for (let code = codeNamed(id); code; code = codeNamed(code.parent)) if (code.id === other) return true;
  return false;
}
