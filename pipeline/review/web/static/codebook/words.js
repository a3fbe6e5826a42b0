// What can be done with words that are selected in the excerpt: a code named after them, or a pattern that always suggests one.

import { find, h, say } from "../dom.js";
import { isChoosing } from "../spans.js";

const LONGEST = 200; // characters: longer selections are no name and no pattern
const GAP = 8; // pixels between the words and the bar
const AFTER_A_TOUCH = 700; // milliseconds: a finger on a button ends the selection before the press is heard

let words = ""; // selected, or until just now

/** The words selected in the excerpt; "" if none. The browser tells of a new selection only later. */
export const selectedWords = () => wordsNow() || words;

function wordsNow() {
  const selection = document.getSelection();
  const box = find("#words");
  if (!box || !selection || selection.isCollapsed || !box.contains(selection.anchorNode) || !box.contains(selection.focusNode)) return "";
  const text = selection.toString().replace(/\s+/g, " ").trim();
  return text.length <= LONGEST ? text : "";
}

/** Put the bar above what is selected, in the excerpt's column, where it covers no button; below it where there is no room. */
function putBeside(bar, words) {
  const box = find(".reading").getBoundingClientRect();
  bar.style.maxWidth = `${box.width - 2 * GAP}px`;
  const { height, width } = bar.getBoundingClientRect();
  const above = words.top - GAP - height;
  bar.style.top = `${above < find("#top").getBoundingClientRect().bottom ? words.bottom + GAP : above}px`;
  bar.style.left = `${Math.max(box.left + GAP, Math.min(words.left, box.right - GAP - width))}px`;
}

/** Show the buttons while words are selected. */
export function watchSelection({ onNewCode, onPattern, onCorrect }) {
  const bar = h("div", { id: "selected", hidden: true, role: "toolbar" });
  document.body.append(bar);
  let timer = null;
  const button = (id, key, label, act) => {
    const element = h("button", { id, onclick: () => { bar.hidden = true; act(); } }, label, " ", h("kbd", {}, key));
    element.addEventListener("mousedown", (event) => event.preventDefault()); // a press keeps the selection
    return element;
  };
  const leave = () => { bar.hidden = true; words = ""; };
  document.addEventListener("keydown", (event) => { if (!event.shiftKey) bar.hidden = true; });
  document.addEventListener("selectionchange", () => {
    clearTimeout(timer);
    const now = wordsNow();
    if (!find("#dialog").hidden || isChoosing()) return;
    if (!now) {
      timer = setTimeout(leave, AFTER_A_TOUCH);
      return;
    }
    words = now;
    bar.setAttribute("aria-label", say("codebook.selected"));
    bar.replaceChildren(button("in-vivo", "v", say("codebook.in_vivo"), onNewCode), button("always", "s", say("codebook.always"), onPattern), button("correct-words", "h", say("correct.button"), onCorrect));
    bar.hidden = false;
    putBeside(bar, document.getSelection().getRangeAt(0).getBoundingClientRect());
  });
}
