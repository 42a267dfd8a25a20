// The Test the map tab. It works on what the Explain tab shows, sends that film with every request, and draws the answers
// (ui/experiments.py) as they come. Given by gr.HTML: element, trigger, props, watch.

const names = Object.keys(props.guides);
const RUN = {
  hide: "Hide and look again",
  curves: "Draw the curves",
  shortcuts: "Try all of them",
  meter: "Measure",
  compare: "Compare",
  stability: "Try all of them",
  cascade: "Shuffle the weights",
};
const PLACES = {
  heart: "over the heart",
  lungs: "over the lungs",
  outside: "outside both",
  border: "in the outer 8 % of the film",
  corners: "in its four corners",
};
const state = {
  experiment: names[0],
  own: false,
  share: 10,
  fill: Object.keys(props.fills)[0],
  cells: [],
  against: null,
};

// ---- what is under test

const view = () => ({ ...lens.view, reference: false });
const valuesOf = (evidence) => cellValues(floats(evidence), null, view());
// Maps of one experiment share a scale, lest a weak one look strong.
const spanOfFilm = () => spanOf(valuesOf(reading().evidence), view(), props.span);

// The checkpoint to compare with: the one that was chosen, or the first other one.
const others = () => Object.keys(props.models).filter((name) => name !== lens.model);
const other = () => (others().includes(state.against) ? state.against : others()[0]);

// Nodes are kept as long as what they show stays, so that pictures do not flicker while answers come.
const kept = { film: new Map(), run: new Map() };
function keep(store, key, build) {
  if (!store.has(key)) store.set(key, build());
  return store.get(key);
}

let subject = null;
function follow() {
  const { scene, model, finding, view: shown } = lens;
  const other = subject?.scene !== scene || subject.model !== model || subject.finding !== finding;
  const otherGrid = subject?.scene !== scene || subject.model !== model;
  const drawnOtherwise = JSON.stringify({ ...subject?.view, opacity: 0 }) !== JSON.stringify({ ...shown, opacity: 0 });
  subject = { scene, model, finding, view: shown };
  if (other) forget();
  if (otherGrid) {
    kept.film.clear();
    state.cells = [];
  }
  if (other || drawnOtherwise) {
    kept.film.delete("original");
    kept.run.clear();
  }
  find(".lab").style.setProperty("--map-opacity", shown?.opacity);
  draw();
}

// ---- films

// A film with a map over it and words under it.
function film({ picture, evidence, caption, span = spanOfFilm() }) {
  const words = [caption].flat().join(": ");
  const map = mapOf(valuesOf(evidence), span, view(), `Evidence map. ${words}`);
  return make("figure", { className: "lab-film" }, plateOf([map], picture), captionOf(caption));
}

// "label: the rest", or the two of them.
function captionOf(caption) {
  const [label, ...rest] = Array.isArray(caption) ? caption : caption.split(/: (.*)/s);
  return make(
    "figcaption",
    {},
    make("b", { textContent: label }),
    ...rest.filter(Boolean).map((text) => make("span", { textContent: unbroken(text) })),
  );
}

function original() {
  const node = keep(kept.film, "original", () =>
    film({ evidence: reading().evidence, caption: ["As it is", reading().percent] }),
  );
  // What another experiment laid over it.
  node.querySelectorAll(".lab-outline, .lab-cells").forEach((mark) => mark.remove());
  return node;
}

// ---- each experiment's result

