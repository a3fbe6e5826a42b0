// Excerpts that are cut in two, or joined with the next one: the place, the buttons, and what becomes of the queue.

import { find, h, points, say } from "./dom.js";
import { chooseWords, offsetOf } from "./spans.js";

/** Where the excerpt was clicked, or where its selection begins, in code points; null where neither is inside it. */
function clickedPlace() {
  const box = find("#words");
  const selection = document.getSelection();
  if (!box || !selection.rangeCount) return null;
  const range = selection.getRangeAt(0);
  if (!box.contains(range.startContainer) || !box.contains(range.endContainer)) return null;
  const start = offsetOf(box, range.startContainer, range.startOffset);
  return start > 0 ? start : offsetOf(box, range.endContainer, range.endOffset);
}

/** Give `take` the place that was clicked; without one, let it be chosen by keyboard. */
export function choosePlace(text, { take, choosing, leave }) {
  const place = clickedPlace();
  const length = points(text).length;
  if (place !== null && place > 0 && place < length) return take(place);
  choosing();
  return chooseWords(text, { take: ({ start }) => take(start), leave, key: "e" });
}

/** The buttons under the words. */
export function boundsView(excerpt, actions) {
  const cut = h("button", { id: "cut", onclick: actions.cut, title: say("bounds.cut_help") }, say("bounds.cut"), " ", h("kbd", {}, "e"));
  cut.addEventListener("pointerdown", (event) => event.preventDefault()); // the place that was clicked stays
  const join = excerpt.can_join
    ? h("button", { id: "join", onclick: actions.join, title: say("bounds.join_help") }, say("bounds.join"), " ", h("kbd", {}, "t"))
    : null;
  const correct = h("button", { id: "correct", onclick: actions.correct, title: say("correct.help") }, say("correct.button"), " ", h("kbd", {}, "h"));
  correct.addEventListener("pointerdown", (event) => event.preventDefault()); // the words that are selected stay so
  return h("div", { class: "bounds" }, cut, join, correct);
}

/** A queue in which excerpts that are gone make room for those that are there instead. */
export function withNewBounds(queue, { gone, items }, otherwise = -1) {
  const isGone = (item) => gone.includes(item.id) || items.some(({ id }) => id === item.id);
  const at = queue.findIndex(isGone);
  const counted = items[0] ?? {};
  const added = items.length - gone.length;
  const left = queue.filter((item) => !isGone(item)).map((item) => (item.source === counted.source ? { ...item, among: counted.among, nth: item.nth + (item.nth > counted.nth ? added : 0) } : item));
  const place = at < 0 ? otherwise : at;
  return place < 0 ? left : [...left.slice(0, place), ...items, ...left.slice(place)];
}
