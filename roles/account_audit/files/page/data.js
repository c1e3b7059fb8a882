"use strict";
// What the page shows, and which of it. No DOM in this file.
//
// The data has every region once (regions), every set of regions once (sets: places in regions) and everything that is
// said of a result once (details). A result is [default, state, set of regions, detail]; its default is a place in
// defaults, or a name that the audit has no column for. module_utils/audit_page.py writes it.

const STATES = {
  unknown: { symbol: "?", title: "Unknown", words: "could not be read" },
  drifted: { symbol: "≠", title: "Drifted", words: "drifted" },
  foreign: { symbol: "◆", title: "Foreign", words: "foreign" },
  skipped: { symbol: "–", title: "Skipped", words: "skipped" },
  compliant: { symbol: "✓", title: "Compliant", words: "compliant" },
};
const ORDER = Object.keys(STATES); // the worst first
const ACCOUNT_ORDER = ["unknown", "drifted", "foreign", "compliant"];
const WRONG = ["unknown", "drifted", "foreign"];

// What targets can be filtered by: the states, and what is beside them.
const KINDS = {
  ...Object.fromEntries(ORDER.map((state) => [state, STATES[state].title])),
  finding: "Findings",
  new: "New",
  open: "Still open",
  fixed: "Fixed",
};

function decode(raw) {
  const sets = raw.sets.map((set) => set.map((place) => raw.regions[place]));
  const texts = raw.details.map(textOf);
  const result = ([name, state, set, detail]) => ({
    name: typeof name === "number" ? raw.defaults[name].name : name,
    column: typeof name === "number" ? name : -1,
    state,
    regions: sets[set],
    ...(detail === undefined ? {} : raw.details[detail]),
  });
  const accounts = raw.accounts.map((found) => {
    const account = { id: "", ddi: "", service_level: "", message: "", access_role: "", ...found };
    account.regions = sets[found.regions];
    for (const key of ["results", "fixed", "unread"]) account[key] = (found[key] || []).map(result);
    for (const entry of account.results) entry.troubles = troublesOf(entry);
    account.cells = cellsOf(account, "", raw.defaults.length);
    account.wrong = account.cells.reduce((sum, cell) => sum + (cell ? wrongIn(cell) : 0), 0);
    const said = (found.results || []).map((entry) => (entry[3] === undefined ? "" : texts[entry[3]]));
    const about = ["name", "id", "host", "ddi", "service_level", "message", "access_role"].map((key) => account[key]);
    account.text = [...about, ...new Set(said)].join("\n").toLowerCase();
    return account;
  });
  return { ...raw, accounts, columns: bySection(raw.defaults), lacking: new Set(accounts.flatMap(lackingIn)) };
}

// The columns that were not looked at in an account that could be read: a limited audit leaves some out.
function lackingIn(account) {
  return unreadable(account) ? [] : account.cells.flatMap((cell, column) => (cell && cell.total ? [] : [column]));
}

// The columns, those of a section side by side; onboarding's order has them apart.
function bySection(defaults) {
  const sections = [...new Set(defaults.map(({ section }) => section))];
  const place = (column) => sections.indexOf(defaults[column].section);
  return defaults.map((_, column) => column).sort((a, b) => place(a) - place(b));
}

function textOf(detail) {
  const error = detail.error || {};
  const places = (detail.differences || []).map((difference) => difference.path);
  const parts = [detail.reason, error.operation, error.code, error.message, error.fix, ...(detail.findings || []), ...places];
  return parts.filter(Boolean).join("\n").toLowerCase();
}

// What is wrong with a result, each with its own since and trend: its state, and every finding (text) beside it.
function troublesOf({ state, since, trend, findings = [], finding_times: times = [] }) {
  const beside = findings.map((text, place) => {
    const [ownSince, ownTrend] = times[place] || [since, trend];
    return { text, since: ownSince, trend: ownTrend };
  });
  return WRONG.includes(state) ? [{ text: "", since, trend }, ...beside] : beside;
}

// What an account has in each column: counts by kind, and the worst state; null where nothing was looked at.
function cellsOf(account, region, columns) {
  const cells = new Array(columns).fill(null);
  const add = (entry, kinds) => {
    const regions = region ? entry.regions.filter((name) => name === region) : entry.regions;
    if (entry.column < 0 || !regions.length) return;
    const cell = (cells[entry.column] ||= { state: "", total: 0 });
    for (const kind of kinds) if (kind) cell[kind] = (cell[kind] || 0) + regions.length;
  };
  for (const entry of account.results) {
    const trends = new Set(entry.troubles.map(({ trend }) => trend));
    add(entry, ["total", entry.state, ...trends, entry.findings && "finding"]);
  }
  for (const entry of account.fixed) add(entry, ["fixed"]);
  for (const cell of cells) if (cell) cell.state = ORDER.find((state) => cell[state]) || "";
  return cells;
}

const wrongIn = (cell) => WRONG.reduce((sum, state) => sum + (cell[state] || 0), 0);
const unreadable = (account) => account.results.length === 0;

const NO_FILTER = { text: "", ddi: "", level: "", kinds: [], column: "", region: "", sort: "worst" };

