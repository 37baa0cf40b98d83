// The live view: a few lines that redraw themselves on a terminal, a plain line now and then elsewhere.
import type { NodeView } from '../../api/schemas/pools.ts';
import type { StatsView } from '../../api/schemas/figures/stats.ts';

export interface Screen {
  readonly isTerminal: boolean;
  readonly columns: () => number;
  write(text: string): void;
}

export interface Moment {
  /** What the scenario itself says, e.g. its time of day. */
  readonly title: string;
  readonly submitted: number;
  readonly ended: number;
  readonly stats: StatsView;
  readonly nodes: readonly NodeView[];
}

const plainEveryMs = 3_000;
const nodeLinesMax = 12;

export class LiveView {
  readonly #screen: Screen;
  #drawnLines = 0;
  #plainAtMs = -Infinity;

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  show(moment: Moment, nowMs: number): void {
    if (this.#screen.isTerminal) {
      this.#draw([headline(moment), ...nodeLines(moment.nodes)]);
    } else if (nowMs - this.#plainAtMs >= plainEveryMs) {
      this.#plainAtMs = nowMs;
      this.#screen.write(`${headline(moment)}\n`);
    }
  }

  /** A line that stays. */
  say(text: string): void {
    this.clear();
    this.#screen.write(`${text}\n`);
  }

  clear(): void {
    if (this.#drawnLines > 0) this.#screen.write(`\u001b[${String(this.#drawnLines)}A\u001b[J`);
    this.#drawnLines = 0;
  }

  #draw(lines: readonly string[]): void {
    const width = Math.max(20, this.#screen.columns() - 1);
    this.clear();
    this.#screen.write(lines.map((line) => `${line.slice(0, width)}\n`).join(''));
    this.#drawnLines = lines.length;
  }
}

export function headline({ title, submitted, ended, stats, nodes }: Moment): string {
  const vcpu = nodes.reduce((sum, node) => sum + node.allocatable.vcpu, 0);
  const tasks = nodes.reduce((sum, node) => sum + node.tasks, 0);
  return [
    title.padEnd(11),
    `nodes ${String(nodes.length).padStart(2)} (${vcpu.toFixed(0).padStart(2)} vCPU)`,
    `tasks on nodes ${String(tasks).padStart(3)}`,
    `requests ${String(ended).padStart(3)} of ${String(submitted).padStart(3)} ended`,
    `${stats.usdPerHour.toFixed(4)} USD/h`,
    `spent ${stats.spentUsd.toFixed(6)} USD`,
  ].join('  ');
}

function nodeLines(nodes: readonly NodeView[]): string[] {
  const lines = nodes.slice(0, nodeLinesMax).map((node) => {
    const share = node.allocatable.vcpu === 0 ? 0 : node.used.vcpu / node.allocatable.vcpu;
    const bar = '█'.repeat(Math.round(share * 20)).padEnd(20, '·');
    return (
      `  ${node.id.slice(0, 12)}  ${node.instanceType.padEnd(14)} ${node.capacityType.padEnd(9)} `
      + `${node.state.padEnd(11)} ${bar} ${String(node.tasks).padStart(2)} tasks`
    );
  });
  if (nodes.length > nodeLinesMax) lines.push(`  … and ${String(nodes.length - nodeLinesMax)} more`);
  return lines;
}
