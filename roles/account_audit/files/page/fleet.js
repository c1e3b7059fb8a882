// All accounts: counts, filters, what changed, and the matrix of accounts by defaults.

function Fleet({ audit, filter, change, address, open, cells, selection, hidden, reveal }) {
  const { columns, left, targets, cellsIn } = selection;
  // what there is to choose from: what the other filters leave
  const choice = useMemo(() => select(audit, { ...filter, kinds: [] }, cells), [audit, filter, cells]);
  const counts = useMemo(() => countsOf(choice, filter.region), [choice, filter.region]);
  const accounts = useMemo(() => sorted(audit.accounts, filter.sort), [audit, filter.sort]);
  const wrong = audit.accounts.filter((account) => account.state !== "compliant").length;
  const lacking = audit.lacking.size;
  const kinds = filter.kinds.map((kind) => KINDS[kind].toLowerCase()).join(" or ");
  return html`<main class="fleet" hidden=${hidden}>
    <header class="top">
      <div>
        <h1>${heading(audit, wrong)}</h1>
        <p class="lead">
          Audited <time datetime=${audit.audited_at}>${time(audit.audited_at)}</time>${audit.previous_at
            ? html`, compared with <time datetime=${audit.previous_at}>${time(audit.previous_at)}</time>`
            : ", with nothing to compare with"}${audit.totals.unreadable ? `. ${many(audit.totals.unreadable, "account")} could not be read` : ""}${audit.absent ? `. ${many(audit.absent, "account")} with troubles before ${audit.absent === 1 ? "was" : "were"} not looked at` : ""}${lacking ? `. ${lacking} of ${many(audit.columns.length, "default")} ${lacking === 1 ? "was" : "were"} not looked at everywhere` : ""}.
        </p>
      </div>
      <${Theme} />
    </header>
    <${Filters} audit=${audit} filter=${filter} change=${change} counts=${counts} />
    <div class="line">
    <p class="shown" role="status">
      <b>${written(left.size)}</b> of ${many(audit.accounts.length, "account")} shown${filter.kinds.length ? `, with ${many(targets, "target")} ${kinds}` : `, ${many(targets, "target")}`}
    </p>
    ${audit.previous_at && html`<${Changes} audit=${audit} left=${choice.left} columns=${columns} region=${filter.region} address=${address} />`}
    </div>
    <${Matrix} ...${{ audit, accounts, columns, left, cellsIn, filter, open, change, reveal }} />
    ${left.size === 0 && html`<p class="empty">No account matches. <button type="button" onClick=${() => change(NO_FILTER)}>Clear the filters</button></p>`}
    <footer class="legend">
      <ul aria-label="What the symbols mean">
        ${ORDER.map((state) => html`<li><span class=${`sample ${state}`} aria-hidden="true">${STATES[state].symbol}</span> ${STATES[state].title.toLowerCase()}</li>`)}
        <li><span class="sample compliant k-finding" aria-hidden="true">✓</span> with a finding</li>
        ${audit.previous_at && html`<li><span class="sample drifted k-new" aria-hidden="true">≠</span> new</li><li><span class="sample compliant k-fixed" aria-hidden="true">✓</span> fixed</li>`}
        <li>a number: in how many regions</li>
      </ul>
      <p class="keys">Arrow keys move in the table, Enter opens, Escape closes, / searches.</p>
    </footer>
  </main>`;
}

