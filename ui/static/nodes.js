// What every tab draws with. Given by gr.HTML: element, props.

const find = (selector) => element.querySelector(selector);
const make = (tag, properties, ...children) => {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
};
// A number and its "%" stay on one line.
const unbroken = (text) => text.replaceAll(" %", "\u00a0%");
function toExplain() {
  [...document.querySelectorAll("[role=tab]")].find((tab) => tab.textContent.trim() === "Explain")?.click();
}

const tables = Object.fromEntries(
  Object.entries(props.tables).map(([name, table]) => [name, new Uint32Array(bytes(table).buffer)]),
);
const tableOf = (view) => tables[view.gradCam ? "grad_cam" : "signed"];

// Drawn at about so many pixels whatever the film's own size, so that cells keep crisp edges on a small film.
function paintMap(canvas, values, cells, extent, { width, height }, view, span, pixels = 1024) {
  const zoom = Math.max(1, Math.round(pixels / Math.max(width, height)));
  Object.assign(canvas, { width: width * zoom, height: height * zoom });
  const image = renderOverlay(values, cells, extent, canvas.height, canvas.width, view, span, tableOf(view));
  canvas.getContext("2d").putImageData(image, 0, 0);
}

function paintBar(figure, span, view) {
  const bar = figure.querySelector("canvas");
  bar.getContext("2d").putImageData(renderBar(bar.width, span, view, tableOf(view)), 0, 0);
  figure.classList.toggle("signed", !view.gradCam);
  figure
    .querySelector(".lens-ticks")
    .replaceChildren(...tickLabels(span, view).map((text) => make("span", { textContent: text })));
}
