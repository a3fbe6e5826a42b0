// Start and close a review round.

import { post } from "./api.js";
import { h, say } from "./dom.js";
import { closeDialog, openDialog } from "./frame.js";

export function roundsDialog(study, onChange) {
  const { round } = study;
  const act = async (body) => {
    try {
      await post("/api/round", body);
      closeDialog();
      await onChange();
    } catch (error) {
      message.textContent = error.message;
    }
  };
  const message = h("p", { role: "alert" });
  if (round) {
    openDialog(say("page.rounds"),
      h("p", {}, [say("round.open", { name: round.name, shows: say(`round.${round.shows}`) }), round.ends ? say("round.until", { day: round.ends }) : ""].filter(Boolean).join(", ")),
      h("ul", {}, Object.entries(round.coders).map(([coder, done]) => h("li", {}, say("round.progress", { coder, done, total: round.total })))),
      message, h("button", { id: "close-round", onclick: () => act({ action: "close", name: round.name }) }, say("round.end")));
    return;
  }
  const name = h("input", { type: "text", id: "round-name" });
  const coders = h("input", { type: "text", id: "round-coders" });
  coders.value = study.coder;
  const size = h("input", { type: "number", id: "round-size", min: "1", max: "5000" });
  size.value = "40";
  const ends = h("input", { type: "date", id: "round-ends" });
  const shows = h("select", { id: "round-shows" }, ["blind", "suggestion"].map((value) => h("option", { value }, say(`round.${value}`))));
  const field = (key, input) => h("label", {}, h("span", {}, say(`round.${key}`)), input);
  openDialog(say("page.rounds"), h("p", { class: "soft" }, say("round.none")),
    field("name", name), field("coders", coders), field("size", size), field("shows", shows), field("ends", ends), message,
    h("button", { id: "start-round", onclick: () => act({ action: "start", name: name.value.trim(), coders: coders.value.split(",").map((each) => each.trim()).filter(Boolean), size: Number(size.value), shows: shows.value, ends: ends.value || null }) }, say("round.start")));
}
