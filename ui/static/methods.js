// The Compare methods tab. It works on what the Explain tab shows, sends that film with every request, and draws the
// answers (ui/methods.py) as they come. Given by gr.HTML: element, trigger, props, watch.

const names = Object.keys(props.methods);
const state = {
  chosen: new Set(names.filter((name) => props.methods[name].closed)),
  pair: ["evidence", "grad-cam"],
  own: false,
  pace: 0, // seconds per film, measured in a run
};

// ---- maps

const view = () => ({ ...lens.view, reference: false, gradCam: false });
const inLogOdds = (name) => props.methods[name].unit === "log-odds";
const onAbsolute = (name) => inLogOdds(name) && !state.own;
const signed = (values) => values.some((value) => value < 0);
const figure = (value) => String(Number(value.toPrecision(2))).replace("-", "−");
const whole = new Intl.NumberFormat("en-GB");

// Cell values of a method, the value at full colour, and words for that; null as long as there is no map.
function heat(name) {
  const map = state.answer?.methods[name]?.map;
  if (!map) return null;
  const values = cellValues(floats(map), null, {});
  const span = spanOf(values, { stretched: !onAbsolute(name) }, props.span);
  const { unit } = props.methods[name];
  const most = figure(spanOf(values, { stretched: true }));
  const scale = onAbsolute(name)
    ? `log-odds, absolute scale: full colour at ${props.span}, here up to ${most}`
    : `scaled to its own maximum, ${most} ${unit === "relative" ? "(no unit)" : unit}`;
  return { values, span, scale, key: [map, span, lens.view.smooth].join() };
}

const words = (name, scale) => `Map of ${props.methods[name].label}; ${scale}`;

// ---- one card per method

const cards = new Map();

function card(name) {
  const { label, what, paper, link } = props.methods[name];
  const stage = make("div");
  const scale = make("small", { className: "methods-unit" });
  const figures = make("dl");
  const verdict = make("p", { className: "methods-verdict" });
  const record = make("p", { className: "methods-record" });
  const node = make(
    "article",
    { className: "methods-card" },
    stage,
    make("h3", { textContent: label }),
    scale,
    make(
      "p",
      { className: "methods-what" },
      `${what} `,
      make("a", { href: link, target: "_blank", rel: "noreferrer", textContent: paper }),
    ),
    figures,
    verdict,
    record,
  );
  let drawn;
  return {
    node,
    update() {
      const shown = heat(name);
      const key = shown?.key ?? "";
      if (key !== drawn) {
        const map = shown && mapOf(shown.values, shown.span, view(), words(name, shown.scale));
        stage.replaceChildren(plateOf(map ? [map] : []));
        drawn = key;
      }
      scale.textContent = shown?.scale ?? props.methods[name].unit;
      const result = state.answer?.methods[name];
      const given = result?.state === "done" ? result : null;
      figures.replaceChildren(
        ...[
          ["Films for the map", given && whole.format(given.films)],
          ["Time for the map", given && `${given.seconds.toFixed(2)} s`],
          ["Deletion area", given && beside(given.deletion)],
          ["Insertion area", given && beside(given.insertion)],
          ["Outside an average thorax", given && given.outside],
        ].map(([term, text]) =>
          make("div", {}, make("dt", { textContent: term }), make("dd", { textContent: text ?? "–" })),
        ),
      );
      verdict.textContent = given ? given.verdict : standing(name, result);
      verdict.classList.toggle("pending", !given);
      record.textContent = props.methods[name].record[lens.model] ?? "";
    },
  };
}

const beside = ([own, random]) => `${own.toFixed(2)} (random ${random.toFixed(2)})`;

function standing(name, result) {
  if (state.phase === "idle") return state.stopped && result ? "Not tested: cancelled." : "Not drawn yet: press Run.";
  const said = {
    loading: "TensorFlow is being loaded, about ten seconds …",
    drawing: "Being drawn …",
    testing: "Being tested …",
  };
  return said[result?.state] ?? (result ? "Waits its turn." : "");
}

// ---- two of them, and a slider between

const wiper = make("input", { type: "range", min: 0, max: 100, step: 1, value: 50, id: "methods-wipe" });
const edge = make("div", { className: "methods-edge" });
const sides = ["left", "right"].map((side, i) => ({
  i,
  side,
  pick: find(`#methods-${side}`),
  bar: find(`#methods-${side}-bar`),
  badge: make("span", { className: `methods-badge ${side}` }),
}));
sides.forEach(({ bar }) =>
  bar.append(
    make("canvas", { height: 1, width: 512, ariaHidden: "true" }),
    make("div", { className: "lens-ticks" }),
    make("small"),
  ),
);

