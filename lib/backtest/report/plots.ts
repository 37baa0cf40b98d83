// The plots of the page: lines that uPlot draws, bars and points as SVG. Each has a text for those who do not see it;
// the tables with the figures are the page's.

export interface Line {
  readonly name: string;
  readonly values: readonly number[];
  readonly isDashed?: boolean;
}

export const palette = ['#2563eb', '#d97706', '#059669', '#9333ea', '#dc2626', '#0891b2', '#65a30d', '#be185d'];

/** Width of a letter of a name, at most. */
const letter = 7;
const wide = { width: 860, height: 260, left: 58, right: 12, top: 10, bottom: 34 };

export function escaped(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
}

/** Three digits are what a plot can show; sums of many changes leave a rest where there is nothing. */
function rounded(value: number): number {
  return Math.abs(value) < 1e-9 ? 0 : Number(value.toPrecision(3));
}

export function short(value: number): string {
  return Math.abs(value) >= 1_000 ? value.toFixed(0) : String(rounded(value));
}

export function colourOf(at: number): string {
  return palette[at % palette.length] ?? '#2563eb';
}

/** Of the lines of a plot: what is across, from the first value to the last, `step` apart. */
export interface Across {
  readonly first: number;
  readonly step: number;
  readonly unit: string;
}

/** Lines that uPlot draws in the browser, with a reading at the pointer (script.ts). */
export function linePlot(title: string, unit: string, across: Across, lines: readonly Line[]): string {
  const drawn = lines.map(({ name, values, isDashed = false }, at) => ({
    name,
    values: values.map(rounded),
    isDashed,
    colour: colourOf(at),
  }));
  return (
    `<figure class="plot" data-plot="${escaped(JSON.stringify({ ...across, lines: drawn }))}">`
    + `<figcaption>${escaped(title)}, ${escaped(unit)}</figcaption>`
    + `<div class="chart" role="img" aria-label="${escaped(title)}"></div></figure>`
  );
}

function legend(names: readonly string[]): string {
  const items = names.map((name, at) => `<span><i style="background:${colourOf(at)}"></i>${escaped(name)}</span>`);
  return `<p class="legend">${items.join(' ')}</p>`;
}

export interface Bar {
  readonly name: string;
  readonly parts: readonly { readonly name: string; readonly value: number }[];
}

/** Names of bars have as much room as they need, up to this. */
const barNameMax = 400;

/** Stacked bars, one below the other; all have the same parts. */
export function barPlot(title: string, unit: string, bars: readonly Bar[]): string {
  const rowHeight = 30;
  const longest = Math.max(0, ...bars.map((bar) => bar.name.length));
  const left = Math.min(barNameMax, Math.max(150, letter * longest + 16));
  const [width, right] = [wide.width, 70];
  const height = bars.length * rowHeight + 8;
  const totalOf = (bar: Bar): number => bar.parts.reduce((sum, part) => sum + part.value, 0);
  const most = Math.max(1e-9, ...bars.map(totalOf));
  const scale = (width - left - right) / most;
  const rows = bars.map((bar, row) => {
    let from = left;
    const parts = bar.parts.map((part, at) => {
      const length = Math.max(0, part.value * scale);
      const rect =
        `<rect x="${from.toFixed(1)}" y="${String(row * rowHeight + 6)}" width="${length.toFixed(1)}" height="20" `
        + `fill="${colourOf(at)}"><title>`
        + `${escaped(`${bar.name}, ${part.name}: ${short(part.value)} ${unit}`)}</title></rect>`;
      from += length;
      return rect;
    });
    const atY = String(row * rowHeight + 20);
    return (
      `<text x="${String(left - 8)}" y="${atY}" text-anchor="end">${escaped(bar.name)}</text>${parts.join('')}`
      + `<text x="${(from + 6).toFixed(1)}" y="${atY}">${short(totalOf(bar))}</text>`
    );
  });
  const names = (bars[0]?.parts ?? []).map((part) => part.name);
  return (
    `<figure class="plot"><figcaption>${escaped(title)}, ${escaped(unit)}</figcaption>`
    + `<svg viewBox="0 0 ${String(width)} ${String(height)}" role="img" aria-label="${escaped(title)}">`
    + `${rows.join('')}</svg>${legend(names)}</figure>`
  );
}

export interface Point {
  readonly name: string;
  readonly x: number;
  readonly y: number;
}

/** Beside its point, on the left where the right has no room, and above labels that are there, while there is room. */
function labelsOf(points: readonly Point[]): readonly string[] {
  const line = 13;
  const taken: { readonly from: number; readonly to: number; readonly y: number }[] = [];
  return points.map(({ name, x, y }) => {
    const length = letter * name.length;
    const isLeft = x + 9 + length > wide.width;
    const from = isLeft ? x - 9 - length : x + 9;
    const isTaken = (atY: number): boolean =>
      taken.some((one) => one.from < from + length && from < one.to && Math.abs(one.y - atY) < line);
    let atY = y + 4;
    while (isTaken(atY) && atY - line >= line) atY -= line;
    taken.push({ from, to: from + length, y: atY });
    const at = `x="${(isLeft ? x - 9 : x + 9).toFixed(1)}" y="${atY.toFixed(1)}"${isLeft ? ' text-anchor="end"' : ''}`;
    return `<text ${at}>${escaped(name)}</text>`;
  });
}

export function pointPlot(title: string, xName: string, yName: string, points: readonly Point[]): string {
  const { width, height, left, right, top, bottom } = wide;
  const mostX = 1.1 * Math.max(1e-9, ...points.map((one) => one.x));
  const mostY = 1.1 * Math.max(1e-9, ...points.map((one) => one.y));
  const x = (value: number): number => left + ((width - left - right) * value) / mostX;
  const y = (value: number): number => height - bottom - ((height - top - bottom) * value) / mostY;
  const labels = labelsOf(points.map((one) => ({ name: one.name, x: x(one.x), y: y(one.y) })));
  const marks = points.map(
    (one, at) =>
      `<circle cx="${x(one.x).toFixed(1)}" cy="${y(one.y).toFixed(1)}" r="6" fill="${colourOf(at)}"><title>`
      + `${escaped(`${one.name}: ${short(one.x)} ${xName}, ${short(one.y)} ${yName}`)}</title></circle>`
      + (labels[at] ?? ''),
  );
  const axes = [0, 0.5, 1].flatMap((share) => [
    `<text x="${x((share * mostX) / 1.1).toFixed(1)}" y="${String(height - bottom + 18)}" text-anchor="middle">`
      + `${short((share * mostX) / 1.1)}</text>`,
    `<text x="${String(left - 6)}" y="${(y((share * mostY) / 1.1) + 4).toFixed(1)}" text-anchor="end">`
      + `${short((share * mostY) / 1.1)}</text>`,
  ]);
  const frame =
    `<line class="grid" x1="${String(left)}" x2="${String(width - right)}" y1="${String(height - bottom)}" `
    + `y2="${String(height - bottom)}"/><line class="grid" x1="${String(left)}" x2="${String(left)}" `
    + `y1="${String(top)}" `
    + `y2="${String(height - bottom)}"/>`;
  return (
    `<figure class="plot"><figcaption>${escaped(title)}: ${escaped(yName)} against ${escaped(xName)}</figcaption>`
    + `<svg viewBox="0 0 ${String(width)} ${String(height)}" role="img" aria-label="${escaped(title)}">`
    + `${frame}${axes.join('')}${marks.join('')}</svg></figure>`
  );
}
