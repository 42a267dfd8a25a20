// Downloads are made in the browser from what it already has: the server keeps nothing to make them from.

function save(name, type, parts) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob(parts, { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

// Film, overlay, colour bar and the lines that say what the picture is: as the page shows them.
function drawFigure({ film, map, bar, ticks, opacity, caption, lines }) {
  const margin = 24, legend = 166 + 30 * (lines.length - 2), side = 1024;
  const scale = side / Math.max(film.naturalWidth, film.naturalHeight);
  const width = Math.round(film.naturalWidth * scale), height = Math.round(film.naturalHeight * scale);
  const canvas = Object.assign(document.createElement("canvas"), { width: side, height: height + legend });
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#111418";
  pen.fillRect(0, 0, side, height + legend);
  const left = (side - width) / 2;
  pen.drawImage(film, left, 0, width, height);
  pen.globalAlpha = opacity;
  if (map) pen.drawImage(map, left, 0, width, height);
  pen.globalAlpha = 1;

  const write = (text, x, y, size, colour, align = "left", weight = 400) => {
    pen.font = `${weight} ${size}px system-ui, sans-serif`;
    pen.fillStyle = colour;
    pen.textAlign = align;
    pen.fillText(text, x, height + y, side - 2 * margin);
  };
  const ink = "#ebeef2", muted = "#a0a8b2", length = side - 2 * margin;
  if (bar) {
    pen.fillStyle = "#606060";
    pen.fillRect(margin, height + 18, length, 18);
    pen.globalAlpha = opacity;
    pen.drawImage(bar, margin, height + 18, length, 18);
    pen.globalAlpha = 1;
    ticks.forEach((text, i) => {
      const align = i === 0 ? "left" : i === ticks.length - 1 ? "right" : "center";
      write(text, margin + (length * i) / (ticks.length - 1), 56, 15, ink, align);
    });
  }
  write(caption, margin, 80, 15, muted);
  write(lines[0], margin, 114, 22, ink, "left", 600);
  write(lines[1], margin, 146, 20, ink);
  lines.slice(2).forEach((line, i) => write(line, margin, 174 + 30 * i, 16, muted));
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}
