// Choose one of many by typing: codes, findings, elements of the theory of change.

import { h, say } from "./dom.js";
import { closeDialog, openSideDialog } from "./frame.js";

const MOST = 12;
export const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

/** `options`: [{id, title, detail}], those to be offered first in front. `beside` makes of what is typed a further option, or a hint. */
export function choose(title, options, onChoose, beside = () => null) {
  const list = h("ul", { class: "options", role: "listbox" });
  let shown = [];
  let selected = 0;
  let hint = "";
  const take = (option) => { closeDialog(); (option.take ?? onChoose)(option.id); };
  const draw = (typed) => {
    const words = fold(typed).split(/\s+/).filter(Boolean);
    const has = (text) => words.every((word) => fold(text).includes(word));
    const byName = options.filter((option) => has(`${option.id} ${option.title}`));
    const byDetail = options.filter((option) => !byName.includes(option) && has(`${option.id} ${option.title} ${option.detail}`));
    const more = beside(typed);
    shown = [...byName, ...byDetail].slice(0, MOST);
    if (more?.take) shown.push(more);
    hint = more?.hint ?? (shown.length ? "" : say("form.no_match"));
    selected = 0;
    mark();
  };
  const mark = () => list.replaceChildren(...(hint ? [h("li", { class: "soft" }, hint)] : []), ...shown.map((option, index) =>
    h("li", {}, h("button", { role: "option", "aria-selected": index === selected ? "true" : "false", onclick: () => take(option), tabindex: "-1" },
      option.title, h("small", {}, option.detail)))));
  const input = h("input", { type: "search", "aria-label": say("form.type_to_find"), placeholder: say("form.type_to_find"), oninput: (event) => draw(event.target.value) });
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      selected = Math.max(0, Math.min(shown.length - 1, selected + (event.key === "ArrowDown" ? 1 : -1)));
      mark();
    } else if (event.key === "Enter" && shown.length) {
      event.preventDefault();
      event.stopPropagation();
      take(shown[selected]);
    }
  });
  openSideDialog(title, input, list);
  draw("");
}