// The filter and what is open, as they stand in the address.
function fromHash(hash) {
  const given = new URLSearchParams(hash.replace(/^#/, ""));
  const filter = { ...NO_FILTER };
  for (const key of ["text", "ddi", "level", "column", "region"]) filter[key] = given.get(key) || "";
  filter.kinds = (given.get("show") || "").split(",").filter((kind) => Object.hasOwn(KINDS, kind));
  filter.sort = ["name", "ddi"].includes(given.get("sort")) ? given.get("sort") : "worst";
  return { filter, account: given.get("account"), at: given.get("at") || "" };
}

function toHash(filter, account, at) {
  const told = { ...filter, show: filter.kinds.join(","), kinds: "", sort: filter.sort === "worst" ? "" : filter.sort };
  const pairs = Object.entries({ ...told, account: account || "", at: (account && at) || "" });
  return "#" + new URLSearchParams(pairs.filter(([, value]) => value)).toString();
}

// What the filter leaves: the columns, the accounts in their order with their cells, and how many targets match.
function select(audit, filter, cells) {
  const cellsIn = (account) => (filter.region ? cells(account, filter.region) : account.cells);
  const columns = audit.columns
    .filter((column) => !filter.column || audit.defaults[column].name === filter.column)
    .filter((column) => !filter.region || audit.accounts.some((account) => cellsIn(account)[column]));
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  const matches = (cell) => filter.kinds.some((kind) => cell[kind]);
  const left = new Set();
  let targets = 0;
  for (const account of audit.accounts) {
    if (filter.ddi && account.ddi !== filter.ddi) continue;
    if (filter.level && account.service_level !== filter.level) continue;
    if (!words.every((word) => account.text.includes(word))) continue;
    if (unreadable(account)) {
      // nothing is known of any of its targets, whichever are asked for
      if (!filter.kinds.length || filter.kinds.includes("unknown")) left.add(account);
      continue;
    }
    const found = columns.map((column) => cellsIn(account)[column]).filter(Boolean);
    const matching = filter.kinds.length ? found.filter(matches) : found;
    if (!matching.length) continue;
    left.add(account);
    const kinds = filter.kinds.length ? filter.kinds : ["total"];
    for (const cell of matching) targets += kinds.reduce((sum, kind) => sum + (cell[kind] || 0), 0);
  }
  return { columns, left, targets, cellsIn };
}

function sorted(accounts, by) {
  const text = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
  const worst = (a, b) =>
    unreadable(b) - unreadable(a) ||
    ACCOUNT_ORDER.indexOf(a.state) - ACCOUNT_ORDER.indexOf(b.state) ||
    b.wrong - a.wrong;
  const orders = { worst, name: () => 0, ddi: (a, b) => text(a.ddi, b.ddi) || worst(a, b) };
  return [...accounts].sort((a, b) => orders[by](a, b) || text(a.name, b.name));
}

// How many accounts and targets of a selection are of each kind.
function countsOf({ columns, left, cellsIn }, region) {
  const kinds = Object.keys(KINDS);
  const counts = Object.fromEntries(kinds.map((kind) => [kind, { accounts: 0, targets: 0 }]));
  for (const account of left) {
    if (unreadable(account)) counts.unknown.accounts += 1;
    const all = cellsIn(account);
    const found = columns.map((column) => all[column]).filter(Boolean);
    for (const kind of kinds) {
      let targets = 0;
      for (const cell of found) targets += cell[kind] || 0;
      if (kind === "finding" && targets) targets = findingsOf(account, columns, region);
      counts[kind].targets += targets;
      counts[kind].accounts += targets > 0;
    }
  }
  return counts;
}

// The same words in several regions of an account are one finding.
function findingsOf(account, columns, region) {
  const shown = ({ column, regions }) => columns.includes(column) && (!region || regions.includes(region));
  const found = account.results.filter((entry) => entry.findings && shown(entry));
  return new Set(found.flatMap((entry) => entry.findings)).size;
}

const written = new Intl.NumberFormat("en").format;
const many = (number, one, more) => `${written(number)} ${number === 1 ? one : more || one + "s"}`;

// A cell in words.
function inWords(audit, column, cell, region) {
  const { name, regional } = audit.defaults[column];
  if (!cell || !cell.total) return `${name}: not looked at` + (cell && cell.fixed ? ", fixed" : "");
  const number = cell[cell.state];
  const where = region ? ` in ${region}` : regional ? ` in ${number} of ${many(cell.total, "region")}` : "";
  const more = [
    cell.finding && `${many(cell.finding, "finding")} beside it`,
    cell.new && `${cell.new} new`,
    cell.open && `${cell.open} still open`,
    cell.fixed && `${cell.fixed} fixed`,
  ];
  return [`${name}: ${STATES[cell.state].words}${where}`, ...more.filter(Boolean)].join(", ");
}

// What an earlier audit saw wrong and this one did not read.
const unreadIn = (account) => account.unread.reduce((sum, entry) => sum + entry.regions.length, 0);
const notRead = (number) => `${many(number, "known trouble")} ${number === 1 ? "was" : "were"} not read this time`;

const time = (stamp) => `${stamp.slice(0, 16).replace("T", " ")} UTC`;
const days = (from, to) => Math.round((Date.parse(to) - Date.parse(from)) / 86400000);
