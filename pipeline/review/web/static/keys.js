// One grammar of keys. Keys work everywhere but in a box that is being typed into.

import { find, h, say } from "./dom.js";
import { closeDialog, closeDrawer, openDialog } from "./frame.js";

const SHOWN = [
  ["Enter", "enter"], ["x", "x"], ["n", "n"], ["1 … 9", "digits"], ["+ - = 0", "signs"], ["c", "c"], ["f", "f"], ["w", "w"], ["y", "y"], ["e", "e"], ["t", "t"], ["h", "h"], ["m", "m"], ["i", "i"], ["p", "p"],
  ["a", "a"], ["l", "l"], ["u", "u"], ["U", "U"], ["j k", "jk"], ["↑ ↓", "arrows"], ["␣", "space"], ["PgUp PgDn", "pages"], ["g", "g"], ["/", "slash"], ["d", "d"], ["r", "r"], ["v", "v"], ["s", "s"], ["o", "o"], ["?", "question"], ["b", "b"], ["Esc", "esc"],
];

export function showKeys() {
  openDialog(say("page.keys"), h("dl", { class: "keys" }, SHOWN.flatMap(([key, name]) => [h("dt", {}, h("kbd", {}, key)), h("dd", {}, say(`keys.${name}`))])));
}

const isTyping = (target) => target.matches?.("textarea, select, input:not([type=checkbox]):not([type=button])");

export function listen(handlers) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === "Escape") {
      if (!find("#dialog").hidden) closeDialog();
      else if (!find("#drawer").hidden) closeDrawer();
      else if (isTyping(event.target)) find("#main").focus();
      else { document.activeElement?.blur?.(); find("#main").focus(); if (!handlers.first(event.key)) handlers.Escape(); }
      return;
    }
    if (isTyping(event.target) || !find("#dialog").hidden) return;
    const isPress = event.key === " " || (event.key === "Enter" && event.target.id !== "accept");
    if (isPress && event.target.matches?.("button, summary")) return; // the browser presses it
    if (handlers.first(event.key)) return event.preventDefault();
    const name = /^[1-9]$/.test(event.key) ? "digit" : "+-=0".includes(event.key) ? "sign" : event.key;
    const handler = handlers[name];
    const shifted = event.shiftKey && !handler && /^Digit([1-6])$/.exec(event.code);
    if (!handler && !shifted) return;
    event.preventDefault();
    if (shifted) handlers.digit(`⇧${shifted[1]}`);
    else handler(event.key);
  });
}
