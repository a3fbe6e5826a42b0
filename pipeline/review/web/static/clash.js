// The same excerpt decided in two places: both versions, and a choice.

import { h, say } from "./dom.js";
import { closeDialog, openDialog } from "./frame.js";

function side(study, title, { codes, links, memo }) {
  const line = (name, value) => h("div", {}, `${name}: ${say(`value.${value}`)}`);
  const answers = [
    ...Object.entries(codes).map(([code, value]) => line(study.name(code), value)),
    ...Object.entries(links).map(([finding, value]) => line(finding, value)),
  ];
  return h("div", { class: "side" }, h("strong", {}, title), answers.length ? answers : h("div", {}, say("suggestion.nothing")), memo ? h("div", {}, memo) : null);
}

export function clashDialog(study, { mine, theirs, text }, { keep, leave }) {
  const accepted = mine.accepted ? JSON.parse(mine.accepted) : { codes: {}, links: {} };
  const shown = Object.fromEntries(Object.entries(accepted.codes).map(([code, stance]) => [code, stance || "yes"]));
  const directed = Object.fromEntries(Object.entries(accepted.links).filter(([, direction]) => direction !== "not_told"));
  const here = { codes: { ...shown, ...mine.codes }, links: { ...directed, ...mine.links }, memo: mine.memo };
  const button = (id, key, act) => h("button", { id, onclick: () => { closeDialog(); act(); } }, say(`clash.${key}`));
  openDialog(say("clash.title"),
    h("p", { class: "words" }, text ?? ""),
    h("div", { class: "difference" }, h("div", { class: "sides" }, side(study, say("clash.mine"), here), side(study, say("clash.theirs"), theirs))),
    h("div", { class: "buttons" }, button("keep-mine", "keep_mine", keep), button("keep-theirs", "keep_theirs", leave)));
}