function Filters({ audit, filter, change, counts }) {
  const distinct = (key) => [...new Set(audit.accounts.map((account) => account[key]).filter(Boolean))].sort();
  const ddis = useMemo(() => distinct("ddi"), [audit]);
  const levels = useMemo(() => distinct("service_level"), [audit]);
  const set = (key) => (event) => change({ ...filter, [key]: event.target.value });
  const select = (key, label, all, values) => html`<div class="field">
    <label for=${`by-${key}`}>${label}</label>
    <select id=${`by-${key}`} value=${filter[key]} onChange=${set(key)}>
      ${all && html`<option value="">${all}</option>`}
      ${values.map(([value, text]) => html`<option value=${value}>${text}</option>`)}
    </select>
  </div>`;
  const pairs = (values) => values.map((value) => [value, value]);
  const toggle = (kind) => {
    const kinds = filter.kinds.includes(kind) ? filter.kinds.filter((other) => other !== kind) : [...filter.kinds, kind];
    change({ ...filter, kinds });
  };
  const chips = (kinds, label) => html`<div class="chips" role="group" aria-label=${label}>
    ${kinds.map(
      (kind) => html`<button type="button" class=${`chip ${kind}`} aria-pressed=${String(filter.kinds.includes(kind))} onClick=${() => toggle(kind)}>
        ${kind in STATES && html`<span class=${`sample ${kind}`} aria-hidden="true">${STATES[kind].symbol}</span>`}
        ${kind === "finding" && html`<span class="sample finding" aria-hidden="true">!</span>`}
        <span>${KINDS[kind]}</span> <b>${written(counts[kind].targets)}</b>
        <small>${counts[kind].accounts ? `in ${many(counts[kind].accounts, "account")}` : ""}</small>
      </button>`,
    )}
  </div>`;
  const filtered = toHash(filter) !== toHash({ ...NO_FILTER, sort: filter.sort });
  return html`<form class="filters" role="search" aria-label="Filter" onSubmit=${(event) => event.preventDefault()}>
    <div class="kinds">
      ${chips(["unknown", "drifted", "foreign", "finding", "skipped", "compliant"], "State")}
      ${audit.previous_at && chips(["new", "open", "fixed"], "Since the previous audit")}
    </div>
    <div class="fields">
      <div class="field text">
        <label for="by-text">Search</label>
        <input id="by-text" type="search" value=${filter.text} placeholder="name, id, reason, error …" autocomplete="off" spellcheck=${false} onInput=${set("text")} />
      </div>
      ${select("ddi", "Customer account", "all", pairs(ddis))} ${select("level", "Service level", "all", pairs(levels))}
      ${select("column", "Default", "all", pairs(audit.columns.map((column) => audit.defaults[column].name)))}
      ${select("region", "Region", "all", pairs([...audit.regions].sort()))}
      ${select("sort", "Sort", "", [["worst", "worst first"], ["name", "name"], ["ddi", "customer account"]])}
      <button type="button" class="clear" disabled=${!filtered} onClick=${() => change({ ...NO_FILTER, sort: filter.sort })}>Clear</button>
    </div>
  </form>`;
}

// New and fixed, folded over accounts.
function Changes({ audit, left, columns, region, address }) {
  const lines = useMemo(() => {
    const groups = new Map();
    const note = (word, entry, account, state = entry.state) => {
      if (!columns.includes(entry.column) || (region && !entry.regions.includes(region))) return;
      const what = WRONG.includes(state) ? STATES[state].words : "finding";
      const key = `${word} ${entry.name} ${what}`;
      const group = groups.get(key) || { word, name: entry.name, what, accounts: new Set(), targets: 0 };
      group.accounts.add(account);
      group.targets += region ? 1 : entry.regions.length;
      groups.set(key, group);
    };
    for (const account of left) {
      for (const entry of account.results) {
        for (const { text, trend } of entry.troubles) if (trend === "new") note("New", entry, account, text ? "finding" : entry.state);
      }
      for (const entry of account.fixed) note("Fixed", entry, account);
    }
    const order = ["New", "Fixed"];
    return [...groups.values()].sort((a, b) => order.indexOf(a.word) - order.indexOf(b.word) || b.targets - a.targets);
  }, [audit, left, columns, region]);
  const total = (word) => lines.filter((line) => line.word === word).reduce((sum, line) => sum + line.targets, 0);
  const shown = 6;
  return html`<details class="changes">
    <summary>Since ${time(audit.previous_at)}: <b class="mark-new">${written(total("New"))} new</b>, <b class="mark-fixed">${written(total("Fixed"))} fixed</b></summary>
    <ul class="history">
      ${lines.map(
        ({ word, name, what, accounts, targets }) => html`<li>
          <b class=${`mark-${word.toLowerCase()}`}>${word}</b> <code>${name}</code> ${what} · ${many(targets, "target")} in${" "}
          ${[...accounts].slice(0, shown).map((account, number) => html`${number ? ", " : ""}<a href=${address(account.host, name)}><${Name}>${account.name}<//></a>`)}
          ${accounts.size > shown ? ` and ${many(accounts.size - shown, "more account")}` : ""}
        </li>`,
      )}
      ${lines.length === 0 && html`<li>Nothing changed.</li>`}
    </ul>
  </details>`;
}

const AT_ONCE = 60; // rows; the next ones come when the end of them is near
const paper = { all: false }; // paper has all of them

