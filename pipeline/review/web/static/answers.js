// What a coder has decided on the excerpt in front of them, before it is sent.

const STANCES = { "+": "positive", "-": "negative", "=": "mixed", 0: "yes" };
const DIRECTIONS = { "+": "supports", "-": "contradicts", "=": "qualifies", 0: "no" };
const DRAFTS = "hallazgo-drafts";
const TAB = "hallazgo-tab";


export class Answers {
  constructor(excerpt) {
    this.excerpt = excerpt;
    const draft = drafts()[excerpt.id];
    const own = draft?.sha === excerpt.sha ? draft : excerpt.own;
    this.codes = { ...own.codes };
    this.links = { ...own.links };
    this.memo = own.memo ?? "";
    this.last = null; // {kind: "code" | "link", id}: what + - = 0 are about
    this.together = false;
  }

  get isUntouched() {
    const { own } = this.excerpt;
    return same(this.codes, own.codes) && same(this.links, own.links) && this.memo === (own.memo ?? "");
  }

  likelierStance(code) {
    const coding = this.excerpt.suggestion?.codes.find((each) => each.code === code);
    return coding?.stance || "yes";
  }

  /** Undecided, then yes with the likelier stance, then no, then undecided again. */
  toggleCode(code) {
    const value = this.codes[code];
    if (value === undefined) this.codes[code] = this.likelierStance(code);
    else if (value === "no") delete this.codes[code];
    else this.codes[code] = "no";
    this.touch("code", code);
  }

  addCode(code) {
    if (this.codes[code] === undefined || this.codes[code] === "no") this.codes[code] = this.likelierStance(code);
    this.touch("code", code);
  }

  addLink(finding) {
    const suggested = this.excerpt.suggestion?.links.find((each) => each.finding === finding)?.direction;
    this.links[finding] = ["supports", "contradicts", "qualifies"].includes(suggested) ? suggested : "supports";
    this.touch("link", finding);
  }

  sign(key) {
    if (!this.last) return;
    if (this.last.kind === "code") this.codes[this.last.id] = STANCES[key];
    else this.links[this.last.id] = DIRECTIONS[key];
    this.save();
  }

  set(kind, id, value) {
    const values = kind === "code" ? this.codes : this.links;
    if (value === "") delete values[id];
    else values[id] = value;
    this.touch(kind, id);
  }

  touch(kind, id) {
    this.last = { kind, id };
    this.save();
  }

  /** The machine's suggestion whole: what it is sure of. */
  accept() {
    for (const { code, stance, doubtful } of this.excerpt.suggestion?.codes ?? []) if (!doubtful) this.codes[code] ??= stance || "yes";
    for (const { finding, direction } of this.excerpt.suggestion?.links ?? []) if (direction !== "not_told") this.links[finding] ??= direction;
  }

  clear() {
    this.codes = {};
    this.links = {};
  }

  save() {
    const all = drafts();
    if (this.isUntouched) delete all[this.excerpt.id];
    else all[this.excerpt.id] = { sha: this.excerpt.sha, codes: this.codes, links: this.links, memo: this.memo };
    sessionStorage.setItem(DRAFTS, JSON.stringify(all));
  }

  forget() {
    const all = drafts();
    delete all[this.excerpt.id];
    sessionStorage.setItem(DRAFTS, JSON.stringify(all));
  }

  body() {
    const { id, sha, base, why, alike } = this.excerpt;
    return {
      excerpt_id: id, text_sha256: sha, base, lane: why, codes: this.codes, links: this.links, memo: this.memo,
      also: this.together ? alike : [], tab: tab(),
    };
  }
}

/** A name for this tab that outlives a reload: two tabs of one coder can decide differently. */
function tab() {
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
