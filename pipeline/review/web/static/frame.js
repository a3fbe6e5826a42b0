// What is around the excerpt: the foot, the drawer and the dialog.

import { find, h, say } from "./dom.js";
import { rankingButton } from "./ranking.js";

export function footView({ study, done, total, pace, unsaved, status }) {
  const recall = study.recall;
  const bar = h("span", {});
  bar.style.width = `${total ? Math.round((100 * done) / total) : 0}%`;
  return [
    h("span", {}, say("progress.done", { done, total })),
    h("span", { class: "bar", "aria-hidden": "true" }, bar),
    h("span", { id: "settled" }, say("progress.settled", study.settled)),
    study.round ? null : h("span", { id: "by-nobody" }, say("progress.undecided", { n: study.settled.undecided })),
    pace ? h("span", {}, say("progress.pace", { n: pace })) : null,
    recall ? h("span", { title: say("progress.recall_help"), id: "recall" }, say(recall.may_stop ? "progress.stop" : "progress.recall", recall)) : null,
    rankingButton(study, openDrawer),
    unsaved ? h("span", { class: "unsaved", id: "unsaved" }, say("progress.saving", { n: unsaved })) : h("span", { id: "saved", class: status ? "saved-flash" : "" }, status),
  ].filter(Boolean);
}

const NOTICE = 8000; // milliseconds that a message stays
let timer = 0;

/** A message; it goes by itself, unless somebody has to do something about it. */
export function notice(text, { stays = false } = {}) {
  clearTimeout(timer);
  find("#notice").textContent = text;
  if (text && !stays) timer = setTimeout(() => notice(""), NOTICE);
}

const openedFrom = new Map(); // box -> where the focus goes back to

function open(box, title, content, close) {
  openedFrom.set(box, document.activeElement);
  box.replaceChildren(h("div", { class: "head" }, h("h2", {}, title), h("button", { onclick: close, id: `close-${box.id}` }, say("page.close"), " ", h("kbd", {}, "Esc"))), ...content);
  box.setAttribute("role", "dialog");
  box.setAttribute("aria-label", title);
  box.hidden = false;
  (box.querySelector("input, select, [data-first]") ?? box.querySelector("button"))?.focus();
}

function close(box) {
  box.hidden = true;
  const before = openedFrom.get(box);
  (before?.isConnected && before !== document.body && !before.closest("[hidden]") ? before : find("#main")).focus();
}

export const openDrawer = (title, ...content) => open(find("#drawer"), title, content, closeDrawer);
export const closeDrawer = () => close(find("#drawer"));

function modal(name, title, content) {
  const box = find("#dialog");
  box.className = name;
  box.setAttribute("aria-modal", "true");
  open(box, title, content, closeDialog);
}

export const openDialog = (title, ...content) => modal("", title, content);

/** A dialog over the form, beside the excerpt. */
export const openSideDialog = (title, ...content) => modal("side", title, content);

export const closeDialog = () => close(find("#dialog"));
