// Words that carry a code: how they are selected by mouse, touch and keyboard, drawn in the excerpt, and listed under it.

import { find, h, points, say } from "./dom.js";

const AFTER_A_TOUCH = 700; // milliseconds: a finger on a button ends the selection before the press is heard

let remembered = null; // {id, start, end, ended}: what is selected, or was until just now
let choosing = null; // {words, first, last, exact, stop}: words that are being chosen, and what was selected by mouse

/** Offsets in code points from the start of #words of the end of a range. */
export const offsetOf = (box, node, at) => {
  const range = document.createRange();
  range.setStart(box, 0);
  range.setEnd(node, at);
  return points(range.toString()).length;
};

/** The excerpt, or the turn of the transcript, that a place of the page is in. */
const boxOf = (node) => (node instanceof Element ? node : node?.parentElement)?.closest("#words, .turn .words");

/** What is selected in the excerpt or a turn, in whole characters and without white space around it; null if nothing is. */
export function selectedStretch(text, box = find("#words")) {
  const selection = document.getSelection();
  if (box && selection.rangeCount && !selection.isCollapsed) {
    const range = selection.getRangeAt(0);
    if (box.contains(range.startContainer) && box.contains(range.endContainer)) {
      return whole(text, offsetOf(box, range.startContainer, range.startOffset), offsetOf(box, range.endContainer, range.endOffset));
    }
  }
  const isFresh = remembered && remembered.id === box?.dataset.id && Date.now() - remembered.ended < AFTER_A_TOUCH;
  return isFresh ? remembered : null;
}

/** The stretch moved outward to what readers see as characters: an emoji or an accented letter is not divided. */
function whole(text, from, to) {
  const letters = points(text);
  let [start, end] = [from, to];
  while (start < end && /\s/u.test(letters[start])) start += 1;
  while (end > start && /\s/u.test(letters[end - 1])) end -= 1;
  if (start >= end) return null;
  const characters = Intl.Segmenter ? Array.from(new Intl.Segmenter().segment(text), ({ segment }) => segment) : letters;
  const bounds = [0];
  for (const segment of characters) bounds.push(bounds.at(-1) + points(segment).length);
  return { start: bounds.findLast((at) => at <= start), end: bounds.find((at) => at >= end) };
}

document.addEventListener("selectionchange", () => {
  const selection = document.getSelection();
  const box = boxOf(selection.anchorNode);
  const isInside = box && selection.rangeCount && !selection.isCollapsed && box.contains(selection.focusNode);
  if (isInside) remembered = { id: box.dataset.id, ...selectedStretch(box.textContent, box), ended: Infinity };
  else if (remembered?.ended === Infinity) remembered.ended = Date.now();
  const button = find("#mark");
  if (button) button.classList.toggle("first", Boolean(isInside && box.id === "words"));
});

/** Whether words are being chosen for something that was asked for before. */
export const isChoosing = () => choosing !== null;

export function forgetSelection() {
  remembered = null;
  choosing?.stop();
  document.getSelection().removeAllRanges();
}

/** Select from one code point of a box to another. */
function select(box, start, end) {
  const range = document.createRange();
  const walker = document.createTreeWalker(box, NodeFilter.SHOW_TEXT);
  let at = 0;
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const letters = points(node.data);
    const unit = (offset) => letters.slice(0, offset - at).join("").length;
    if (at <= start && start <= at + letters.length) range.setStart(node, unit(start));
    if (at < end && end <= at + letters.length) range.setEnd(node, unit(end));
    at += letters.length;
  }
  document.getSelection().removeAllRanges();
  document.getSelection().addRange(range);
}

/** The words where a box was clicked, or over which a selection was drawn by mouse; null where neither is in it. */
function pointedAt(box, words) {
  const selection = document.getSelection();
  const range = selection.rangeCount ? selection.getRangeAt(0) : null;
  if (!range || !box.contains(range.startContainer) || !box.contains(range.endContainer)) return null;
  const [start, end] = [offsetOf(box, range.startContainer, range.startOffset), offsetOf(box, range.endContainer, range.endOffset)];
  const first = words.findIndex((word) => start < word.end);
  const last = words.findLastIndex((word) => word.start < Math.max(end, start + 1));
  return first < 0 ? null : { first, last: Math.max(first, last) };
}

