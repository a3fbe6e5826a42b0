// How well the machine's suggestions ranked what was decided on: a line at the foot, and what is behind it.

import { h, say, share } from "./dom.js";

function table(study, codes) {
  const heads = ["code", "precision", "random", "decided", "ayes"].map((key) => h("th", { scope: "col" }, say(`ranking.${key}`)));
  const figures = (each) => (each.why_not ? [h("td", { colspan: "2", class: "soft" }, say(`ranking.${each.why_not}`))] : [h("td", {}, share(each.precision)), h("td", {}, share(each.random))]);
  const row = (each) => h("tr", {}, h("th", { scope: "row" }, study.name(each.code)), figures(each), h("td", {}, String(each.decided)), h("td", {}, String(each.ayes)));
  return h("table", { class: "ranking" }, h("thead", {}, h("tr", {}, heads)), h("tbody", {}, codes.map(row)));
}

/** A button that shows the figures; nothing before the first ten excerpts. */
export function rankingButton(study, openDrawer) {
  const ranking = study.ranking;
  if (!ranking) return null;
  const { count, drawn, shown, precision, random, codes } = ranking;
  const line = precision === null ? say("ranking.none", { n: count }) : say("ranking.line", { precision: share(precision), random: share(random), n: count });
  const show = () => openDrawer(say("ranking.title"), table(study, codes), h("p", {}, say(drawn === count ? "ranking.covers_drawn" : "ranking.covers", { n: count, drawn })), shown ? h("p", {}, say("ranking.seen", { n: shown })) : "", h("p", { class: "soft" }, say("ranking.meaning")));
  return h("button", { id: "ranking", onclick: show }, line);
}
