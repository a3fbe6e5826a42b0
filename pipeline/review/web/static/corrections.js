// The transcript corrected: mistyped words, and who speaks. What was typed stays where a correction is refused.

import { get, post } from "./api.js";
import { find, h, say } from "./dom.js";
import { closeDialog, openDialog } from "./frame.js";
import { chooseWords, forgetSelection, selectedStretch } from "./spans.js";

const field = (label, input) => h("label", {}, h("span", {}, label), input);
const nameOf = ({ who, role }) => (role === "interviewer" ? [say("correct.interviewer"), who].filter(Boolean).join(" ") : who || say("correct.nobody"));

/** Ask what the selected words of an excerpt or a turn should be, or who speaks. `onDone` gets the corrections that it has then. Nothing is asked of a passage that is no longer there when its speakers are known. */
export async function correctDialog(passage, { onDone, box, chosen = null, isThere = () => box.isConnected }) {
  const stretch = chosen ?? selectedStretch(passage.text, box);
  const { speakers } = await get("/api/speakers", { id: passage.id });
  if (!isThere()) return;
  const before = stretch ? Array.from(passage.text).slice(stretch.start, stretch.end).join("") : "";
  const words = h("input", { type: "text", id: "corrected" });
  words.value = before;
  const who = h("select", { id: "speaker" }, speakers.map((each) => h("option", { value: each.is_here ? "" : each.turn }, each.is_here ? say("correct.as_now", { who: nameOf(each) }) : nameOf(each))));
  const reason = h("input", { type: "text", id: "why-corrected" });
  const alert = h("p", { role: "alert", class: "alert" });
  let isSent = false;
  const wait = (isWaiting) => {
    isSent = isWaiting;
    form.querySelectorAll("input, select, button").forEach((each) => { each.disabled = isWaiting; });
    alert.textContent = isWaiting ? say("correct.saving") : "";
  };
  const submit = async () => {
    if (isSent) return;
    if (!stretch && !who.value) return (alert.textContent = say(speakers.length ? "correct.nothing" : "correct.select"));
    wait(true);
    const body = { passage_id: passage.id, text_sha256: passage.sha, reason: reason.value };
    const ofWords = stretch && words.value !== before ? { ...body, start: stretch.start, end: stretch.end, corrected: words.value } : null;
    const ofSpeaker = speakers.length && who.value !== "" ? { ...body, speaker_of: Number(who.value) } : null;
    try {
      const asRecorded = { ...body, start: stretch?.start ?? 0, end: stretch?.end ?? 0, corrected: before }; // takes a correction back, or is refused
      let answer = null;
      const orders = ofWords || ofSpeaker ? [ofWords, ofSpeaker].filter(Boolean) : [asRecorded];
      for (const each of orders) answer = await post("/api/correct", each);
      closeDialog();
      forgetSelection();
      const isAnswer = ofSpeaker && passage.role === "interviewer" && speakers.some(({ turn, role }) => turn === ofSpeaker.speaker_of && role === "respondent");
      onDone(answer.corrections, isAnswer ? "saved_answer" : ofSpeaker ? "saved_speaker" : "saved", orders);
    } catch (error) {
      wait(false);
      alert.textContent = error.message;
      if (stretch) words.focus();
    }
  };
  const choose = () => {
    closeDialog();
    find("#notice").textContent = say("correct.choose");
    const take = (taken) => { find("#notice").textContent = ""; correctDialog(passage, { onDone, box, chosen: taken, isThere }); };
    chooseWords(passage.text, { take, leave: () => { find("#notice").textContent = ""; }, box });
  };
  const form = h("div", { class: "change-form" },
    box && !stretch ? h("p", { class: "recorded" }, passage.text) : null, // the form lies over the transcript
    stretch ? [h("p", { class: "recorded" }, before), field(say("correct.words"), words)] : h("p", {}, say("correct.select"), " ", h("button", { id: "choose-words", onclick: choose }, say("correct.choose_words"))),
    speakers.length ? field(say("correct.speaker"), who) : null,
    field(say("correct.reason"), reason), alert,
    h("p", { class: "soft", id: "correct-when" }, say("correct.when")),
    h("div", { class: "buttons" }, h("button", { id: "do-correct", class: "first", onclick: submit }, say("correct.save"), " ", h("kbd", {}, "Enter")), h("button", { onclick: closeDialog }, say("codebook.cancel"), " ", h("kbd", {}, "Esc"))));
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.target.matches("input, select")) return;
    event.preventDefault();
    submit();
  });
  const bar = find("#selected");
  if (bar) bar.hidden = true;
  openDialog(say("correct.title"), form);
  if (stretch) words.focus();
}

/** What is corrected in an excerpt or a turn, by whom and why; each can be taken back. */
export function correctionsView(passage, onDone) {
  if (!passage.corrections?.length) return null;
  const takeBack = async (key) => {
    try {
      const { corrections } = await post("/api/withdraw", { passage_id: passage.id, key });
      onDone(corrections, "withdrawn");
    } catch (error) {
      find("#notice").textContent = error.message;
    }
  };
  const text = (each) => (each.is_speaker ? say("correct.of_speaker") : each.words ? say("correct.of_words", each) : say("correct.of_name"));
  const more = (each) => [[each.by, each.at].filter(Boolean).join(", "), each.reason, each.is_applied ? "" : say("correct.waits")].filter(Boolean).join("; ");
  return h("ul", { class: "corrections" }, passage.corrections.map((each) => h("li", {}, text(each), more(each) ? ` (${more(each)}) ` : " ",
    h("button", { class: "take-back", onclick: () => takeBack(each.key) }, say("correct.take_back")))));
}
