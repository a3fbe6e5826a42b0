// The report as a page that answers: one page at a time, a source open at a place, a person across the study, search.
// Every word of the study enters the page as text (textContent), never as markup.
"use strict";
(() => {
const root = document.documentElement;
root.classList.add("js");
const LIMIT = 200; // results of a search that are shown
const ROLES = ["interviewer", "respondent", "other"];
let data, pages, places, shown = "", opener = null, clicked = false;
const scrolls = new Map();

// ---- making elements
const make = (tag, attributes = {}, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== undefined && value !== "") element.setAttribute(name, value);
  element.append(...children.flat(Infinity).filter((child) => child !== "" && child !== null && child !== undefined));
  return element;
};
const own = (text) => make("bdi", {}, text);
const both = (texts) => texts.en === texts.es ? [texts.en] : ["en", "es"].map((lang) => make("span", {class: "say", lang}, texts[lang]));
const grouped = (n, lang) => lang === "en" || n > 9999 ? n.toString().replace(/\B(?=(\d{3})+$)/g, lang === "en" ? "," : "\u202f") : String(n);
const filled = (text, values, lang) => {
  const form = text.includes("|") ? text.split("|")[values.n === 1 ? 0 : 1] : text;
  return form.replace(/\{(\w+)\}/g, (_, name) => typeof values[name] === "number" ? grouped(values[name], lang) : values[name]);
};
const texts = (key, values = {}) => Object.fromEntries(["en", "es"].map((lang) => [lang, filled(data.words[key][lang], values, lang)]));
const t = (key, values) => both(texts(key, values));
const closed = (section, word) => data.words[`${section}.${word}`] ? t(`${section}.${word}`) : [own(word)];
const where = (place) => { // a place in a file, its words in both languages
  const known = Object.keys(data.words).filter((key) => key.startsWith("place.")).map((key) => key.slice(6)).sort((a, b) => b.length - a.length);
  const parts = new RegExp(`(^|, |\\()(${known.join("|")})\\b|and (\\d+) more$`, "g");
  return both(Object.fromEntries(["en", "es"].map((lang) => [lang, place.replace(parts, (_, before, word, n) =>
    word ? before + data.words[`place.${word}`][lang] : filled(data.words["place.more"][lang], {n}, lang))])));
};
const name = (path) => encodeURIComponent(path).replace(/%3A/gi, ":");
const hueOf = (code) => data.hues.get(code) ?? -1;

// ---- what the data says
const prepare = () => {
  data.hues = new Map(data.codes.map((code) => [code.id, code.hue]));
  data.names = new Map(data.codes.map((code) => [code.id, code.name]));
  data.byFinding = new Map(data.findings.map((finding) => [finding.id, finding]));
  data.byName = new Map(data.sources.map((source, i) => [source.id, i]));
  places = new Map();
  for (const source of data.sources) for (const [i, turn] of source.turns.entries()) for (const mark of turn.marks)
    places.set(`${source.id}:${mark[0]}-${mark[1]}`, {source, turn, mark, i, id: `${source.id}:${mark[0]}-${mark[1]}`});
};
const words = (place) => place.turn.text.slice(place.mark[2], place.mark[3]);
const linksOf = (id) => (data.links[id] || []).filter((link) => link[2] !== "rejected");
const hueOfPlace = (place) => {
  const found = linksOf(place.id);
  const link = found.find(([finding]) => shown === `finding-${finding}`) || found[0];
  const code = link && data.byFinding.has(link[0]) ? data.byFinding.get(link[0]).code : (place.mark[4].find((c) => hueOf(c[0]) >= 0) || place.mark[4][0] || [""])[0];
  return hueOf(code);
};
const chip = (id, direction, status) => {
  const finding = data.byFinding.get(id);
  return make("a", {class: `chip hue-${finding ? hueOf(finding.code) : -1} ${status || ""}`, href: `#finding-${name(id)}`, title: finding ? finding.says : ""},
    id, direction ? make("span", {class: "unseen"}, " ", closed("direction", direction)) : "", status ? make("span", {class: "unseen"}, " ", closed("status", status)) : "");
};
const codeTag = ([code, stance, by]) => make("span", {class: `code ${by} hue-${hueOf(code)}`}, by ? make("span", {class: "unseen"}, closed("coding", by), ": ") : "", both(data.names.get(code) || {en: code, es: code}),
  stance ? [" ", make("span", {}, "(", closed("stance", stance), ")")] : "");
const speaker = (source, turn) => {
  if (turn.who) return [make("a", {class: "person", href: `#person-${name(turn.who)}`}, turn.who), ...(data.people[turn.who] || []).filter(Boolean).map(own)];
  if (source.kind === "document") return [];
  const numbered = turn.role === 1 && source.turns.some((other) => other.n > 1);
  return [make("b", {}, closed("role", ROLES[turn.role]), numbered ? ` ${turn.n}` : "")];
};

// ---- the reader
const tags = (place) => {
  const here = (link) => (shown === `finding-${link[0]}` ? 0 : 1);
  const found = linksOf(place.id).sort((a, b) => here(a) - here(b));
  return [
    place.turn.asked ? make("p", {class: "asked"}, make("b", {}, t(place.source.kind === "survey" ? "interface.survey_question" : "interface.asked")), " ", own(place.turn.asked)) : "",
    make("div", {class: "tags"}, place.mark[4].length ? place.mark[4].map(codeTag) : make("span", {}, t("interface.no_code"))),
    found.length ? make("div", {class: "tags"}, make("span", {}, t("interface.bears_on")), ["supports", "contradicts", "qualifies", "not_told"].map((direction) => {
      const these = found.filter((link) => link[1] === direction);
      return these.length ? make("span", {class: "links"}, closed("direction", direction), these.map(([finding,, status]) => chip(finding, "", status))) : "";
    })) : "",
  ];
};
const bit = (source, turn, mark, here) => {
  const id = `${source.id}:${mark[0]}-${mark[1]}`;
  const place = places.get(id);
  const kind = `bit hue-${hueOfPlace(place)}${mark[4].length ? " coded" : ""}${id === here ? " here" : ""}`;
  const element = make(id === here ? "mark" : "span", {class: kind, "data-excerpt": id, ...(id === here ? {tabindex: "-1"} : {})}, words(place));
  const found = linksOf(id);
  return found.length ? [element, make("span", {class: "links"}, found.map(([finding, direction, status]) => chip(finding, direction, status)))] : [element];
};
const turnWords = (source, turn, here) => {
  const out = [];
  let at = 0;
  for (const mark of turn.marks) {
    out.push(turn.text.slice(at, mark[2]), ...bit(source, turn, mark, here));
    at = mark[3];
  }
  return [...out, turn.text.slice(at)];
};
const turnBlock = (source, turn, previous, here) => {
  const head = turn.head && turn.head !== (previous || {}).head ? make("h3", {}, turn.head) : "";
  const prompt = turn.asked && (source.kind === "survey" || !source.whole) ? make("p", {class: "prompt"}, turn.asked) : "";
  const who = make("p", {class: "who"}, speaker(source, turn), make("span", {}, make("bdi", {}, where(turn.at))));
  return [head, make("div", {class: `turn ${ROLES[turn.role]}`}, who, prompt, make("p", {class: "words", lang: turn.lang, dir: "auto"}, turnWords(source, turn, here)))];
};
const neighbour = (source, step) => {
  const other = data.sources[data.byName.get(source.id) + step];
  return other && other.path === source.path ? make("a", {href: `#source-${name(other.id)}`}, step < 0 ? "← " : "", t(step < 0 ? "interface.previous_source" : "interface.next_source"), step > 0 ? " →" : "") : "";
};
const openReader = (source, place) => {
  const reader = document.getElementById("reader");
  const close = make("button", {type: "button", class: "closer"}, t("interface.close"));
  close.addEventListener("click", closeReader);
  const head = make("div", {class: "reader-head"},
    make("div", {class: "bar"}, make("h2", {id: "reader-title", tabindex: "-1"}, closed("kind", source.kind), " ", own(source.id)), close),
    make("p", {}, own(source.path), source.date ? `, ${source.date}` : "", " ", neighbour(source, -1), " ", neighbour(source, 1)),
    source.whole ? "" : make("p", {}, t("interface.not_whole")), place ? tags(place) : "");
  const body = make("div", {class: "reader-body", tabindex: "0", role: "region", "aria-labelledby": "reader-title"},
    source.turns.map((turn, i) => turnBlock(source, turn, source.turns[i - 1], place ? place.id : "")).flat());
  reader.replaceChildren(head, body);
  reader.hidden = false;
  root.classList.add("reading");
  markOpen(place ? place.id : "");
  const here = body.querySelector(".here");
  if (here) {
    body.scrollTop += here.getBoundingClientRect().top - body.getBoundingClientRect().top - body.clientHeight * 0.3;
    here.focus({preventScroll: true});
  } else reader.querySelector("h2").focus({preventScroll: true});
};
const markOpen = (id) => {
  let first = null;
  for (const voice of document.querySelectorAll(".voice")) {
    const same = id !== "" && voice.dataset.excerpt === id;
    voice.classList.toggle("open", same);
    if (same && !first && voice.offsetParent) first = voice;
  }
  if (first) keepInSight(first);
};
const keepInSight = (element) => { // the columns have changed their width under the reader's eyes
  const box = element.getBoundingClientRect();
  if (box.top < 120 || box.bottom > innerHeight) element.scrollIntoView({block: "center"});
};
const hideReader = () => {
  const reader = document.getElementById("reader");
  if (reader.hidden) return;
  const read = [...document.querySelectorAll(".voice.open")].find((voice) => voice.offsetParent);
  reader.hidden = true;
  reader.replaceChildren();
  root.classList.remove("reading");
  markOpen("");
  if (read) keepInSight(read);
};
const closeReader = () => {
  const back = opener;
  location.hash = shown === "overview" ? "#overview" : `#${shownHash}`;
  hideReader();
  if (back && back.isConnected) back.focus();
};

// ---- a person, a search
const withMarked = (text, stretches) => {
  if (!stretches) return [text];
  const out = [];
  let at = 0;
  for (const [from, to] of stretches) {
    out.push(make("span", {class: "around"}, text.slice(at, from)), make("b", {class: "marked"}, text.slice(from, to)));
    at = to;
  }
  return [...out, make("span", {class: "around"}, text.slice(at))];
};
const quote = (place, {needles = [], named = true} = {}) => make("li", {class: `voice hue-${hueOfPlace(place)}`, "data-excerpt": place.id},
  make("blockquote", {lang: place.turn.lang, dir: "auto"}, needles.length ? highlighted(words(place), needles) : withMarked(words(place), data.marked[place.id])),
  make("p", {class: "by"}, named ? speaker(place.source, place.turn) : "",
    make("a", {class: "place", href: `#excerpt-${name(place.id)}`}, closed("kind", place.source.kind), " ", own(place.source.id), place.turn.at ? [", ", make("bdi", {}, where(place.turn.at))] : ""),
    place.mark[4].map(codeTag), linksOf(place.id).map(([finding, direction, status]) => make("span", {}, chip(finding, "", status), " ", closed("direction", direction)))));
const showPerson = (who) => {
  const page = pageNamed("person");
  const said = [...places.values()].filter((place) => place.turn.who === who);
  const bySource = new Map();
  for (const place of said) bySource.set(place.source, [...(bySource.get(place.source) || []), place]);
  page.replaceChildren(
    make("p", {class: "eyebrow"}, (data.people[who] || []).filter(Boolean).map((each, i) => [i ? ", " : "", own(each)])),
    make("h1", {tabindex: "-1"}, t("interface.person", {who})),
    make("p", {class: "note"}, t("interface.person_counts", {n: said.length})),
    ...[...bySource].map(([source, list]) => make("section", {},
      make("h2", {class: "source-title"}, make("a", {href: `#source-${name(source.id)}`}, closed("kind", source.kind), " ", own(source.id))),
      source.whole ? "" : make("p", {class: "note"}, t("interface.not_whole")),
      make("ol", {class: "voices"}, list.map((place) => quote(place, {named: false}))))));
  page.hidden = false;
};
const folded = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
const highlighted = (text, needles) => {
  if (!needles.length) return [text];
  let plain = "";
  const origin = [];
  for (let i = 0; i < text.length; i += 1) { // a folded copy whose every unit knows where it came from
    const piece = folded(text[i]);
    for (let k = 0; k < piece.length; k += 1) origin.push(i);
    plain += piece;
  }
  origin.push(text.length);
  const hits = needles.flatMap((needle) => {
    const found = [];
    for (let at = plain.indexOf(needle); at >= 0; at = plain.indexOf(needle, at + needle.length)) found.push([origin[at], origin[at + needle.length]]);
    return found;
  }).sort((a, b) => a[0] - b[0]);
  const out = [];
  let done = 0;
  for (const [from, to] of hits) if (from >= done && to > from) {
    out.push(text.slice(done, from), make("mark", {class: "hit"}, text.slice(from, to)));
    done = to;
  }
  return [...out, text.slice(done)];
};
const searchIndex = () => data.index ||= [...places.values()].map((place) => [place, folded(words(place))]);
const showSearch = (query) => {
  const page = pageNamed("search");
  const needles = folded(query).split(/\s+/).filter(Boolean);
  const holds = (text) => needles.length > 0 && needles.every((needle) => text.includes(needle));
  const findings = data.findings.filter((finding) => holds(folded(`${finding.id} ${finding.says}`)));
  const found = searchIndex().filter(([, text]) => holds(text)).map(([place]) => place);
  const n = findings.length + found.length;
  page.replaceChildren(
    make("h1", {tabindex: "-1"}, t("interface.results", {n}), " ", make("q", {}, own(query))),
    make("p", {class: "note", role: "status"}, n === 0 ? t("interface.no_results") : found.length > LIMIT ? t("interface.first_results", {shown: LIMIT}) : ""),
    findings.length ? make("section", {}, make("h2", {}, t("page.findings")), make("ul", {class: "index"}, findings.map((finding) => make("li", {}, chip(finding.id), " ",
      make("a", {class: "plain", href: `#finding-${name(finding.id)}`}, highlighted(finding.says, needles)))))) : "",
    found.length ? make("section", {}, make("h2", {}, t("interface.quotes"), " ", make("span", {class: "count"}, String(found.length))),
      make("ol", {class: "voices"}, found.slice(0, LIMIT).map((place) => quote(place, {needles})))) : "");
  page.hidden = false;
};
const showCell = (hash) => {
  const [, code, kind, group] = hash.match(/^cell-(.*?)\/(interview|survey|document)\/(.*)$/s) || [];
  const found = [...places.values()].filter((place) => place.source.kind === kind && place.mark[4].some((each) => each[0] === code)
    && (kind === "document" || (data.people[place.turn.who] || [""])[0] === group));
  pageNamed("search").replaceChildren(
    make("p", {class: `eyebrow hue-${hueOf(code)}`}, both(data.names.get(code) || {en: "", es: ""})),
    make("h1", {tabindex: "-1"}, kind ? t(`kinds.${kind}`) : "", group ? [": ", own(group)] : kind && kind !== "document" ? [": ", t("matrix.no_group")] : ""),
    make("p", {class: "note"}, t("interface.person_counts", {n: found.length}), data.sources.every((source) => source.whole) ? "" : [" ", t("interface.not_whole")]),
    make("ol", {class: "voices"}, found.slice(0, LIMIT).map((place) => quote(place))));
  pageNamed("search").hidden = false;
};

// ---- which page is shown
let shownHash = "overview";
const show = (page, hash, {keep = false, focus = true} = {}) => {
  const again = page === shown && hash === shownHash;
  if (shown) scrolls.set(shownHash, scrollY);
  shown = page;
  shownHash = hash;
  for (const each of pages) each.classList.toggle("shown", each.dataset.page === page);
  for (const link of document.querySelectorAll("[data-to]")) {
    const current = link.dataset.to === page || (link.dataset.to === "findings" && page.startsWith("finding-"));
    if (current) link.setAttribute("aria-current", link.closest(".pages") && link.dataset.to !== page ? "true" : "page");
    else link.removeAttribute("aria-current");
  }
  const link = document.querySelector("nav.findings [aria-current]");
  if (link) link.scrollIntoView({block: "nearest"});
  if (again || keep) return;
  scrollTo(0, clicked ? 0 : scrolls.get(hash) || 0);
  const heading = document.querySelector(".page.shown h1");
  if (focus && clicked && heading) heading.focus({preventScroll: true});
};
const firstPage = (place) => {
  const link = place && linksOf(place.id)[0];
  return link ? `finding-${link[0]}` : "overview";
};
const pageNamed = (id) => [...pages].find((page) => page.dataset.page === id);
const heard = () => {
  const raw = location.hash.slice(1);
  try { return decodeURIComponent(raw); } catch { return raw; }
};
const openSource = (hash) => {
  const place = hash.startsWith("excerpt-") ? places.get(hash.slice(8)) : null;
  const index = data.byName.get(hash.slice(7));
  const source = place ? place.source : hash.startsWith("source-") && index !== undefined ? data.sources[index] : null;
  if (!source) return false;
  const start = firstPage(place);
  if (!shown) show(pageNamed(start) ? start : "overview", start, {focus: false});
  openReader(source, place);
  return true;
};
const openElement = (hash) => {
  const element = document.getElementById(hash);
  const page = element && element.closest("[data-page]");
  if (!page) return false;
  show(page.dataset.page, hash, {keep: true});
  for (const called of document.querySelectorAll(".called")) called.classList.remove("called");
  element.classList.add("called");
  element.scrollIntoView({block: "center"});
  element.focus({preventScroll: true});
  return true;
};
const route = () => {
  const hash = heard() || "overview";
  if (hash === "main") return;
  if (openSource(hash)) return void (clicked = false);
  hideReader();
  if (hash.startsWith("person-")) { showPerson(hash.slice(7)); show("person", hash); }
  else if (hash.startsWith("cell-")) { showCell(hash); show("search", hash); }
  else if (hash.startsWith("search-")) { const query = hash.slice(7); showSearch(query); document.getElementById("search-box").value = query; show("search", hash, {focus: document.activeElement.id !== "search-box"}); }
  else if (pageNamed(hash)) show(hash, hash);
  else if (!openElement(hash)) show("overview", "overview");
  const title = document.querySelector(".page.shown h1");
  document.title = title && shown !== "overview" ? `${shown.startsWith("finding-") ? `${shown.slice(8)}: ` : ""}${title.innerText}` : data.title;
  clicked = false;
};

// ---- what people do
const speak = (language) => {
  root.lang = language;
  for (const button of document.querySelectorAll("[data-language]")) button.setAttribute("aria-pressed", String(button.dataset.language === language));
  for (const element of document.querySelectorAll("[data-say]")) element.setAttribute(element.dataset.say, element.dataset[language]);
};
const onClick = (event) => {
  const link = event.target.closest("a[href^='#']");
  if (link) { clicked = true; if (link.getAttribute("href").startsWith("#excerpt-")) opener = link; return; }
  const words = event.target.closest(".voice blockquote, .bit:not(.here)");
  if (!words || String(getSelection())) return;
  const id = words.closest("[data-excerpt]").dataset.excerpt;
  if (words.tagName === "BLOCKQUOTE") opener = words.parentElement.querySelector(".place");
  clicked = true;
  location.hash = `#excerpt-${name(id)}`;
};
const onSearch = () => {
  const query = document.getElementById("search-box").value.trim();
  if (!query) return;
  const hash = `#search-${encodeURIComponent(query)}`;
  if (shownHash.startsWith("search-")) { history.replaceState(null, "", hash); route(); } else location.hash = hash;
};
const start = () => {
  data = JSON.parse(document.getElementById("data").textContent);
  data.title = document.title;
  prepare();
  pages = document.querySelectorAll("[data-page]");
  for (const page of pages) page.removeAttribute("id"); // the script, not the browser, goes to a page
  history.scrollRestoration = "manual";
  speak(root.lang);
  document.addEventListener("click", onClick);
  document.addEventListener("keydown", (event) => { if (event.key === "Escape" && root.classList.contains("reading")) closeReader(); });
  for (const button of document.querySelectorAll("[data-language]")) button.addEventListener("click", () => speak(button.dataset.language));
  let pause;
  document.getElementById("search-box").addEventListener("input", () => { clearTimeout(pause); pause = setTimeout(onSearch, 200); });
  document.getElementById("search-form").addEventListener("submit", (event) => { event.preventDefault(); onSearch(); });
  document.getElementById("print-all").addEventListener("click", () => print());
  addEventListener("beforeprint", () => { for (const each of document.querySelectorAll("details:not(.why)")) { each.dataset.was = each.open ? "1" : ""; each.open = true; } });
  addEventListener("afterprint", () => { for (const each of document.querySelectorAll("details[data-was]")) each.open = each.dataset.was === "1"; });
  addEventListener("hashchange", route);
  route();
};
document.addEventListener("DOMContentLoaded", start);
})();
