// What Explain shows, for the tabs that work on it: the film, model and finding, and the film with maps over it.
// Given by gr.HTML: element, props.

const lens = (window.lens ??= new EventTarget());
const ready = () => Boolean(lens.scene) && !lens.hidden;
const checkpoint = () => props.models[lens.model];
const extent = () => lens.scene.models[lens.model].extent;
const gate = () => lens.scene.models[lens.model].gate;
const reading = () => lens.scene.models[lens.model].findings[lens.finding];

// A map of cell values, described by words, for plateOf().
function mapOf(values, span, view, words) {
  const { width, height } = lens.scene.film;
  const shrink = Math.min(1, 512 / Math.max(width, height));
  const size = { width: Math.round(width * shrink), height: Math.round(height * shrink) };
  const map = make("canvas", { role: "img" });
  map.setAttribute("aria-label", words);
  paintMap(map, values, checkpoint().cells, extent(), size, view, span, 512);
  return map;
}

// The film, or another picture of its shape, with something over it.
function plateOf(over = [], picture = lens.scene.film.picture) {
  const { width, height, name } = lens.scene.film;
  const plate = make(
    "div",
    { className: "lens-plate" },
    make("img", { src: picture, alt: `Chest film ${name}`, draggable: false }),
    ...over,
  );
  plate.style.setProperty("--ratio", width / height);
  return make("div", { className: "lab-stage" }, plate);
}

// What the side says of them, and what stands in their place where there is nothing to work on.
function drawSubject(prefix, what) {
  const empty = find(`#${prefix}-empty`);
  empty.hidden = ready();
  empty.textContent = lens.hidden
    ? `${props.refusal} To ${what.verb} all the same, show the numbers in Explain first.`
    : `Choose a film in Explain first: ${what.here}.`;
  if (!ready()) return;
  find(`#${prefix}-finding`).textContent = `${checkpoint().findings[lens.finding].label}: ${reading().percent}`;
  find(`#${prefix}-model`).textContent = `Model: ${checkpoint().title}`;
  find(`#${prefix}-film`).textContent = lens.scene.film.name;
  // What Explain says beside the numbers holds here, too.
  const { caution } = reading();
  const cautions = [
    gate().chest_film ? "" : props.refusal,
    caution && `${caution[0].toUpperCase()}${caution.slice(1)}.`,
    lens.view.reference ? "Here, the map of all evidence: what goes beyond normal is for Explain alone." : "",
  ].filter(Boolean);
  find(`#${prefix}-caution`).hidden = !cautions.length;
  find(`#${prefix}-caution`).textContent = unbroken(cautions.join(" "));
}
