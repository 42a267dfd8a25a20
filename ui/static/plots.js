// The laboratory's plots, as SVG; their colours come from style.css.

function svg(tag, attributes, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  Object.entries(attributes).forEach(([name, value]) => node.setAttribute(name, value));
  node.append(...children);
  return node;
}

const write = (text, x, y, attributes = {}) => svg("text", { x, y, ...attributes }, text);

// Round values between two bounds, about `count` of them.
function ticksBetween(low, high, count) {
  const raw = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * [1, 2, 5, 10].find((factor) => factor * power >= raw);
  const first = Math.ceil(low / step - 1e-9);
  return Array.from({ length: Math.floor(high / step + 1e-9) - first + 1 }, (_, i) =>
    Number(((first + i) * step).toPrecision(6)),
  );
}

const figureOf = (value) => String(value).replace("-", "−");

// A plot of its own, and what it shows in words.
const drawing = (width, height, label, ...children) =>
  svg(
    "svg",
    { class: "lab-plot", viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-label": label },
    ...children,
  );

// How much hiding the region lowers the evidence, beside the same for every random region.
function stripPlot({ drop, random, of }, width, called) {
  const height = 146,
    left = 14,
    right = 14,
    base = 84;
  const values = [0, drop, ...random];
  const low = Math.min(...values),
    high = Math.max(...values),
    room = 0.06 * (high - low || 1);
  const x = (value) => left + ((value - low + room) / (high - low + 2 * room)) * (width - left - right);
  const anchor = (value) => (x(value) < 70 ? "start" : x(value) > width - 70 ? "end" : "middle");
  const axis = ticksBetween(low - room, high + room, Math.max(2, Math.floor(width / 90))).flatMap((value) => [
    svg("line", { x1: x(value), x2: x(value), y1: 34, y2: base, class: value === 0 ? "zero" : "grid" }),
    write(figureOf(value), x(value), base + 16, { "text-anchor": "middle" }),
  ]);
  // Dots that would hide each other are set one above the other.
  const rows = [];
  const dots = random.map((value) => {
    let row = 0;
    while (rows[row]?.some((taken) => Math.abs(taken - x(value)) < 9)) row++;
    (rows[row] ??= []).push(x(value));
    return svg("circle", { cx: x(value), cy: base - 8 - 8 * Math.min(row, 4), r: 4, class: "random" });
  });
  return drawing(
    width,
    height,
    `Hiding ${called} lowers the evidence by ${drop.toFixed(2)}; random regions: ` +
      (random.map((value) => value.toFixed(2)).join(", ") || "none yet"),
    ...axis,
    ...dots,
    svg("line", { x1: x(drop), x2: x(drop), y1: 24, y2: base, class: "own" }),
    svg("path", { d: `M${x(drop)} ${base - 15}l7 7l-7 7l-7 -7z`, class: "own" }),
    write(called, x(drop), 16, { "text-anchor": anchor(drop), class: "own" }),
    write("evidence lowered by, in log-odds", left, base + 34),
    svg("circle", { cx: left + 4, cy: height - 12, r: 4, class: "random" }),
    write(`one random region (${random.length} of ${of} looked at)`, left + 14, height - 8),
  );
}

// Probability against the share of the film that was taken away or brought back, for the map and for random orders.
function curvePlot({ own, random }, width, title, along, most) {
  const height = Math.min(300, Math.max(190, width * 0.6)),
    left = 46,
    right = 12,
    top = 30,
    base = height - 42;
  const x = (share) => left + share * (width - left - right);
  const y = (p) => base - (p / most) * (base - top);
  const line = (points, name) =>
    svg("polyline", { points: points.map(([share, p]) => `${x(share)},${y(p)}`).join(" "), class: name });
  const [endShare, endP] = own.at(-1);
  return drawing(
    width,
    height,
    `${title}: at ${Math.round(100 * endShare)} % the probability is ${Math.round(100 * endP)} %`,
    write(title, left, 16, { class: "heading" }),
    ...ticksBetween(0, most, 4).flatMap((p) => [
      svg("line", { x1: left, x2: width - right, y1: y(p), y2: y(p), class: "grid" }),
      write(`${figureOf(Number((100 * p).toPrecision(3)))} %`, left - 6, y(p) + 4, { "text-anchor": "end" }),
    ]),
    ...[0, 0.25, 0.5, 0.75, 1].map((share) =>
      write(`${100 * share} %`, x(share), base + 16, { "text-anchor": share === 1 ? "end" : "middle" }),
    ),
    write(along, left, height - 8),
    ...random.map((points) => line(points, "random")),
    line(own, "own"),
    svg("circle", { cx: x(endShare), cy: y(endP), r: 4, class: "own" }),
  );
}