const RESULTS = {
  hide(answer) {
    const before = original();
    const plate = before.querySelector(".lens-plate");
    if (answer && !state.own)
      plate.append(keep(kept.run, "outline", () => outline(extent(), checkpoint().cells, answer.cells)));
    if (state.own) plate.append(keep(kept.film, "cells", () => cellGrid(extent(), checkpoint().cells, marked)).node);
    const after = keep(kept.run, answer ? "after" : "waiting", () =>
      answer
        ? film({
            ...answer.hidden,
            caption: [
              `${answer.share} of the film hidden`,
              answer.changes.find(({ finding }) => finding === lens.finding).after,
            ],
          })
        : placeholder(),
    );
    const called = state.own ? "the marked cells" : "the hot region";
    const beside =
      answer &&
      panel(
        plot("strip", (width) => stripPlot(answer, width, called)),
        keep(kept.run, "changes", () => changesTable(answer.changes)),
      );
    return [main(pair(before, after)), ...(beside ? [beside] : [])];
  },
  curves(answer) {
    const figures = answer
      ? [
          ["deletion", "Deletion", "of the film taken away"],
          ["insertion", "Insertion", "of the film brought back"],
        ].map(([kind, title, along]) => {
          const curve = answer[kind];
          const all = ["deletion", "insertion"].flatMap((one) => [answer[one].own, ...answer[one].random]).flat();
          const most = 1.05 * Math.max(0.02, ...all.map(([, p]) => p));
          const figure = plot(kind, (width) => curvePlot(curve, width, title, along, most));
          return make(
            "figure",
            { className: "lab-curve" },
            figure,
            make(
              "figcaption",
              {},
              make("span", { className: "own", textContent: `hottest first: area ${curve.area?.toFixed(2) ?? "—"}` }),
              make("span", { className: "random", textContent: `random orders: ${curve.random_area?.toFixed(2) ?? "—"}` }),
            ),
          );
        })
      : [];
    return [main(original()), ...figures];
  },
  shortcuts: (answer) =>
    strip(answer, answer && `${reading().percent}, ${answer.outside} outside lungs and heart`, (trial) => ({
      ...trial,
      caption: `${trial.line}; ${trial.outside} of the evidence outside lungs and heart`,
    })),
  stability: (answer) => strip(answer, undefined, (trial) => ({ ...trial, caption: trial.line })),
  cascade: (answer) =>
    strip(
      answer,
      "what it has learnt",
      (trial) => ({
        ...trial,
        caption: trial.line,
        span: spanOf(valuesOf(trial.evidence), { stretched: true }),
      }),
      "Every shuffled map is stretched to its own maximum: compare where the colours lie, not how strong they are.",
    ),
  meter: (answer) => [
    main(original()),
    ...(answer
      ? [
          panel(
            keep(kept.run, "meter", () =>
              sharesTable([
                ["on this film", (place) => answer.shares[place][0]],
                ["spread evenly", (place) => answer.shares[place][1]],
                ...averageOf(lens.model),
              ]),
            ),
          ),
        ]
      : []),
  ],
  compare(answer) {
    if (!answer) return [main(pair(original()))];
    const sides = answer.sides.map((side, i) =>
      keep(kept.run, `side ${i}`, () =>
        film({ evidence: side.evidence, span: props.span, caption: [props.models[side.model].title, side.percent] }),
      ),
    );
    const columns = answer.sides.flatMap((side) => [
      [side.model, (place) => side.shares[place]],
      ...averageOf(side.model),
    ]);
    return [main(pair(...sides)), panel(keep(kept.run, "shares", () => sharesTable(columns)))];
  },
};

// The films, and under them the colour bar that they share.
const bar = find("#lab-bar");
const main = (...nodes) => make("div", { className: "lab-main" }, ...nodes, bar);
const pair = (...nodes) => make("div", { className: "lab-pair" }, ...nodes);
const panel = (...nodes) => make("div", { className: "lab-panel" }, ...nodes);

function strip(answer, caption, each, note) {
  const trials = answer?.trials ?? [];
  const first = keep(kept.run, "first", () =>
    film({ evidence: reading().evidence, caption: ["As it is", caption || reading().percent] }),
  );
  const films = trials.map((trial, i) => keep(kept.run, `trial ${i}`, () => film(each(trial))));
  return [
    main(
      make("div", { className: "lab-strip" }, first, ...films),
      ...(note && trials.length ? [make("small", { textContent: note })] : []),
    ),
  ];
}

