// What a coder has decided on the excerpt in front of them, before it is sent.

const STANCES = { "+": "positive", "-": "negative", "=": "mixed", 0: "yes" };
const DIRECTIONS = { "+": "supports", "-": "contradicts", "=": "qualifies", 0: "no" };
const TELLING = Object.values(DIRECTIONS).slice(0, 3);
const DRAFTS = "hallazgo-drafts";
const TAB = "hallazgo-tab";
const FEW = 8; // codes of a codebook that are all listed, of all families

export class Answers {
  constructor(excerpt, study) {
    this.excerpt = excerpt;
    this.study = study;
    const draft = drafts()[excerpt.id];
    const own = draft?.sha === excerpt.sha ? withoutGone(draft, study) : excerpt.own;
    this.codes = { ...own.codes };
    this.links = { ...own.links };
    this.memo = own.memo ?? "";
    this.spans = [...(own.spans ?? [])]; // {code, start, end}: the words that carry a code
    this.last = null; // {kind: "code" | "link", id}: what + - = 0 are about
    this.together = false;
    const { suggestion } = excerpt;
    this.isSuggesting = Boolean(suggestion) && !excerpt.own.settled;
    this.suggestedCodes = new Map((suggestion?.codes ?? []).map(({ code, stance }) => [code, stance || "yes"]));
    this.suggestedLinks = new Map((suggestion?.links ?? []).map(({ finding, direction }) => [finding, direction]));
  }

  get isUntouched() {
    const { own } = this.excerpt;
    return same(this.codes, own.codes) && same(this.links, own.links) && this.memo === (own.memo ?? "") && sameSpans(this.spans, own.spans ?? []);
  }

  /** The marked words of the codes that the coder gives, in the order of the text. */
  get marked() {
    const isGiven = ({ code }) => ![undefined, "no"].includes(this.value("code", code));
    return this.spans.filter(isGiven).sort((a, b) => a.start - b.start || a.end - b.end);
  }

  /** Let words carry a code, which the coder gives thereby. The same words again: they carry it no longer. */
  mark(code, { start, end }) {
    if (!this.isOwn("code", code) || this.codes[code] === "no") this.add("code", code);
    const before = this.spans.length;
    this.unmark({ code, start, end });
    if (this.spans.length === before) this.spans.push({ code, start, end });
    this.touch("code", code);
  }

  unmark(span) {
    this.spans = this.spans.filter((each) => !isSame(each, span));
    this.save();
  }

  /** There is no code to decide on, no finding is chosen and no memo written: whatever is sent would be lost. */
  get saysNothing() {
    return !this.study.codes.length && !this.suggestedLinks.size && !Object.keys(this.links).length && this.memo === (this.excerpt.own.memo ?? "");
  }

  /** Nothing is chosen and nothing suggested: Enter would say nothing. */
  get isBlank() {
    return !this.isSuggesting && !this.excerpt.own.settled && !Object.keys(this.codes).length && !Object.keys(this.links).length;
  }

  /** What is shown for a code or finding: the coder's answer, else what Enter accepts; undefined where neither says anything. */
  value(kind, id) {
    const [own, suggested] = kind === "code" ? [this.codes, this.suggestedCodes] : [this.links, this.suggestedLinks];
    return own[id] ?? (this.isSuggesting ? suggested.get(id) : undefined);
  }

  isOwn(kind, id) {
    return (kind === "code" ? this.codes : this.links)[id] !== undefined;
  }

  isDoubtful(code) {
    return this.isSuggesting && this.codes[code] === undefined && this.excerpt.suggestion.doubtful.includes(code);
  }

  /** Whether a code below this one is given: the excerpt carries this one too, though nothing is said of it. */
  isCarriedBySubCode(code) {
    const isBelow = (id) => { for (let each = this.study.codesById.get(id); each; each = this.study.codesById.get(each.parent)) if (each.parent === code) return true; return false; };
    return this.codes[code] === undefined && [...this.suggestedCodes.keys(), ...Object.keys(this.codes)].some((id) => isBelow(id) && ![undefined, "no"].includes(this.value("code", id)));
  }

