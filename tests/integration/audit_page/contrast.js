// What on the page has too little contrast with its ground (WCAG 2.2, 1.4.3 and 1.4.11), for test_fleet.py.
() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const linear = (part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
  const light = ([red, green, blue]) =>
    0.2126 * linear(red / 255) + 0.7152 * linear(green / 255) + 0.0722 * linear(blue / 255);
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const found = rgba(getComputedStyle(at).backgroundColor);
      if (found[3] === 255) return found;
    }
    return [255, 255, 255];
  };
  const weak = new Set();
  for (const element of document.querySelectorAll("body *")) {
    const text = element.textContent.trim();
    const own = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim());
    if (!own || !element.checkVisibility() || element.closest("script, :disabled, .hidden-words")) continue;
    const lights = [light(rgba(getComputedStyle(element).color)), light(ground(element))].sort((a, b) => b - a);
    const ratio = (lights[0] + 0.05) / (lights[1] + 0.05);
    // a symbol is a graphic, and has words beside it
    const graphic = text.length < 2 && element.matches("td, [aria-hidden=true], [aria-hidden=true] *");
    if (ratio < (graphic ? 3 : 4.5)) weak.add(`${element.className || element.tagName} ${text} ${ratio.toFixed(2)}`);
  }
  return [...weak];
}