/** Choose words, from the first one: arrows move, with Shift they lengthen and shorten, or the mouse; Enter or `key` takes them. */
export function chooseWords(text, { take, leave, box = find("#words"), key = "w" }) {
  const words = [...text.matchAll(/\S+/gu)].map((match) => {
    const start = points(text.slice(0, match.index)).length;
    return { start, end: start + points(match[0]).length };
  });
  if (!words.length) return;
  choosing?.stop();
  const show = () => select(box, words[choosing.first].start, words[choosing.last].end);
  const stop = () => {
    document.removeEventListener("keydown", press, true);
    document.removeEventListener("mouseup", released);
    choosing = null;
  };
  const point = () => {
    const place = choosing && pointedAt(box, words);
    if (!place) return;
    const exact = document.getSelection().isCollapsed ? null : selectedStretch(text, box);
    Object.assign(choosing, place, { exact });
    if (!exact) show(); // a click chooses the word; what is drawn by mouse stays as it is
  };
  const limit = (index) => Math.max(0, Math.min(words.length - 1, index));
  const released = () => setTimeout(point); // the browser moves the selection after this
  const press = (event) => {
    const by = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 5, ArrowUp: -5 }[event.key];
    if (event.key === "Shift") return;
    if (by && event.shiftKey) choosing.last = Math.max(choosing.first, limit(choosing.last + by));
    else if (by) choosing.first = choosing.last = limit(choosing.first + by);
    event.preventDefault();
    event.stopPropagation();
    if (by) choosing.exact = null;
    if (by) return show();
    const isTaken = event.key === "Enter" || event.key === key;
    const stretch = isTaken ? choosing.exact ?? whole(text, words[choosing.first].start, words[choosing.last].end) : null;
    stop();
    if (stretch) take(stretch);
    else {
      forgetSelection();
      leave();
    }
  };
  choosing = { words, first: 0, last: 0, exact: null, stop };
  document.addEventListener("keydown", press, true);
  document.addEventListener("mouseup", released);
  show();
}

/** The excerpt's words in pieces: what patterns matched, and what carries codes. Offsets count code points. */
export function wordsView(excerpt, answers, study) {
  const letters = points(excerpt.text);
  const spans = answers.marked;
  const edges = new Set([0, letters.length, ...[...excerpt.marks, ...spans].flatMap(({ start, end }) => [start, end])]);
  const bounds = [...edges].filter((at) => at <= letters.length).sort((a, b) => a - b);
  const covers = (start) => (stretch) => stretch.start <= start && start < stretch.end;
  return bounds.slice(0, -1).map((start, index) => {
    const piece = letters.slice(start, bounds[index + 1]).join("");
    const codes = [...new Set(spans.filter(covers(start)).map(({ code }) => study.name(code)))];
    const mark = excerpt.marks.find(covers(start));
    const inner = mark ? h("mark", { title: say("excerpt.pattern", { pattern: mark.pattern }) }, piece) : piece;
    return codes.length ? h("span", { class: "carries", title: say("span.carries", { codes: codes.join(", ") }) }, inner) : inner;
  });
}

/** The marked words by code, each to be taken away, and the button that marks what is selected. */
export function spansView(excerpt, answers, study, actions) {
  const letters = points(excerpt.text);
  const short = (text) => (points(text).length > 60 ? `${points(text).slice(0, 58).join("")}…` : text);
  const rows = answers.marked.map((span) => {
    const words = short(letters.slice(span.start, span.end).join(""));
    return h("li", { "data-code": span.code },
      h("strong", {}, study.name(span.code)), ` ${say("span.quoted", { words })} `,
      h("button", { onclick: () => actions.unmark(span), "aria-label": say("span.remove", { code: study.name(span.code), words }) }, "×"));
  });
  const button = h("button", { id: "mark", onclick: actions.mark, title: say("span.help") }, say("span.mark"), " ", h("kbd", {}, "w"));
  button.addEventListener("pointerdown", (event) => event.preventDefault()); // the selection stays
  return h("div", { class: "spans" }, rows.length ? h("ul", { "aria-label": say("span.list") }, rows) : null, button);
}
