// The Explain tab. The server sends a scene per film (ui/scene.py); every switch after that is drawn here, without it.
// Given by gr.HTML: element, trigger, props, watch.

const logit = (p) => Math.log(p / (1 - p));
// Probabilities are drawn in log-odds from 1 % to 99 %, because operating points of rare findings lie at a few per cent.
const MARKS = [0.01, 0.1, 0.5, 0.9, 0.99];
const along = (p) => Math.min(Math.max((logit(p) - logit(0.01)) / (logit(0.99) - logit(0.01)), 0), 1);
const percent = (share) => `${100 * share}%`;

const models = Object.entries(props.models);
const view = { gradCam: false, smooth: true, stretched: false, reference: false, opacity: 0.6 };
const state = { scene: null, model: models[0][0], finding: null, request: 0, timer: 0, revealed: false, sent: null, shown: null };

// ---- the film and its map

const current = () => state.scene.models[state.model];
const checkpoint = () => props.models[state.model];

function shownValues() {
  const reading = current().findings[state.finding];
  return cellValues(floats(reading.evidence), floats(checkpoint().findings[state.finding].reference), view);
}

function drawMap() {
  const map = find("#lens-map"), state_ = find("#lens-state");
  const reading = current().findings[state.finding], finding = checkpoint().findings[state.finding];
  const values = shownValues();
  const span = spanOf(values, view, props.span);
  const empty = !values.some((value) => value !== 0);
  paintMap(map, values, checkpoint().cells, current().extent, state.scene.film, view, span);
  map.hidden = hidden();
  state_.hidden = !empty || hidden();
  state_.textContent = `${view.gradCam ? "No positive evidence" : "No evidence"} for ${finding.subject} on this film`;

  find(".lens-under").hidden = find(".lens-saves").hidden = hidden();
  find(".lens-bar").hidden = empty;
  if (!empty) paintBar(find(".lens-bar"), span, view);
  find("#lens-scale").textContent = caption();

  const adds = reading.adds_up[Number(view.reference)];
  find("#lens-adds").textContent = hidden() ? "" : unbroken(adds);
  find("#lens-plain").textContent = hidden() ? "" : unbroken(sentence(reading));
  find("#lens-measured").textContent = hidden() ? "" : measured(finding);
  map.setAttribute("aria-label", `Evidence map for ${finding.subject}. ${reading.plain}. ${adds}`);
  publish();
}

// What the other tabs work on: the film as it was sent (at first the first example), and what is shown of it.
const published = (window.lens ??= new EventTarget());

function publish() {
  const { scene, model, finding } = state;
  Object.assign(published, { scene, model, finding, view: { ...view }, hidden: hidden(), sent: state.shown ?? { index: 0 } });
  published.dispatchEvent(new Event("change"));
}

const hidden = () => !current().gate.chest_film && !state.revealed;
const sentence = (reading) => [reading.plain, reading.caution].filter(Boolean).join(" · ");

// How good such maps are over many films. What was measured is the map of all evidence.
const measured = (finding) => `${finding.measured}${view.reference ? " That was the map of all evidence." : ""}`;

function caption() {
  const what = `${view.gradCam ? "Grad-CAM, " : ""}${view.reference ? "beyond normal, " : ""}`;
  return `${what}log-odds per cell · ${props.scales[view.stretched ? "stretched" : "absolute"]}`;
}

function drawFilm() {
  const { name, picture, width, height, notices, turn, mirror } = state.scene.film;
  const offered = turn || mirror;
  const film = find("#lens-film");
  film.src = picture;
  film.alt = `Chest film ${name}`;
  find("#lens-plate").style.setProperty("--ratio", width / height);
  find("#lens-plate").hidden = false;
  find("#lens-empty").hidden = true;
  find("#lens-about").replaceChildren(name, ...(offered ? notices.slice(0, -1) : notices).map((notice) => make("b", { textContent: ` · ${notice}` })));
  // What a notice suggests is offered where the film is, not at its foot.
  find("#lens-turn").hidden = !offered;
  find("#lens-turn p").textContent = offered ? notices.at(-1) : "";
  find("#lens-turn button").textContent = mirror ? "Mirror it" : "Turn it";
  element.querySelectorAll(".lens-examples button").forEach((button) => {
    button.ariaPressed = button.title === name;
  });
}

// ---- findings