  /** Whether the coder has said "no" to a code by leaving it blank. */
  isImpliedNo(code) {
    const { own } = this.excerpt;
    return own.settled && this.codes[code] === undefined && !own.undecided.includes(code) && !this.isCarriedBySubCode(code);
  }

  /** The coder has decided that the excerpt has no code and speaks to no finding. */
  get carriesNothing() {
    const { own } = this.excerpt;
    return own.settled && !own.undecided.length && !yesIn(own.codes).length && !yesIn(own.links).length;
  }

  /** Whether "shown" says no to all codes that are not shown. */
  get isRestNo() {
    const { own } = this.excerpt;
    return own.settled ? !own.undecided.length : !this.isSuggesting;
  }

  /** What Enter leaves undecided: how many codes in doubt, and the findings whose direction is open. */
  get undecided() {
    const { own, suggestion } = this.excerpt;
    const open = this.isSuggesting ? suggestion.doubtful : own.undecided;
    const codes = this.isRestNo ? [] : open.filter((code) => this.codes[code] === undefined && !this.isCarriedBySubCode(code));
    const shown = this.isSuggesting ? [...this.suggestedLinks.keys()] : [];
    return { codes: codes.length, findings: shown.filter((id) => this.value("link", id) === "not_told") };
  }

  /** The rows of the form in order, the first nine with a digit, findings after them with Shift and a digit: criteria, further codes (of many those that are answered or suggested), findings. */
  rows(study) {
    const codes = new Set([...(this.isSuggesting ? this.suggestedCodes.keys() : []), ...Object.keys(this.codes)]);
    const families = Object.keys(study.families);
    const familyAt = (id) => families.indexOf(study.codesById.get(id).family);
    const offered = study.codes.length <= FEW ? study.codes.map(({ id }) => id) : [...codes].filter((id) => study.codesById.has(id));
    const further = offered.filter((id) => !study.codesById.get(id).is_criterion).sort((a, b) => familyAt(a) - familyAt(b));
    const findings = [...new Set([...(this.isSuggesting ? this.suggestedLinks.keys() : []), ...Object.keys(this.links)])];
    const rows = [
      ...study.codes.filter((code) => code.is_criterion).map(({ id }) => ({ kind: "code", id, part: "criteria" })),
      ...further.map((id) => ({ kind: "code", id, part: "further" })),
      ...findings.map((id) => ({ kind: "link", id, part: "findings" })),
    ];
    const shifted = rows.slice(9).filter(({ kind }) => kind === "link").slice(0, 6); // with 7 some keyboards type "/"
    const keyOf = (row, index) => (index < 9 ? String(index + 1) : shifted.includes(row) ? `⇧${shifted.indexOf(row) + 1}` : "");
    return rows.map((row, index) => ({ ...row, key: keyOf(row, index) }));
  }

  /** Choose the next row (1) or the one before (-1), and leave its value as it is. */
  step(by, study) {
    const rows = this.rows(study);
    const at = rows.findIndex(({ kind, id }) => this.last?.kind === kind && this.last?.id === id);
    const { kind, id } = rows[at < 0 ? (by > 0 ? 0 : rows.length - 1) : (at + by + rows.length) % rows.length];
    this.last = { kind, id };
  }

  /** Yes with the likelier stance, then no, then as it was. */
  toggle(kind, id) {
    const values = kind === "code" ? this.codes : this.links;
    const value = this.value(kind, id);
    const suggested = this.suggestedCodes.get(id) ?? "no";
    const yes = kind === "link" ? direction(this.suggestedLinks.get(id)) : suggested === "no" ? "yes" : suggested;
    if (value === undefined || value === "not_told") values[id] = yes;
    else if (value !== "no") values[id] = "no";
    else if (values[id] === undefined) values[id] = yes; // a "no" that waits to be confirmed
    else if (this.isSuggesting || !this.excerpt.own.settled) delete values[id];
    else values[id] = yes;
    this.touch(kind, id);
  }

  /** Yes where nothing is answered; a row with an answer is only chosen. */
  pick(kind, id) {
    if (this.value(kind, id) === undefined) this.toggle(kind, id);
    else this.last = { kind, id };
  }