function wipe() {
  find(".methods-stage").style.setProperty("--wipe", wiper.value);
  const [left, right] = state.pair.map((name) => props.methods[name].label);
  wiper.setAttribute("aria-valuetext", `${wiper.value} % ${left}, ${100 - wiper.value} % ${right}`);
}

let drawnPair;
function drawPair() {
  const there = names.filter((name) => state.answer?.methods[name]?.map);
  find("#methods-pair").hidden = there.length < 2;
  if (there.length < 2) return;
  // What is chosen stays as long as it is there.
  state.pair.forEach((name, i) => {
    if (!there.includes(name)) state.pair[i] = there.find((other) => other !== state.pair[1 - i]);
  });
  const shown = state.pair.map(heat);
  const key = shown.map(({ key }) => key).join() + there + state.pair;
  if (key !== drawnPair) {
    drawnPair = key;
    const maps = sides.map(({ i, side, pick, bar, badge }) => {
      const name = state.pair[i];
      const { values, span, scale } = shown[i];
      pick.replaceChildren(
        ...there.map((other) =>
          make("option", { value: other, textContent: props.methods[other].label, selected: other === name }),
        ),
      );
      badge.textContent = props.methods[name].label;
      drawBar(bar, span, onAbsolute(name) || signed(values), name);
      bar.querySelector("small").textContent = `${props.methods[name].label}: ${scale}`;
      const map = mapOf(values, span, view(), words(name, scale));
      map.classList.add(side);
      return map;
    });
    // The slider stays where it is, lest it lose the focus; the film and its maps come anew.
    const stage = find(".methods-stage");
    if (!wiper.isConnected) stage.replaceChildren(make("div"), wiper, edge, ...sides.map(({ badge }) => badge));
    stage.firstElementChild.replaceWith(plateOf(maps));
    stage.style.setProperty("--ratio", lens.scene.film.width / lens.scene.film.height);
    const [left, right] = state.pair.map((name) => props.methods[name].label);
    wiper.ariaLabel = `Wipe between ${left} on the left and ${right} on the right`;
    wipe();
  }
  const [one, other] = state.pair;
  find("#methods-correlation").textContent = correlation(one, other);
  find("#methods-kin").textContent =
    props.kin.find(([a, b]) => (a === one && b === other) || (a === other && b === one))?.[2] ?? "";
}

function correlation(one, other) {
  if (one === other) return "One map on both sides: choose another.";
  const value = state.answer.agreement[one]?.[other];
  if (value === undefined) return "Rank correlation: when both maps are finished.";
  if (value === null) return "Rank correlation: none, a map is the same everywhere.";
  return `Rank correlation ${value.toFixed(2).replace("-", "−")}.`;
}

// As paintBar() does it, in the one colour table of this tab; from 0 where nothing speaks against.
function drawBar(bar, span, both, name) {
  const shown = { gradCam: !both };
  const canvas = bar.querySelector("canvas");
  canvas.getContext("2d").putImageData(renderBar(canvas.width, span, shown, tables.signed), 0, 0);
  const ticks = tickLabels(span, shown);
  // Of two bars side by side each has room for three marks.
  const few = both ? [ticks[0], ticks[2], ticks[4]] : ticks;
  bar.querySelector(".lens-ticks").replaceChildren(...few.map((text) => make("span", { textContent: text })));
  bar.classList.toggle("signed", both && inLogOdds(name));
  bar.classList.toggle("plain", !inLogOdds(name));
}

// ---- drawing

let subject = null;
function follow() {
  const { scene, model, finding } = lens;
  const other = subject?.scene !== scene || subject.model !== model || subject.finding !== finding;
  subject = { scene, model, finding };
  if (other) {
    forget();
    cards.clear();
    drawnPair = null;
  }
  find(".methods").style.setProperty("--map-opacity", lens.view?.opacity);
  draw();
}

function draw() {
  drawSubject("methods", { verb: "draw its maps", here: "its maps are what is compared here" });
  find("#methods-bench").hidden = find("#methods-subject").hidden = find("#methods-choice").hidden = !ready();
  if (!ready()) return;
  measure();
  const shown = names.filter((name) => state.chosen.has(name) || state.answer?.methods[name]);
  const nodes = shown.map((name) => {
    if (!cards.has(name)) cards.set(name, card(name));
    cards.get(name).update();
    return cards.get(name).node;
  });
  const grid = find("#methods-grid");
  if (nodes.length !== grid.children.length || nodes.some((node, i) => node !== grid.children[i]))
    grid.replaceChildren(...nodes);
  drawPair();
  drawControls();
}