function drawFindings() {
  const own = current().gate.population;
  const groups = find("#lens-groups");
  const names = Object.keys(current().findings);
  const of = (population) => names.filter((name) => checkpoint().findings[name].population === population);
  const others = Object.keys(props.trained_on).filter((population) => population !== own && of(population).length);
  groups.replaceChildren(
    make("h2", { textContent: `Findings in ${props.trained_on[own]}` }),
    axis(),
    make("div", { role: "radiogroup", ariaLabel: "Findings" }, ...of(own).map(findingRow)),
    ...others.map((population) =>
      make(
        "details",
        { open: of(population).includes(state.finding) },
        make(
          "summary",
          {},
          make("span", { textContent: `Findings in ${props.trained_on[population]}` }),
          make("small", { textContent: current().findings[of(population)[0]].mismatch }),
        ),
        make("div", { className: "foreign" }, ...of(population).map(findingRow)),
      ),
    ),
  );
  groups.hidden = hidden();
  find(".lens-key").hidden = hidden();
  groups.classList.toggle("refused", !current().gate.chest_film);
  const refusal = find("#lens-refusal");
  refusal.hidden = current().gate.chest_film;
  refusal.querySelector("p").textContent = props.refusal;
  refusal.querySelector("small").textContent = current().gate.noticed;
  refusal.querySelector("button").hidden = state.revealed;
}

function axis() {
  const marks = MARKS.map((p) => {
    const mark = make("span", { textContent: Math.round(100 * p) });
    mark.style.left = percent(along(p));
    return mark;
  });
  return make("div", { className: "axis", title: "Probability in per cent, spaced by log-odds" }, ...marks);
}

function findingRow(name) {
  const reading = current().findings[name], finding = checkpoint().findings[name];
  const [low, high] = finding.unsure;
  const radio = make("input", { type: "radio", name: "lens-finding", value: name, checked: name === state.finding });
  radio.addEventListener("change", () => choose(name));
  const zone = make("i", { className: "zone" });
  Object.assign(zone.style, { left: percent(along(low)), width: percent(along(high) - along(low)) });
  const fill = make("i", { className: `fill ${reading.strength}` });
  fill.style.width = percent(along(reading.probability));
  const tick = make("i", { className: "tick" });
  tick.style.left = percent(along(finding.operating_point));
  const bar = make("span", { className: "bar" }, zone, fill, tick);
  bar.title = `operating point ${Math.round(100 * finding.operating_point)} % (${finding.promise}), ` +
    `unsure between ${Math.round(100 * low)} % and ${Math.round(100 * high)} %`;
  return make(
    "label",
    { className: "finding" },
    radio,
    make(
      "span",
      { className: "head" },
      make("b", { textContent: finding.label.replace(/\s*\(.*\)$/, "") }),
      make("small", { textContent: props.trained_on[finding.population] }),
      make("output", { textContent: reading.percent }),
    ),
    bar,
    make("span", { className: "plain", textContent: reading.plain }),
    ...[reading.reach, reading.premise].filter(Boolean).map((text) => make("span", { className: "plain reach", textContent: text })),
  );
}

function choose(name) {
  state.finding = name;
  drawMap();
}


// ---- what comes in

function receive() {
  const { error, film, scene, request = 0 } = props.value ?? {};
  if (request !== state.request) return; // another film has been chosen since
  clearTimeout(state.timer);
  find("#lens-busy").hidden = true;
  alarm(error, film);
  if (!scene) return;
  Object.assign(state, { scene, shown: state.sent, revealed: false });
  state.finding = scene.film.finding in current().findings ? scene.film.finding : current().foremost;
  drawFilm();
  drawFindings();
  drawMap();
}

// One sentence about the film that could not be shown; the last film stays, and that is said.
function alarm(sentence, film) {
  const alert = find("#lens-alert");
  const stays = film && state.scene ? [make("small", { textContent: `Still shown: ${state.scene.film.name}` })] : [];
  alert.replaceChildren(...(film ? [make("b", { textContent: film }), " – "] : []), sentence ?? "", ...stays);
  alert.hidden = !sentence;
}

// One request to the server; its answer comes back as props.value with the same number.
function ask(event, data) {
  alarm();
  find("#lens-busy").hidden = false;
  clearTimeout(state.timer);
  state.timer = setTimeout(() => {
    find("#lens-busy").hidden = true;
    alarm("The server did not answer; try again in a moment.");
  }, 60000);
  state.sent = data;
  trigger(event, { ...data, request: ++state.request });
}

function send(file) {
  if (!file) return;
  if (file.size > props.limit) {
    return alarm(`over the size limit of ${props.limit >> 20} MB: send a smaller copy`, file.name);
  }
  const reader = new FileReader();
  reader.onload = () =>
    ask("film", { name: file.name, data: reader.result.slice(reader.result.indexOf(",") + 1), turn: 0, mirror: false });
  reader.onerror = () => alarm("cannot be opened: choose it again", file.name);
  reader.readAsDataURL(file);
}

