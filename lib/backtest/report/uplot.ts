// uPlot as it stands in the page, and what draws the page's lines with it.
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

/** The files of the library, and where: in a package beside the program (scripts/pack.ts), else installed. */
export const uplotFiles = { script: 'uPlot.iife.min.js', style: 'uPlot.min.css' } as const;

export function uplotFile(name: string): string {
  const packed = new URL(`./${name}`, import.meta.url);
  return existsSync(packed)
    ? readFileSync(packed, 'utf8')
    : readFileSync(createRequire(import.meta.url).resolve(join('uplot/dist', name)), 'utf8');
}

/** Draws each `data-plot` again where the screen's width or its colours change. */
export const drawing = `
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const shown = (value, unit) => (value == null ? '-' : Number(value.toPrecision(4)) + (unit ? ' ' + unit : ''));
const drawn = [];
function draw() {
  for (const chart of drawn.splice(0)) chart.destroy();
  for (const figure of document.querySelectorAll('[data-plot]')) {
    const { first, step, unit, lines } = JSON.parse(figure.dataset.plot);
    const place = figure.querySelector('.chart');
    const axis = { stroke: colour('--soft'), grid: { stroke: colour('--line') }, ticks: { stroke: colour('--line') } };
    const across = lines[0].values.map((_, at) => first + at * step);
    drawn.push(new uPlot({
      width: Math.max(280, place.clientWidth),
      height: 260,
      scales: { x: { time: false } },
      axes: [{ ...axis, values: (_, ticks) => ticks.map((at) => shown(at, unit)) }, { ...axis, size: 64 }],
      series: [
        { label: unit, value: (_, at) => shown(at, unit) },
        ...lines.map((line) => ({
          label: line.name,
          stroke: line.colour,
          width: 1.6,
          dash: line.isDashed ? [5, 4] : undefined,
          points: { show: false },
          value: (_, value) => shown(value),
        })),
      ],
    }, [across, ...lines.map((line) => line.values)], place));
  }
}
draw();
let width = innerWidth;
addEventListener('resize', () => {
  if (width !== innerWidth) draw();
  width = innerWidth;
});
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
`;