const placeholder = () => {
  const { width, height } = lens.scene.film;
  const plate = make(
    "div",
    { className: "lens-plate lab-waiting" },
    make("p", { textContent: "Here comes the film with the region hidden, and its new map" }),
  );
  plate.style.setProperty("--ratio", width / height);
  return make("figure", { className: "lab-film" }, make("div", { className: "lab-stage" }, plate));
};

// Plots are drawn when their width is known.
const plots = new Map();
function plot(key, drawAt) {
  const host = keep(kept.run, `plot ${key}`, () => make("div", { className: "lab-plot-host" }));
  plots.set(host, drawAt);
  return host;
}
function drawPlots() {
  plots.forEach((drawAt, host) => {
    if (!host.isConnected) plots.delete(host);
    else if (host.clientWidth > 60) host.replaceChildren(drawAt(host.clientWidth));
  });
}

const row = (cells, tag = "td") =>
  make(
    "tr",
    {},
    ...cells.map((text, i) =>
      make(i ? tag : "th", { textContent: text, scope: tag === "th" ? "col" : i ? "" : "row" }),
    ),
  );
const signed = (value) => (Math.abs(value) < 0.005 ? "0.00" : `${value > 0 ? "+" : "−"}${Math.abs(value).toFixed(2)}`);
const wholePercent = (share) => `${Math.round(100 * share)} %`;

function changesTable(changes) {
  // Outputs for other people than the film's mean little on it; the chosen one is shown all the same.
  const meant = ({ finding }) =>
    finding === lens.finding || checkpoint().findings[finding].population === gate().population;
  const rows = changes.filter(meant).map(({ finding, before, after, change }) => {
    const line = row([checkpoint().findings[finding].label, before, after, signed(change)]);
    line.classList.toggle("chosen", finding === lens.finding);
    return line;
  });
  const caption = `Findings in ${props.trained_on[gate().population]}, with the region hidden`;
  return table(caption, ["Finding", "before", "after", "log-odds"], rows);
}

// Columns: heading, and place → share.
function sharesTable(columns) {
  const rows = Object.entries(PLACES).map(([place, words]) =>
    row([words, ...columns.map(([, shareIn]) => wholePercent(shareIn(place)))]),
  );
  return table("Where the positive evidence lies", ["", ...columns.map(([heading]) => heading)], rows);
}

// The same over the validation films of the finding's population, as a column; none where it was not measured.
function averageOf(model) {
  const mean = props.models[model].findings[lens.finding].meter;
  return mean ? [[`mean of ${mean.films} films`, (place) => mean[place]]] : [];
}

const table = (caption, head, rows) =>
  make(
    "table",
    { className: "lab-table" },
    make("caption", { textContent: caption }),
    make("thead", {}, row(head, "th")),
    make("tbody", {}, ...rows),
  );

// ---- drawing

function draw() {
  drawSubject("lab", { verb: "test its map", here: "its map is what is tested here" });
  find("#lab-bench").hidden = find("#lab-subject").hidden = find("#lab-experiments").hidden = !ready();
  if (!ready()) return;
  const { experiment, answer } = state,
    guide = props.guides[experiment];
  find("#lab-asks").textContent = guide.asks;
  find("#lab-read").textContent = guide.read;
  find("#lab-cannot").textContent = guide.cannot;
  Object.assign(find("#lab-paper"), { textContent: guide.paper, href: guide.link });
  drawControls();
  find("#lab-verdict").textContent = unbroken(answer?.verdict ?? "");
  find("#lab-result").replaceChildren(...RESULTS[experiment](answer));
  find("#lab-result").className = `lab-${experiment}`;
  drawPlots();
  const scale = experiment === "compare" ? props.span : spanOfFilm();
  paintBar(bar, scale, view());
  bar.hidden = experiment === "cascade"; // its maps share no scale
  bar.querySelector("figcaption").textContent =
    `log-odds per cell · ${props.scales[view().stretched && experiment !== "compare" ? "stretched" : "absolute"]}`;
}

