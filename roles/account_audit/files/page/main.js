// The page: the filter and the open account live in the address, so that a view can be sent to somebody.

const AUDIT = decode(JSON.parse(document.getElementById("audit").textContent));

function Page() {
  const [place, setPlace] = useState(() => fromHash(location.hash));
  const { filter } = place;
  const account = AUDIT.accounts.find(({ host }) => host === place.account);
  const last = useRef(null);
  const shownBefore = useRef(null); // the account that was open: its row is there when one comes back
  if (account) shownBefore.current = account.host;

  // what an account has in one region is counted once
  const cells = useMemo(() => {
    const known = new Map();
    return (of, region) => {
      const found = known.get(region) || new Map();
      known.set(region, found);
      if (!found.has(of)) found.set(of, cellsOf(of, region, AUDIT.defaults.length));
      return found.get(of);
    };
  }, []);

  // what is shown listens: effects that are not of the layout come later
  useLayoutEffect(() => {
    const read = () => setPlace(fromHash(location.hash));
    addEventListener("popstate", read);
    addEventListener("hashchange", read);
    return () => {
      removeEventListener("popstate", read);
      removeEventListener("hashchange", read);
    };
  }, []);

  const change = useCallback((next) => {
    history.replaceState(null, "", toHash(next));
    setPlace({ filter: next, account: null, at: "" });
  }, []);
  const address = useCallback((host, at) => toHash(filter, host, at), [filter]);
  const open = useCallback(
    (host, at) => {
      last.current = { host, at };
      history.pushState(null, "", toHash(filter, host, at));
      setPlace({ filter, account: host, at: at || "" });
    },
    [filter],
  );
  const close = useCallback(
    (event) => {
      if (event) event.preventDefault();
      history.pushState(null, "", toHash(filter));
      setPlace({ filter, account: null, at: "" });
    },
    [filter],
  );

  useLayoutEffect(() => {
    const onKeyDown = (event) => {
      const typing = event.target.closest && event.target.closest("input, select, textarea");
      if (event.key === "Escape" && account) close(event);
      if (event.key === "/" && !typing && !account && !event.ctrlKey && !event.metaKey) {
        event.preventDefault();
        document.querySelector(".filters input").focus();
      }
    };
    addEventListener("keydown", onKeyDown);
    return () => removeEventListener("keydown", onKeyDown);
  }, [account, close]);

  // back in the matrix, one is where one came from
  const was = useRef(null);
  useLayoutEffect(() => {
    document.title = account ? `${account.name}: audit` : `Audit of ${many(AUDIT.accounts.length, "AWS account")}, ${time(AUDIT.audited_at)}`;
    if (account) was.current = account.host;
    else if (was.current !== null) {
      const row = [...document.querySelectorAll("tbody tr[data-host]")].find((tr) => tr.dataset.host === was.current);
      const at = last.current && last.current.host === was.current ? last.current.at : "";
      const cell = row && [...row.querySelectorAll("[data-cell]")].find((found) => (found.dataset.name || "") === (at || ""));
      if (cell && !row.hidden) cell.focus();
      was.current = null;
    }
  }, [account]);

  const selection = useMemo(() => select(AUDIT, filter, cells), [filter, cells]);
  const neighbours = useMemo(() => {
    const shown = sorted(selection.left, filter.sort);
    const at = shown.indexOf(account);
    return [shown[at - 1], at < 0 ? undefined : shown[at + 1]];
  }, [selection, filter.sort, account]);
  return html`<${Fleet} ...${{ audit: AUDIT, filter, change, address, open, cells, selection, hidden: Boolean(account), reveal: shownBefore.current }} />
    ${account && html`<${Account} ...${{ audit: AUDIT, account, at: place.at, back: close, address, neighbours }} />`}`;
}

const root = document.getElementById("page");
root.replaceChildren();
render(html`<${Page} />`, root);
for (const [event, all] of [["beforeprint", true], ["afterprint", false]]) {
  addEventListener(event, () => {
    paper.all = all;
    render(html`<${Page} />`, root);
  });
}
