// One account: what is wrong with the differences, what was found beside it, what changed, what is skipped and why.

function Account({ audit, account, at, back, address, neighbours }) {
  const heading = useRef();
  useEffect(() => {
    const place = at && document.getElementById(`default-${at}`);
    (place || heading.current).focus({ preventScroll: true });
    if (place) place.scrollIntoView({ block: "start" });
    else window.scrollTo(0, 0);
  }, [account, at]);
  const wrong = byDefault(account.results.filter((entry) => WRONG.includes(entry.state)));
  const findings = byFinding(account.results);
  const skipped = account.results.filter((entry) => entry.state === "skipped");
  const [before, after] = neighbours;
  return html`<main class="account">
    <nav aria-label="Accounts">
      <a class="back" href=${address("")} onClick=${back}><span aria-hidden="true">←</span> All accounts <kbd>Esc</kbd></a>
      ${before && html`<a href=${address(before.host)}>Previous: <${Name}>${before.name}<//></a>`}
      ${after && html`<a href=${address(after.host)}>Next: <${Name}>${after.name}<//></a>`}
    </nav>
    <header>
      <h1 ref=${heading} tabindex="-1"><${Name}>${account.name}<//> <${State} of=${account.state} />${unreadIn(account) > 0 && html` <span class="not-read">${notRead(unreadIn(account))}</span>`}</h1>
      <dl class="about">
        <${Fact} name="Account id" value=${account.id} code />
        <${Fact} name="Inventory host" value=${account.host} />
        <${Fact} name="Customer account" value=${account.ddi} code />
        <${Fact} name="Service level" value=${account.service_level} />
        <${Fact} name="Access role" value=${account.access_role} code />
        <${Fact} name="Regions" value=${account.regions.length || ""} />
        <${Fact} name="API calls" value=${account.api_calls} />
      </dl>
      ${account.message && html`<p class="message"><b>${unreadable(account) ? "Nothing could be read: " : ""}</b>${account.message}</p>`}
    </header>
    ${wrong.length > 0 &&
    html`<section aria-labelledby="wrong">
      <h2 id="wrong">Not as it should be</h2>
      ${wrong.map(([name, entries]) => html`<${Default} audit=${audit} account=${account} name=${name} entries=${entries} />`)}
    </section>`}
    ${findings.length > 0 &&
    html`<section aria-labelledby="findings">
      <h2 id="findings">Findings</h2>
      <p class="lead">What an engineer should know and onboarding does not change.</p>
      <ul class="findings">
        ${findings.map(
          ({ text, names, regions, since }) => html`<li>
            <b><${Name}>${text}<//></b>
            <div class="where">${names.join(", ")} · <${Regions} of=${regions} all=${account.regions} /> ${since && html`· <${Since} entry=${since} audit=${audit} />`}</div>
          </li>`,
        )}
      </ul>
    </section>`}
    <${History} audit=${audit} account=${account} />
    ${!wrong.length && !unreadable(account) && html`<p class="well"><span aria-hidden="true">✓</span> Everything that was looked at is as it should be${skipped.length ? ", or is skipped for a reason" : ""}.</p>`}
    ${skipped.length > 0 && html`<${Skipped} account=${account} entries=${skipped} />`}
    ${!unreadable(account) && html`<${ByRegion} audit=${audit} account=${account} />`}
  </main>`;
}

const Fact = ({ name, value, code }) =>
  value === "" || value === undefined
    ? null
    : html`<div><dt>${name}</dt><dd>${code ? html`<code>${value}</code>` : html`<${Name}>${value}<//>`}</dd></div>`;

function byDefault(entries) {
  const groups = new Map();
  for (const entry of entries) groups.set(entry.name, [...(groups.get(entry.name) || []), entry]);
  const worst = ([, found]) => Math.min(...found.map((entry) => ORDER.indexOf(entry.state)));
  return [...groups].sort((a, b) => worst(a) - worst(b));
}

function byFinding(results) {
  const found = new Map();
  for (const entry of results) {
    for (const trouble of entry.troubles) {
      const { text } = trouble;
      if (!text) continue;
      const told = found.get(text) || { text, names: [], regions: [], since: null };
      if (!told.names.includes(entry.name)) told.names.push(entry.name);
      for (const region of entry.regions) if (!told.regions.includes(region)) told.regions.push(region);
      if (!told.since || trouble.since < told.since.since) told.since = trouble;
      found.set(text, told);
    }
  }
  return [...found.values()];
}

const Default = ({ audit, account, name, entries }) => {
  const { title, requirement, section } = audit.defaults[entries[0].column] || {};
  return html`<article id=${`default-${name}`} tabindex="-1" aria-label=${name}>
    <h3><code>${name}</code> <span class="title">${[title, section && `section ${section}`, requirement].filter(Boolean).join(" · ")}</span></h3>
    ${entries.map(
      (entry) => html`<div class=${`result ${entry.state}`}>
        <p class="where"><${State} of=${entry.state} /> <${Regions} of=${entry.regions} all=${account.regions} /> <${Since} entry=${entry} audit=${audit} /></p>
        ${entry.absent && html`<p class="reason">It is not there.</p>`}
        <${Why} entry=${entry} />
        <${Differences} entry=${entry} />
      </div>`,
    )}
  </article>`;
};

const History = ({ audit, account }) => {
  if (!audit.previous_at) return null;
  const fresh = account.results.flatMap((entry) =>
    entry.troubles
      .filter(({ trend }) => trend === "new")
      .map(({ text }) => ({ ...entry, ...(text ? { state: "finding", findings: [text] } : { findings: undefined }) })),
  );
  const { fixed, unread } = account;
  const line = (entry, word) => html`<li>
    <b class=${`mark-${word.toLowerCase()}`}>${word}</b> <code>${entry.name}</code>${" "}
    ${entry.state in STATES && WRONG.includes(entry.state) ? STATES[entry.state].words : "finding"} · <${Regions} of=${entry.regions} all=${account.regions} />
    ${word === "New" ? "" : html` · since <time datetime=${entry.since}>${time(entry.since)}</time>`}
    ${entry.findings && !WRONG.includes(entry.state) && html`<div class="where"><${Name}>${entry.findings.join("; ")}<//></div>`}
  </li>`;
  return html`<section aria-labelledby="history">
    <h2 id="history">Since the previous audit</h2>
    <p class="lead">Compared with <time datetime=${audit.previous_at}>${time(audit.previous_at)}</time>.</p>
    ${fresh.length + fixed.length + unread.length === 0 && html`<p>Nothing changed.</p>`}
    <ul class="history">
      ${fresh.map((entry) => line(entry, "New"))} ${fixed.map((entry) => line(entry, "Fixed"))}
      ${unread.map((entry) => line(entry, "Unread"))}
    </ul>
    ${unread.length > 0 && html`<p class="lead">Unread: wrong when it was last read, and not read this time.</p>`}
  </section>`;
};

function Skipped({ account, entries }) {
  const reasons = new Map();
  for (const entry of entries) {
    const reason = entry.reason || "no reason is told";
    reasons.set(reason, [...(reasons.get(reason) || []), entry]);
  }
  return html`<section aria-labelledby="skipped">
    <h2 id="skipped">Skipped</h2>
    <p class="lead">Left as it is for a reason, which is not an error.</p>
    <table class="list">
      <thead><tr><th scope="col">By whom, or why</th><th scope="col">Default</th><th scope="col">Where</th></tr></thead>
      <tbody>
        ${[...reasons].flatMap(([reason, found]) =>
          found.map(
            (entry, number) => html`<tr>
              ${number === 0 && html`<th scope="rowgroup" rowspan=${found.length}><${Name}>${reason}<//></th>`}
              <td><code>${entry.name}</code></td>
              <td><${Regions} of=${entry.regions} all=${account.regions} /></td>
            </tr>`,
          ),
        )}
      </tbody>
    </table>
  </section>`;
}

function ByRegion({ audit, account }) {
  const order = (entry) => audit.columns.indexOf(entry.column);
  const names = [...new Set([...account.results].sort((a, b) => order(a) - order(b)).map((entry) => entry.name))];
  const regions = [...new Set(["global", ...account.regions, ...account.results.flatMap((entry) => entry.regions)])];
  const used = regions.filter((region) => account.results.some((entry) => entry.regions.includes(region)));
  const places = new Map();
  for (const entry of account.results) for (const region of entry.regions) places.set(`${entry.name} ${region}`, entry);
  return html`<section aria-labelledby="by-region">
    <h2 id="by-region">Region by region</h2>
    <div class="scroll" tabindex="0" role="group" aria-labelledby="by-region">
      <table class="by-region">
        <thead>
          <tr>
            <th scope="col">Default</th>
            ${used.map((region) => html`<th scope="col" class="upright"><span>${region}</span></th>`)}
          </tr>
        </thead>
        <tbody>
          ${names.map(
            (name) => html`<tr>
              <th scope="row"><code>${name}</code></th>
              ${used.map((region) => {
                const entry = places.get(`${name} ${region}`);
                if (!entry) return html`<td></td>`;
                const { symbol, words } = STATES[entry.state];
                return html`<td class=${entry.state} title=${`${name}, ${region}: ${words}`}>
                  <span aria-hidden="true">${symbol}</span><span class="hidden-words">${words}${entry.findings ? ", with a finding" : ""}</span>
                  ${entry.findings && html`<i class="finding" aria-hidden="true"></i>`}
                </td>`;
              })}
            </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </section>`;
}
