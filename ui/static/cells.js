// The cells of the model's grid on a film, to be marked: by click or drag, or with arrow keys and space.

// Where the lines between cells lie on the film, as fractions of it; the outermost cells reach to its edge.
function lines(start, end, count) {
  const line = Array.from({ length: count + 1 }, (_, i) =>
    Math.min(Math.max(start + ((end - start) * i) / count, 0), 1),
  );
  if (start > 0) line[0] = 0;
  if (end < 1) line[count] = 1;
  return line;
}

// An element to lay over the film; `changed` is called with the marked cells, [[row, column], …], whenever they change.
function cellGrid([x0, y0, x1, y1], [rows, columns], changed) {
  const across = lines(x0, x1, columns),
    down = lines(y0, y1, rows);
  const buttons = new Map();
  const key = (row, column) => row * columns + column;
  const grid = make("div", { className: "lab-cells" });
  grid.setAttribute("role", "group");
  grid.setAttribute("aria-label", "Cells of the film: arrow keys move, space marks, shift and arrow mark on the way");
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const width = across[column + 1] - across[column],
        height = down[row + 1] - down[row];
      if (width <= 0 || height <= 0) continue; // beside the film
      const cell = make("button", { type: "button", tabIndex: -1, ariaPressed: "false" });
      cell.ariaLabel = `row ${row + 1}, column ${column + 1}`;
      Object.assign(cell.dataset, { row, column });
      Object.assign(cell.style, {
        left: percentOf(across[column]),
        top: percentOf(down[row]),
        width: percentOf(width),
        height: percentOf(height),
      });
      buttons.set(key(row, column), cell);
      grid.append(cell);
    }
  }
  const all = [...buttons.values()];
  const place = (cell) => [Number(cell.dataset.row), Number(cell.dataset.column)];
  const isMarked = (cell) => cell.ariaPressed === "true";
  const mark = (cells, on) => {
    cells.forEach((cell) => (cell.ariaPressed = String(on)));
    changed(all.filter(isMarked).map(place));
  };
  const between = (one, other) => {
    const [rowsBetween, columnsBetween] = [0, 1].map((axis) =>
      [place(one)[axis], place(other)[axis]].sort((a, b) => a - b),
    );
    const within = (value, [low, high]) => value >= low && value <= high;
    return all.filter((cell) => within(place(cell)[0], rowsBetween) && within(place(cell)[1], columnsBetween));
  };

  // One cell can be tabbed to; arrows go on from there.
  let focused = buttons.get(key(rows >> 1, columns >> 1)) ?? all[0];
  focused.tabIndex = 0;
  const focus = (cell) => {
    focused.tabIndex = -1;
    focused = cell;
    cell.tabIndex = 0;
    cell.focus();
  };
  const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  grid.addEventListener("keydown", (event) => {
    const step = steps[event.key];
    if (!step) return;
    event.preventDefault();
    const [row, column] = place(focused);
    const next = buttons.get(key(row + step[0], column + step[1]));
    // A column past the last would be the next row's first.
    if (!next || place(next)[0] !== row + step[0]) return;
    if (event.shiftKey) mark([focused, next], true);
    focus(next);
  });
  // Space, Enter and screen readers click without a pointer.
  grid.addEventListener("click", (event) => event.detail === 0 && mark([event.target], !isMarked(event.target)));

  let start = null,
    end = null;
  const under = (event) => {
    const box = grid.getBoundingClientRect();
    const at = (value, line) =>
      Math.max(
        line.findLastIndex((edge) => edge <= Math.min(Math.max(value, 0), 0.9999)),
        0,
      );
    return buttons.get(
      key(
        Math.min(at((event.clientY - box.top) / box.height, down), rows - 1),
        Math.min(at((event.clientX - box.left) / box.width, across), columns - 1),
      ),
    );
  };
  const preview = (cells) => all.forEach((cell) => cell.classList.toggle("drawn", cells.includes(cell)));
  grid.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    event.preventDefault();
    start = end = under(event);
    if (!start) return;
    focus(start);
    grid.setPointerCapture(event.pointerId);
    preview([start]);
  });
  grid.addEventListener("pointermove", (event) => {
    if (!start) return;
    end = under(event) ?? end;
    preview(between(start, end));
  });
  const finish = (apply) => () => {
    if (!start) return;
    preview([]);
    if (apply) mark(between(start, end), !isMarked(start));
    start = null;
  };
  grid.addEventListener("pointerup", finish(true));
  grid.addEventListener("pointercancel", finish(false));
  return { node: grid, clear: () => mark(all, false) };
}

const percentOf = (share) => `${100 * share}%`;

// A region made of cells, outlined: an SVG to lay over the film.
function outline([x0, y0, x1, y1], [rows, columns], cells) {
  const across = lines(x0, x1, columns),
    down = lines(y0, y1, rows);
  const inside = new Set(cells.map(([row, column]) => row * columns + column));
  const has = (row, column) => column >= 0 && column < columns && inside.has(row * columns + column);
  const path = cells.flatMap(([row, column]) => {
    const [left, right, top, bottom] = [across[column], across[column + 1], down[row], down[row + 1]].map(
      (v) => 100 * v,
    );
    return [
      !has(row - 1, column) && `M${left} ${top}H${right}`,
      !has(row + 1, column) && `M${left} ${bottom}H${right}`,
      !has(row, column - 1) && `M${left} ${top}V${bottom}`,
      !has(row, column + 1) && `M${right} ${top}V${bottom}`,
    ].filter(Boolean);
  });
  const shape = svg("svg", {
    class: "lab-outline",
    viewBox: "0 0 100 100",
    preserveAspectRatio: "none",
    "aria-hidden": "true",
  });
  shape.append(...["casing", "line"].map((name) => svg("path", { d: path.join(""), class: name })));
  return shape;
}
