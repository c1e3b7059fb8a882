// Every way to filter, five times each: step -> milliseconds from the event to the end of the frame that shows it.
async () => {
  const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0)));
  const field = (id, value) => () => {
    const element = document.getElementById(id);
    element.value = value;
    element.dispatchEvent(new Event(element.matches("select") ? "change" : "input", { bubbles: true }));
  };
  const option = (id, number) => document.getElementById(id).options[number].value;
  const chip = (kind) => () => document.querySelector(`.chip.${kind}`).click();
  const steps = {
    "text": field("by-text", "prod"),
    "no text": field("by-text", ""),
    "drifted": chip("drifted"),
    "not drifted": chip("drifted"),
    "region": field("by-region", "eu-west-1"),
    "no region": field("by-region", ""),
    "default": field("by-column", "trail"),
    "no default": field("by-column", ""),
    "customer account": field("by-ddi", option("by-ddi", 3)),
    "no customer account": field("by-ddi", ""),
    "service level": field("by-level", option("by-level", 1)),
    "no service level": field("by-level", ""),
    "sorted by name": field("by-sort", "name"),
    "worst first": field("by-sort", "worst"),
  };
  const times = {};
  for (let round = 0; round < 5; round += 1) {
    for (const [name, step] of Object.entries(steps)) {
      await frame();
      const start = performance.now();
      step();
      await frame();
      (times[name] ||= []).push(performance.now() - start);
    }
  }
  return times;
}
