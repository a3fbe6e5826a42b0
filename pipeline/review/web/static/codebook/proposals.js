// Patterns proposed from the words that people confirmed: one is chosen, with all that it would catch; a key accepts it.

import { get } from "../api.js";
import { find, h, say } from "../dom.js";
import { notice } from "../frame.js";
import { change, nameOf } from "./book.js";
import { caughtView, newPattern } from "./patterns.js";

let rows = [];
let chosen = 0;
let isSent = false;
let redraw = () => {};
let refresh = () => {};

const countsOf = (row) => say("codebook.proposal_counts", row);

/** Go to the next or the previous proposal. */
export function stepProposals(by) {
  chosen = Math.max(0, Math.min(rows.length - 1, chosen + by));
  redraw();
  find(".proposals [aria-pressed=true]")?.scrollIntoView({ block: "nearest" });
}

/** Write the chosen proposal to the codebook. */
export async function acceptProposal() {
  const row = rows[chosen];
  if (!row || isSent) return;
  isSent = true;
  try {
    await change({ action: "pattern", codes: [row.code], pattern: { language: row.language, match: row.match }, reason: say("codebook.proposal_why", { counts: countsOf(row) }) });
    notice(say("codebook.pattern_saved"));
    await refresh();
  } catch (error) {
    notice(error.message);
  } finally {
    isSent = false;
  }
}

async function fillPreview(box, row) {
  try {
    box.replaceChildren(...caughtView(await get("/api/codebook/preview", row)));
  } catch (error) {
    box.replaceChildren(h("p", { class: "alert" }, error.message));
  }
}

/** The list, which comes when the program has looked; `onDone` draws the screen anew. */
export function proposalsView(onDone) {
  const list = h("div", { id: "proposals", "aria-live": "polite" }, h("p", { class: "soft" }, say("codebook.proposals_wait")));
  const item = (row, index) => {
    const isChosen = index === chosen;
    const head = h("button", { "aria-pressed": isChosen ? "true" : "false", "data-proposal": row.match, onclick: () => { chosen = index; redraw(); } }, h("strong", {}, nameOf(row.code)), ": ", h("code", { lang: row.language }, row.match), h("small", {}, ` ${row.language} · ${countsOf(row)}`));
    if (!isChosen) return head;
    const preview = h("div", { class: "preview" });
    fillPreview(preview, { code: row.code, language: row.language, match: row.match });
    return [head, h("div", { class: "chosen-proposal" }, h("div", { class: "tools" },
      h("button", { id: "accept-proposal", class: "first", onclick: acceptProposal }, say("codebook.proposal_accept"), " ", h("kbd", {}, "a")),
      h("button", { id: "change-proposal", onclick: () => newPattern({ words: row.match, code: row.code, language: row.language, onDone }) }, say("codebook.proposal_change"))), preview)];
  };
  redraw = () => list.replaceChildren(...(rows.length ? rows.flatMap(item) : [h("p", { class: "soft" }, say("codebook.proposals_none"))]));
  refresh = onDone;
  get("/api/codebook/proposals").then(({ proposals }) => {
    rows = proposals;
    chosen = Math.max(0, Math.min(chosen, rows.length - 1));
    redraw();
  }).catch((error) => list.replaceChildren(h("p", { class: "alert" }, error.message)));
  return h("section", { class: "patterns proposals" }, h("h2", {}, say("codebook.proposals")), h("p", { class: "soft" }, say("codebook.proposals_help")), list);
}