  add(kind, id) {
    const value = this.value(kind, id);
    if (value === undefined || value === "no" || value === "not_told") this.toggle(kind, id);
    if (this.value(kind, id) === undefined) this.toggle(kind, id);
    this.touch(kind, id);
  }

  /** Give what was touched last a stance or direction; else the only code that is shown. Whether there was one. */
  sign(key, study) {
    const shown = this.rows(study).filter(({ kind, id }) => ![undefined, "no"].includes(this.value(kind, id)));
    const target = this.last ?? (shown.length === 1 ? shown[0] : null);
    if (!target) return false;
    this.set(target.kind, target.id, (target.kind === "code" ? STANCES : DIRECTIONS)[key]);
    return true;
  }

  set(kind, id, value) {
    (kind === "code" ? this.codes : this.links)[id] = value;
    this.touch(kind, id);
  }

  touch(kind, id) {
    this.last = { kind, id };
    this.save();
  }

  save() {
    const all = drafts();
    if (this.isUntouched) delete all[this.excerpt.id];
    else all[this.excerpt.id] = this.draft;
    sessionStorage.setItem(DRAFTS, JSON.stringify(all));
  }

  get draft() {
    return { sha: this.excerpt.sha, codes: this.codes, links: this.links, memo: this.memo, spans: this.spans };
  }

  forget() {
    forgetDraft(this.excerpt.id);
  }

  /** What is sent. `how`: "shown" (what is shown holds), "rest" (and all other codes are no), "nothing". */
  body(how) {
    const { id, sha, base, why, alike, own, suggestion } = this.excerpt;
    const isNothing = how === "nothing";
    const links = isNothing ? negated([...this.suggestedLinks.keys(), ...yesIn(own.links), ...yesIn(this.links)]) : this.links;
    return {
      excerpt_id: id, text_sha256: sha, base, lane: why ?? "", memo: this.memo,
      codes: isNothing ? negated(yesIn(own.codes)) : this.codes,
      links,
      accepted: this.isSuggesting && !isNothing ? suggestion.cell : "",
      is_rest_no: how !== "shown" || this.isRestNo,
      also: this.together ? alike : [], tab: tab(),
      spans: isNothing ? [] : this.marked,
    };
  }
}

/** Make a draft the one of its excerpt: what comes back is as it was before it was saved. */
export function keepDraft(id, draft) {
  sessionStorage.setItem(DRAFTS, JSON.stringify({ ...drafts(), [id]: draft }));
}

export function forgetDraft(id) {
  const all = drafts();
  delete all[id];
  sessionStorage.setItem(DRAFTS, JSON.stringify(all));
}

/** Whether something was chosen on an excerpt in this tab and not saved. */
export const hasDraft = (id) => id in drafts();

/** A draft without the codes that are gone; they are in it again where they come back. */
function withoutGone(draft, { codesById }) {
  const codes = Object.entries(draft.codes).filter(([id]) => codesById.has(id));
  return { ...draft, codes: Object.fromEntries(codes), spans: (draft.spans ?? []).filter(({ code }) => codesById.has(code)) };
}

const isSame = (a, b) => a.code === b.code && a.start === b.start && a.end === b.end;
const sameSpans = (a, b) => a.length === b.length && a.every((each) => b.some((other) => isSame(each, other)));
const direction = (suggested) => (TELLING.includes(suggested) ? suggested : "supports");
const yesIn = (values) => Object.keys(values).filter((id) => values[id] !== "no");
const negated = (ids) => Object.fromEntries(ids.map((id) => [id, "no"]));

/** A name for this tab that outlives a reload: two tabs of one coder can decide differently. */
export function tab() {
  let name = sessionStorage.getItem(TAB);
  if (!name) {
    name = crypto.randomUUID().slice(0, 8);
    sessionStorage.setItem(TAB, name);
  }
  return name;
}

const drafts = () => JSON.parse(sessionStorage.getItem(DRAFTS) ?? "{}");
const same = (a, b) => {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
};