function drawControls() {
  if (!ready()) return;
  const { experiment, answer, phase } = state,
    hiding = experiment === "hide";
  find("#lab-region").hidden = !hiding;
  find("#lab-share").hidden = !hiding || state.own;
  find("#lab-marked").hidden = !hiding || !state.own;
  find("#lab-fill").hidden = !hiding && experiment !== "curves";
  find("#lab-share output").textContent = `${state.share} %`;
  find("#lab-against").hidden = experiment !== "compare" || others().length < 2;
  element.querySelectorAll("[name=lab-against]").forEach((radio) => {
    radio.parentElement.hidden = radio.value === lens.model;
    radio.checked = radio.value === other();
  });
  const count = state.cells.length;
  find("#lab-marked span").textContent = count
    ? `${count} ${count === 1 ? "cell" : "cells"} marked`
    : "Mark cells on the film: click, drag, or arrow keys and space";
  find("#lab-marked button").hidden = !count;
  const idle = phase === "idle";
  find("#lab-run").textContent = RUN[experiment];
  find("#lab-run").disabled = !idle || (hiding && state.own && !count);
  find("#lab-stop").hidden = phase !== "running";
  const progress = find("#lab-progress");
  progress.hidden = idle;
  if (answer) Object.assign(progress, { max: answer.of, value: answer.done });
  else progress.removeAttribute("value");
  const far = answer && `${answer.done} of ${answer.of}`;
  find("#lab-step").textContent = {
    idle: state.stopped ? `Cancelled${far ? ` after ${far}` : ""}` : "",
    stopping: "Cancelling…",
    running: far ?? ahead(),
  }[phase];
}

// ---- asking

const { ask, stop, forget, ahead } = asking(state, "lab", draw, drawControls);

function run() {
  kept.run.clear();
  const { experiment, share, fill } = state;
  const cells = experiment === "hide" && state.own ? state.cells : [];
  const against = experiment === "compare" ? other() : "";
  ask({ film: lens.sent, model: lens.model, finding: lens.finding, experiment, share, fill, cells, against });
}

// ---- controls

function choose(experiment) {
  forget();
  state.experiment = experiment;
  kept.run.clear();
  draw();
}

function marked(cells) {
  state.cells = cells;
  if (state.answer || state.phase !== "idle") changed();
  else drawControls();
}

// A setting that the result on show was not made with takes it away.
function changed() {
  stop();
  state.answer = null;
  kept.run.clear();
  draw();
}

find("#lab-experiments").append(
  ...names.map((name) => {
    const radio = make("input", {
      type: "radio",
      name: "lab-experiment",
      value: name,
      checked: name === state.experiment,
    });
    radio.addEventListener("change", () => choose(name));
    return make("label", {}, radio, make("b", { textContent: props.guides[name].title }));
  }),
);
find("#lab-fill").append(
  ...Object.entries(props.fills).map(([name, label]) => {
    const radio = make("input", { type: "radio", name: "lab-fill", value: name, checked: name === state.fill });
    radio.addEventListener("change", () => {
      state.fill = name;
      changed();
    });
    return make("label", {}, radio, make("span", { textContent: label }));
  }),
);
find("#lab-against").append(
  ...Object.entries(props.models).map(([name, model]) => {
    const radio = make("input", { type: "radio", name: "lab-against", value: name });
    radio.addEventListener("change", () => {
      state.against = name;
      changed();
    });
    return make("label", {}, radio, make("span", { textContent: `with ${model.title}` }));
  }),
);
element.querySelectorAll("[name=lab-region]").forEach((radio) =>
  radio.addEventListener("change", () => {
    state.own = radio.value === "own";
    changed();
  }),
);
const slider = find("#lab-share input");
Object.assign(slider, { min: props.shares[0], max: props.shares[1], value: state.share });
slider.addEventListener("input", () => {
  state.share = Number(slider.value);
  changed();
});
find("#lab-marked button").addEventListener("click", () => kept.film.get("cells")?.clear());
find("#lab-run").addEventListener("click", run);
find("#lab-stop").addEventListener("click", stop);
find("#lab-change").addEventListener("click", toExplain);
lens.addEventListener("change", follow);
new ResizeObserver(drawPlots).observe(find("#lab-result"));
follow();