function drawControls() {
  if (!ready()) return;
  const { answer, phase } = state;
  const idle = phase === "idle";
  find("#methods-run").disabled = !idle || !state.chosen.size;
  find("#methods-stop").hidden = phase !== "running";
  const progress = find("#methods-progress");
  progress.hidden = idle;
  if (answer) Object.assign(progress, { max: answer.of, value: answer.done });
  else progress.removeAttribute("value");
  const said = { idle: state.stopped ? `Cancelled${answer ? ` after ${tested()}` : ""}` : "", stopping: "Cancelling…" };
  const step = find("#methods-step");
  const text = said[phase] ?? (answer ? now() : ahead());
  if (step.textContent !== text) step.textContent = text; // said aloud when it changes, and only then
  find("#methods-cost").textContent = idle ? cost() : "";
}

const results = () => Object.entries(state.answer.methods);
const tested = () => `${results().filter(([, { state }]) => state === "done").length} of ${results().length}`;

// Changes a few times per method, so that a screen reader is not flooded; the bar moves with every pass.
function now() {
  const [name, at] = results().find(([, { state }]) => state !== "done") ?? [];
  if (!name) return "";
  const doing = { loading: "loading TensorFlow", testing: "testing" }[at.state] ?? "drawing";
  return `${tested()} done; ${props.methods[name].label}: ${doing}`;
}

// ---- what it costs

const films = (name) => props.methods[name].films;
// In the time of a look; back takes about as long as forwards again.
const looks = (name) => films(name) * (props.methods[name].gradients ? 2 : 1);
const seconds = (count) => {
  const time = count * state.pace;
  return time < 90 ? `${Math.max(1, Math.round(time))} s` : `${Math.round(time / 60)} min`;
};
const about = (count) => (state.pace ? `, about ${seconds(count)}` : "");

function cost() {
  const chosen = [...state.chosen];
  if (!chosen.length) return "Tick a method first.";
  const total = (each) => chosen.reduce((sum, name) => sum + each(name) + props.tests, 0);
  const many = chosen.length === 1 ? "1 method" : `${chosen.length} methods, each`;
  const count = whole.format(total(films));
  return `${many} tested on ${props.tests} changed films: ${count} films in all${about(total(looks))}`;
}

// Time and films since the first answer of a run.
let start = null;
function measure() {
  const { answer, request, phase } = state;
  if (!answer || phase !== "running") return;
  const at = { request, done: answer.done, time: performance.now() };
  if (start?.request !== request) start = at;
  if (at.done - start.done >= props.tests / 2) state.pace = (at.time - start.time) / (at.done - start.done) / 1000;
}

function drawPrices() {
  names
    .filter((name) => !props.methods[name].closed)
    .forEach((name) => {
      const count = films(name);
      const shown = count > 1 ? `up to ${whole.format(count)} films` : "1 film";
      const back = props.methods[name].gradients ? ", forwards and back" : "";
      find(`#methods-choice [value="${name}"]`).closest("label").querySelector("small").textContent =
        shown + back + about(looks(name));
    });
}

// ---- controls

const { ask, stop, forget, ahead } = asking(
  state,
  "methods",
  () => {
    draw();
    drawPrices();
  },
  drawControls,
);

function run() {
  ask({ film: lens.sent, model: lens.model, finding: lens.finding, methods: [...state.chosen] });
}

names.forEach((name) => {
  const { label, closed, gradients } = props.methods[name];
  const box = make("input", { type: "checkbox", value: name, checked: closed });
  box.addEventListener("change", () => {
    state.chosen[box.checked ? "add" : "delete"](name);
    draw();
  });
  find(closed ? "#methods-closed" : gradients ? "#methods-gradients" : "#methods-many").append(
    make("label", {}, box, make("span", {}, make("b", { textContent: label }), ...(closed ? [] : [make("small")]))),
  );
});
drawPrices();
sides.forEach(({ i, pick }) =>
  pick.addEventListener("change", () => {
    state.pair[i] = pick.value;
    drawPair();
  }),
);
element.querySelectorAll("[name=methods-scale]").forEach((radio) =>
  radio.addEventListener("change", () => {
    state.own = radio.value === "own";
    draw();
  }),
);
wiper.addEventListener("input", wipe);
find("#methods-run").addEventListener("click", run);
find("#methods-stop").addEventListener("click", stop);
find("#methods-change").addEventListener("click", toExplain);
lens.addEventListener("change", follow);
follow();