find("#lens-file").addEventListener("change", (event) => {
  send(event.target.files[0]);
  event.target.value = "";
});
const visible = () => element.offsetParent !== null;
const dragged = (event) => event.dataTransfer.types.includes("Files");
const onPage = {
  paste: (event) => visible() && send(event.clipboardData.files[0]),
  dragover: (event) => {
    if (!dragged(event)) return;
    event.preventDefault();
    element.classList.add("lens-over");
  },
  dragleave: (event) => event.relatedTarget || element.classList.remove("lens-over"),
  drop: (event) => {
    if (!dragged(event)) return;
    event.preventDefault(); // or the browser would open the file in the page's place
    element.classList.remove("lens-over");
    if (!visible()) toExplain();
    send(event.dataTransfer.files[0]);
  },
};
Object.entries(onPage).forEach(([name, listener]) => document.addEventListener(name, listener));

// ---- switches

const switches = {
  "lens-map": (value) => (view.gradCam = value === "grad_cam"),
  "lens-grid": (value) => (view.smooth = value === "smooth"),
  "lens-scale": (value) => (view.stretched = value === "stretched"),
  "lens-reference": (value) => (view.reference = value === "on"),
};
Object.entries(switches).forEach(([name, turn]) =>
  element.querySelectorAll(`[name=${name}]`).forEach((radio) =>
    radio.addEventListener("change", () => {
      turn(radio.value);
      if (state.scene) drawMap();
    }),
  ),
);
find("#lens-opacity").addEventListener("input", (event) => {
  view.opacity = event.target.value / 100;
  find(".lens").style.setProperty("--map-opacity", view.opacity);
  if (state.scene) publish();
});
find("#lens-refusal button").addEventListener("click", () => {
  state.revealed = true;
  drawFindings();
  drawMap();
});

// The server turns the file as it was sent, then mirrors it; so a turn of what is shown mirrored goes the other way.
find("#lens-turn button").addEventListener("click", () => {
  const { turn, mirror } = state.scene.film;
  ask("film", {
    ...state.shown,
    turn: (state.shown.turn + (state.shown.mirror ? 360 - turn : turn)) % 360,
    mirror: state.shown.mirror !== mirror,
  });
});

find("#lens-models").append(
  ...models.map(([name, model]) => {
    const radio = make("input", { type: "radio", name: "lens-model", value: name, checked: name === state.model });
    radio.addEventListener("change", () => {
      state.model = name;
      if (!state.scene) return;
      if (!(state.finding in current().findings)) state.finding = current().foremost;
      drawFindings();
      drawMap();
    });
    const words = make("span", {}, make("b", { textContent: model.title }), make("small", { textContent: model.description }));
    return make("label", {}, radio, words);
  }),
);

find("#lens-gallery").hidden = !props.examples.length;
find(".lens-examples").append(
  ...props.examples.map(({ title, picture }, index) => {
    const image = make("img", { src: picture, alt: "" });
    const button = make("button", { type: "button", title }, image, make("span", { textContent: title }));
    button.addEventListener("click", () => ask("example", { index }));
    return button;
  }),
);

// ---- downloads

const stem = () => state.scene.film.name.replace(/\.[^.]+$/, "");
const downloads = {
  json: () => save(`${stem()}.${state.model}.json`, "application/json", [current().files.json]),
  csv: () => save(`${stem()}.${state.model}.evidence.csv`, "text/csv", [current().files.csv]),
  npz: () => save(`${stem()}.${state.model}.evidence.npz`, "application/octet-stream", [bytes(current().files.npz)]),
  png: async () => {
    const reading = current().findings[state.finding], finding = checkpoint().findings[state.finding];
    const empty = find(".lens-bar").hidden;
    const picture = await drawFigure({
      film: find("#lens-film"),
      map: empty ? null : find("#lens-map"),
      bar: empty ? null : find("#lens-bar"),
      ticks: tickLabels(spanOf(shownValues(), view, props.span), view),
      opacity: view.opacity,
      caption: empty ? find("#lens-state").textContent : caption(),
      lines: [
        finding.label,
        reading.adds_up[Number(view.reference)],
        ...(current().gate.chest_film ? [reading.plain, reading.caution] : [props.refusal]),
        `CXR Lens · model ${state.model} ${checkpoint().version} · ${props.not_a_device}`,
      ].filter(Boolean),
    });
    save(`${stem()}.${state.model}.${state.finding}.png`, "image/png", [picture]);
  },
};
element.querySelectorAll("[data-save]").forEach((button) =>
  button.addEventListener("click", () => state.scene && downloads[button.dataset.save]()),
);

watch("value", receive);
receive();