// A grid with one tab stop, as WAI-ARIA's pattern has it.
function Matrix({ audit, accounts, columns, left, cellsIn, filter, open, change, reveal }) {
  const table = useRef();
  const end = useRef();
  const loaded = useRef({});
  const [, again] = useState(0);
  const shown = useMemo(() => accounts.filter((account) => left.has(account)), [accounts, left]);
  if (loaded.current.shown !== shown) loaded.current = { shown, number: AT_ONCE };
  const place = reveal === null ? -1 : shown.findIndex(({ host }) => host === reveal);
  const number = paper.all ? shown.length : Math.max(loaded.current.number, place + AT_ONCE / 2);
  const more = useCallback(() => {
    loaded.current.number = number + AT_ONCE;
    again((times) => times + 1);
  }, [number]);
  useEffect(() => {
    table.current.parentElement.scrollTop = 0;
  }, [shown]);
  useEffect(() => {
    if (!end.current) return undefined;
    const near = ([entry]) => entry.isIntersecting && more();
    const observer = new IntersectionObserver(near, { root: table.current.parentElement, rootMargin: "800px" });
    observer.observe(end.current);
    return () => observer.disconnect();
  });
  const sections = useMemo(() => {
    const groups = [];
    for (const column of columns) {
      const section = audit.defaults[column].section;
      const last = groups[groups.length - 1];
      if (last && last.section === section) last.span += 1;
      else groups.push({ section, span: 1, first: column });
    }
    return groups;
  }, [audit, columns]);
  const firsts = useMemo(() => new Set(sections.map(({ first }) => first)), [sections]);
  const longest = Math.max(...audit.defaults.map(({ name }) => name.length));
  const troubled = useMemo(() => {
    const trouble = (account, column) => cellsIn(account)[column] && wrongIn(cellsIn(account)[column]);
    return columns.map((column) => shown.filter((account) => trouble(account, column)).length);
  }, [columns, shown, cellsIn]);
  useLayoutEffect(() => {
    // something that is shown can be reached by the Tab key
    const current = table.current.querySelector('[data-cell][tabindex="0"]');
    if (!current) makeCurrent(table.current, table.current.querySelector("tbody [data-cell]"));
  });
  const onKeyDown = (event) => move(table.current, event);
  const onClick = (event) => {
    const cell = event.target.closest("td[data-cell], a[data-cell]");
    if (!cell || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open(cell.closest("tr").dataset.host, cell.dataset.name);
  };
  const onEnter = (event) => {
    const cell = event.target.closest("td[data-cell]");
    if (cell && !cell.title) cell.title = cell.getAttribute("aria-label");
  };
  return html`<div class="matrix" data-kinds=${filter.kinds.join(" ")}>
    <table
      role="grid"
      aria-label="Accounts by defaults"
      aria-rowcount=${shown.length + 2}
      ref=${table}
      style=${{ "--columns": columns.length, "--longest": longest }}
      onKeyDown=${onKeyDown}
      onFocusIn=${(event) => makeCurrent(table.current, event.target.closest("[data-cell]"))}
      onClick=${onClick}
      onMouseOver=${onEnter}
    >
      <thead role="rowgroup">
        <tr role="row" class="sections">
          <th role="columnheader" scope="col" class="corner"><span class="hidden-words">Account</span></th>
          ${sections.map(({ section, span }) => html`<th role="columnheader" scope="colgroup" colspan=${span} title=${section} style=${{ "--span": span }}>${section}</th>`)}
        </tr>
        <tr role="row" class="defaults">
          <th role="columnheader" scope="col" class="corner">Account</th>
          ${columns.map((column, number) => {
            const { name, title, requirement } = audit.defaults[column];
            const chosen = filter.column === name;
            return html`<th role="columnheader" scope="col" class=${firsts.has(column) ? "first" : ""}>
              <button
                type="button"
                data-cell
                tabindex="-1"
                aria-pressed=${String(chosen)}
                title=${`${title} (${requirement || "no requirement"})`}
                onClick=${() => change({ ...filter, column: chosen ? "" : name })}
              >
                <span class="name">${name}</span>
                <span class="number">${troubled[number] || ""}<span class="hidden-words">${troubled[number] ? ` ${troubled[number] === 1 ? "account" : "accounts"} not as it should be` : audit.lacking.has(column) ? " nothing wrong in what was looked at" : " nothing wrong"}</span></span>
              </button>
            </th>`;
          })}
        </tr>
      </thead>
      <tbody role="rowgroup">
        ${shown.slice(0, number).map((account, at) => html`<${Row} key=${account.host} ...${{ audit, account, columns, firsts, region: filter.region, cells: cellsIn, number: at + 3 }} />`)}
      </tbody>
    </table>
    ${shown.length > number && html`<p class="more" ref=${end}><button type="button" onClick=${more}>Show more</button> ${many(shown.length - number, "more account")}</p>`}
  </div>`;
}

// One that shows the same as before is left as it is.
class Row extends Component {
  shouldComponentUpdate(next) {
    return drawing(next) !== drawing(this.props);
  }

  render({ audit, account, columns, firsts, region, cells, number }) {
    return html`<tr role="row" aria-rowindex=${number} class=${`state-${account.state}`} data-host=${account.host}>
      ${headOf(account)} ${cellsOfRow({ audit, account, columns, firsts, region, cells })}
    </tr>`;
  }
}

const drawing = ({ columns, region, number }) => `${columns.join()} ${region} ${number}`;

// Nothing is called well that was not looked at.
function heading(audit, wrong) {
  const accounts = many(audit.accounts.length, "account");
  if (wrong) return html`<b>${wrong}</b> of ${accounts} ${wrong === 1 ? "needs" : "need"} a look`;
  if (audit.unread) return `Nothing wrong in what was looked at; ${notRead(audit.unread)}`;
  return audit.lacking.size ? "Nothing wrong in what was looked at" : `All ${accounts} as they should be`;
}

function headOf(account) {
  const left = unreadIn(account);
  const words = account.state !== "compliant" ? STATES[account.state].words : left || lackingIn(account).length ? "nothing wrong in what was looked at" : "as it should be";
  return html`<th role="rowheader" scope="row">
    <a data-cell tabindex="-1" href=${toHash(NO_FILTER, account.host)} aria-label=${[account.name, words, ...(left ? [notRead(left)] : []), account.id].join(", ")}>
      <span class="state" aria-hidden="true">${STATES[account.state].symbol}</span>
      <span class="name"><bdi>${account.name}</bdi></span><span class="id">${account.id}</span>${left > 0 && html`<span class="not-read" title=${notRead(left)}>${written(left)} not read</span>`}
    </a>
  </th>`;
}

function cellsOfRow({ audit, account, columns, firsts, region, cells }) {
  if (unreadable(account)) {
    const label = `could not be read: ${account.message}`;
    return html`<td role="gridcell" class="unread unknown k-unknown" colspan=${columns.length} data-cell tabindex="-1" aria-label=${label}><span>${STATES.unknown.symbol}</span> ${account.message}</td>`;
  }
  const found = cells(account);
  return columns.map((column) => cellOf(audit, column, found[column], region, firsts.has(column)));
}

const KIND_CLASSES = Object.keys(KINDS).map((kind) => [kind, `k-${kind}`]);

function cellOf(audit, column, cell, region, first) {
  const { name, regional } = audit.defaults[column];
  const kind = cell && cell.total ? cell.state : "nothing";
  const kinds = cell ? KIND_CLASSES.filter(([each]) => cell[each]).map(([, name]) => name) : [];
  const number = cell && WRONG.includes(kind) && regional && !region ? cell[kind] : "";
  return html`<td
    role="gridcell"
    class=${[kind, ...kinds, first ? "first" : ""].join(" ")}
    data-cell
    data-name=${name}
    tabindex="-1"
    aria-label=${inWords(audit, column, cell, region)}
  >${kind in STATES ? STATES[kind].symbol : ""}${number}</td>`;
}

function makeCurrent(table, cell) {
  if (!cell) return;
  for (const other of table.querySelectorAll('[data-cell][tabindex="0"]')) if (other !== cell) other.tabIndex = -1;
  cell.tabIndex = 0;
}

function move(table, event) {
  const cell = event.target.closest("[data-cell]");
  if (!cell || event.altKey || event.metaKey) return;
  const rows = [...table.querySelectorAll("tr.defaults, tbody tr")];
  const cellsOfRow = (row) => {
    const found = [...row.querySelectorAll("[data-cell]")];
    return row.classList.contains("defaults") ? [null, ...found] : found;
  };
  const row = rows.indexOf(cell.closest("tr"));
  const column = cellsOfRow(rows[row]).indexOf(cell);
  const last = cellsOfRow(rows[row]).length - 1;
  const goal = {
    ArrowUp: [row - 1, column],
    ArrowDown: [row + 1, column],
    ArrowLeft: [row, column - 1],
    ArrowRight: [row, column + 1],
    PageUp: [Math.max(row - 15, 1), column],
    PageDown: [Math.min(row + 15, rows.length - 1), column],
    Home: [event.ctrlKey ? 1 : row, 0],
    End: [event.ctrlKey ? rows.length - 1 : row, last],
  }[event.key];
  if (goal) {
    const there = rows[goal[0]] && cellsOfRow(rows[goal[0]]);
    const next = there && goal[1] >= 0 && there[Math.min(goal[1], there.length - 1)];
    event.preventDefault();
    if (next) next.focus();
  } else if ((event.key === "Enter" || event.key === " ") && cell.tagName === "TD") {
    event.preventDefault();
    cell.click();
  }
}
