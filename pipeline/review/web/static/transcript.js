// The whole transcript in the drawer: every turn, what is corrected in it, and the way to correct it, also an interviewer's.

import { get } from "./api.js";
import { correctDialog, correctionsView } from "./corrections.js";
import { find, h, inLanguage, say } from "./dom.js";
import { closeDrawer, notice, openDrawer } from "./frame.js";

const STEPS = { j: 1, k: -1, ArrowDown: 1, ArrowUp: -1 };

let turns = [];
let here = 0; // the turn of the excerpt in front
let onCorrected = () => {};

const isOpen = () => !find("#drawer").hidden && Boolean(find("#drawer .turn"));
const viewOf = (turn) => find(`#drawer .turn[data-turn="${turn.turn}"]`);

function turnView(turn) {
  const isHere = turn.turn === here;
  const who = turn.role === "interviewer" ? say("correct.interviewer") : turn.who;
  const button = h("button", { class: "correct", onclick: () => correct(turn), title: say("correct.help"), "data-first": isHere }, say("correct.button"), " ", h("kbd", {}, "h"));
  button.addEventListener("pointerdown", (event) => event.preventDefault()); // the words that are selected stay so
  return h("div", { class: `turn ${turn.role}${isHere ? " here" : ""}`, "data-turn": turn.turn },
    h("div", { class: "who" }, h("span", {}, [who, inLanguage(turn.place)].filter(Boolean).join(" · ")), turn.is_withheld ? null : button),
    turn.is_withheld ? h("p", { class: "soft" }, say("correct.withheld")) : h("div", { class: "words", "data-id": turn.id }, turn.text),
    correctionsView(turn, changing(turn)));
}

/** What is done once a turn has other corrections. */
const changing = (turn) => (corrections, done) => {
  turn.corrections = corrections;
  viewOf(turn).replaceWith(turnView(turn));
  viewOf(turn).querySelector(".correct")?.focus();
  notice(say(`correct.${done}`));
  onCorrected(turn);
};

const correct = (turn) =>
  correctDialog(turn, { onDone: changing(turn), box: viewOf(turn).querySelector(".words") }).catch((error) => notice(error.message));

/** Show the turns around an excerpt. `onDone` hears of each turn that is corrected. */
export async function openTranscript(excerpt, onDone) {
  onCorrected = onDone;
  here = excerpt.turn;
  ({ turns } = await get("/api/source", { id: excerpt.source, around: excerpt.turn }));
  openDrawer(`${say(`whole.${excerpt.kind}`)}: ${excerpt.source}`, ...turns.map(turnView));
  find("#drawer .here")?.scrollIntoView({ block: "center" });
}

/** The turn with the focus or the selection, else the one of the excerpt. */
function currentTurn() {
  const { anchorNode } = document.getSelection();
  const selected = anchorNode instanceof Element ? anchorNode : anchorNode?.parentElement;
  const view = document.activeElement?.closest("#drawer .turn") ?? selected?.closest("#drawer .turn") ?? find("#drawer .here");
  return turns.find(({ turn }) => String(turn) === view?.dataset.turn);
}

/** A key while the transcript is open: to another turn, correct this one, or close. Whether it was one of these. */
export function pressOnTranscript(key) {
  if (!isOpen()) return false;
  const turn = currentTurn();
  if (key === "g") closeDrawer();
  else if (key === "h" && turn && !turn.is_withheld) correct(turn);
  else if (STEPS[key]) {
    const buttons = [...find("#drawer").querySelectorAll(".turn .correct")];
    const at = buttons.findIndex((button) => button.closest(".turn").dataset.turn === String(turn?.turn));
    const next = buttons[Math.max(0, Math.min(buttons.length - 1, at + STEPS[key]))];
    next?.focus();
    next?.closest(".turn").scrollIntoView({ block: "nearest" });
  } else return false;
  return true;
}
