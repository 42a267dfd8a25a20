// The map in the browser: the rule of xai/overlay.py, so that every switch on the page is instant. A browser test
// compares the two pixel by pixel.

const STEPS = 255;

function bytes(base64) {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

function floats(base64) {
  return new Float32Array(bytes(base64).buffer);
}

// Log-odds per cell as a view shows them.
function cellValues(evidence, reference, view) {
  return Float64Array.from(evidence, (value, i) => {
    const shown = view.reference ? Math.fround(value - reference[i]) : value;
    return view.gradCam ? Math.max(shown, 0) : shown;
  });
}

function spanOf(values, view, absolute) {
  return view.stretched ? values.reduce((most, value) => Math.max(most, Math.abs(value)), 0) : absolute;
}

// Along one axis, for each pixel: the two cells that it lies between and the second one's weight; null outside.
function weights(pixels, start, end, cells, smooth) {
  return Array.from({ length: pixels }, (_, pixel) => {
    const position = (((pixel + 0.5) / pixels - start) / (end - start)) * cells;
    if (position < 0 || position >= cells) return null;
    if (!smooth) return [Math.floor(position), Math.floor(position), 0];
    const centre = Math.min(Math.max(position - 0.5, 0), cells - 1);
    const first = Math.floor(centre);
    return [first, Math.min(first + 1, cells - 1), centre - first];
  });
}

// Where a value lies in a colour table.
function entry(value, span) {
  const strength = span > 0 ? Math.min(Math.max(value / span, -1), 1) : 0;
  return Math.floor(strength * STEPS + 0.5) + STEPS;
}

// An ImageData of the overlay: values (rows × columns), extent [x0, y0, x1, y1] in fractions of the film, and a colour
// table with one RGBA entry per 32-bit word.
function renderOverlay(values, [rows, columns], extent, height, width, view, span, table) {
  const image = new ImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer);
  const across = weights(width, extent[0], extent[2], columns, view.smooth);
  const down = weights(height, extent[1], extent[3], rows, view.smooth);
  const line = new Float64Array(columns);
  for (let y = 0; y < height; y++) {
    if (!down[y]) continue;
    const [above, below, share] = down[y];
    for (let j = 0; j < columns; j++) {
      line[j] = values[above * columns + j] * (1 - share) + values[below * columns + j] * share;
    }
    for (let x = 0; x < width; x++) {
      if (!across[x]) continue;
      const [left, right, part] = across[x];
      pixels[y * width + x] = table[entry(line[left] * (1 - part) + line[right] * part, span)];
    }
  }
  return image;
}

// A one-pixel-high colour bar.
function renderBar(width, span, view, table) {
  const image = new ImageData(width, 1);
  const pixels = new Uint32Array(image.data.buffer);
  for (let x = 0; x < width; x++) {
    const place = x / (width - 1);
    pixels[x] = table[entry(span * (view.gradCam ? place : 2 * place - 1), span)];
  }
  return image;
}

// Marks of the colour bar, from left to right.
function tickLabels(span, view) {
  const values = view.gradCam ? [0, span / 2, span] : [-span, -span / 2, 0, span / 2, span];
  return values.map(signedFigure);
}

function signedFigure(value) {
  const digits = String(Number(Math.abs(value).toPrecision(2)));
  return value > 0 ? `+${digits}` : value < 0 ? `−${digits}` : "0";
}
