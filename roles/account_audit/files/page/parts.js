// Small parts that the fleet's page and an account's page share.

const { html, render, Component, useState, useEffect, useLayoutEffect, useMemo, useRef, useCallback } = htmPreact;

// What a program or a person chose is isolated, so that it cannot turn around the words beside it.
const Name = ({ children }) => html`<bdi>${children}</bdi>`;

const State = ({ of }) =>
  html`<span class=${`badge ${of}`}><span aria-hidden="true">${STATES[of].symbol}</span> ${STATES[of].title}</span>`;

const Since = ({ entry, audit }) => {
  if (!entry.since) return null;
  const age = days(entry.since, audit.audited_at);
  const when = html`<time datetime=${entry.since}>${time(entry.since)}</time>`;
  if (entry.trend === "new") return html`<span class="since"><b class="mark-new">New</b> since the previous audit</span>`;
  const open = entry.trend === "open" ? "Open since" : "Seen since";
  return html`<span class="since">${open} ${when}${age > 0 ? ` (${many(age, "day")})` : ""}</span>`;
};

const Regions = ({ of, all }) => {
  if (of.length === 1 && of[0] === "global") return html`<span class="regions">global</span>`;
  const every = all.length > 1 && all.every((region) => of.includes(region));
  return html`<span class="regions">${every ? `all ${all.length} regions: ` : ""}${of.join(", ")}</span>`;
};

// Two texts with what differs between them marked: what they begin and end with alike is not.
function Changed({ from, to, side }) {
  const own = side === "before" ? from : to;
  const other = side === "before" ? to : from;
  if (typeof own !== "string" || typeof other !== "string" || !own || !other) return html`<${Value} of=${own} />`;
  let head = 0;
  let tail = 0;
  const shortest = Math.min(own.length, other.length);
  while (head < shortest && own[head] === other[head]) head += 1;
  while (tail < shortest - head && own[own.length - 1 - tail] === other[other.length - 1 - tail]) tail += 1;
  if (head + tail < 4) return html`<${Value} of=${own} />`;
  const middle = own.slice(head, own.length - tail);
  return html`<code>${own.slice(0, head)}${middle && html`<mark>${middle}</mark>`}${own.slice(own.length - tail)}</code>`;
}

function Value({ of }) {
  if (of === "") return html`<code class="none">""</code>`;
  if (typeof of === "string") return html`<code>${of}</code>`;
  if (of === null || typeof of !== "object") return html`<code class="literal">${JSON.stringify(of)}</code>`;
  const flat = JSON.stringify(of);
  if (flat.length <= 48) return html`<code>${flat}</code>`;
  return html`<pre><code>${JSON.stringify(of, null, 2)}</code></pre>`;
}

// Before and after, place by place.
const Differences = ({ entry }) => {
  const { differences, same, absent } = entry;
  const [now, then] = entry.state === "foreign" ? ["There is", "Ours would be"] : ["Is now", "Onboarding makes it"];
  const unchanged = Object.entries(same || {});
  if (!differences) return null;
  return html`<table class="differences">
      <caption class="hidden-words">${entry.name}: what differs</caption>
      <thead>
        <tr><th scope="col">Setting</th><th scope="col">${now}</th><th scope="col">${then}</th></tr>
      </thead>
      <tbody>
        ${differences.flatMap((difference) => (absent ? whole(difference) : [difference])).map(
          (difference) => html`<tr>
            <th scope="row"><code>${difference.path || "everything"}</code></th>
            <td class="before">
              ${"before" in difference
                ? html`<${Changed} from=${difference.before} to=${difference.after} side="before" />`
                : html`<span class="none">not there</span>`}
            </td>
            <td class="after">
              ${"after" in difference
                ? html`<${Changed} from=${difference.before} to=${difference.after} side="after" />`
                : html`<span class="none">taken away</span>`}
            </td>
          </tr>`,
        )}
      </tbody>
    </table>
    ${unchanged.length > 0 &&
    html`<details class="same">
      <summary>${many(unchanged.length, "setting")} as ${unchanged.length === 1 ? "it" : "they"} should be</summary>
      <dl>${unchanged.map(([key, value]) => html`<div><dt><code>${key}</code></dt><dd><${Value} of=${value} /></dd></div>`)}</dl>
    </details>`}`;
};

// A state that is not there at all is told setting by setting.
function whole({ after }) {
  if (after === null || typeof after !== "object" || Array.isArray(after)) return [{ path: "", after }];
  return Object.entries(after).map(([path, value]) => ({ path, after: value }));
}

const Why = ({ entry }) => {
  const { reason, error } = entry;
  if (!reason && !error) return null;
  const told = error && [error.operation, error.code].filter(Boolean).join(" ");
  return html`${reason && html`<p class="reason">${reason}</p>`}
    ${error &&
    html`<p class="error">${told && html`<code>${told}</code> `}${error.message}</p>
      ${error.fix && html`<p class="fix"><b>What to do:</b> ${error.fix}</p>`}`}`;
};

// Light, dark, or what the system says. Kept where the browser keeps anything for a file.
function Theme() {
  const themes = ["auto", "light", "dark"];
  const [theme, setTheme] = useState(() => {
    try {
      return themes.includes(localStorage.getItem("audit-theme")) ? localStorage.getItem("audit-theme") : "auto";
    } catch {
      return "auto";
    }
  });
  useLayoutEffect(() => {
    document.documentElement.dataset.theme = theme;
    try {
      localStorage.setItem("audit-theme", theme);
    } catch {
      // it holds until the page is left
    }
  }, [theme]);
  return html`<div class="theme">
    <label for="theme">Theme</label>
    <select id="theme" value=${theme} onChange=${(event) => setTheme(event.target.value)}>
      ${themes.map((name) => html`<option value=${name}>${name}</option>`)}
    </select>
  </div>`;
}
