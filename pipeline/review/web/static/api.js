// Calls to the program. A decision stays in the outbox of this tab until the program says that it is on disk.

import { currentLanguage, say } from "./dom.js";

const secret = document.querySelector("meta[name=secret]").content;
const OUTBOX = "hallazgo-outbox";
const RETRY = 1500; // milliseconds until a program that does not answer is asked again

export class Refusal extends Error {
  constructor(status, body) {
    super(body?.kind ? say(`refusal.${body.kind}`, body.values) : body?.texts?.[currentLanguage()] ?? body?.error ?? String(status));
    this.status = status;
    this.body = body ?? {};
  }
}

async function call(path, options = {}) {
  const answer = await fetch(path, { ...options, headers: { "X-Hallazgo": secret, ...options.headers }, cache: "no-store" });
  const body = await answer.json().catch(() => null);
  if (!answer.ok) throw new Refusal(answer.status, body);
  return body;
}

export const get = (path, values = {}) => {
  const query = new URLSearchParams(Object.entries(values).filter(([, value]) => value !== undefined && value !== ""));
  return call(query.size ? `${path}?${query}` : path);
};

export const post = (path, body) =>
  call(path, { method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json" } });

/** Decisions on their way to the ledger, in order; kept over a reload and over a program that is down. */
export class Outbox {
  constructor({ onChange, onSaved, onRefused }) {
    this.onChange = onChange;
    this.onSaved = onSaved;
    this.onRefused = onRefused;
    this.waiting = JSON.parse(sessionStorage.getItem(OUTBOX) ?? "[]");
    this.state = "idle"; // idle, sending, offline, locked out
    this.send();
  }

  get length() {
    return this.waiting.length;
  }

  put(entry) {
    this.waiting.push(entry);
    this.keep();
    this.send();
  }

  keep() {
    sessionStorage.setItem(OUTBOX, JSON.stringify(this.waiting));
    this.onChange();
  }

  /** What this tab last decided on an excerpt and did not see saved. */
  pending(excerptId) {
    return this.waiting.findLast((entry) => entry.body.excerpt_id === excerptId)?.body;
  }

  async send() {
    if (this.state === "sending" || this.state === "locked out") return;
    this.state = "sending";
    while (this.waiting.length) {
      const entry = this.waiting[0];
      try {
        const answer = await post(entry.path, entry.body);
        this.waiting.shift();
        this.onSaved(entry, answer);
      } catch (error) {
        if (!(error instanceof Refusal) || error.status >= 500) {
          this.state = "offline";
          this.keep();
          setTimeout(() => { this.state = "idle"; this.send(); }, RETRY);
          return;
        }
        if (error.status === 401) {
          this.state = "locked out";
          this.keep();
          return;
        }
        this.waiting.shift();
        this.onRefused(entry, error);
      }
      this.keep();
    }
    this.state = "idle";
    this.onChange();
  }
}
