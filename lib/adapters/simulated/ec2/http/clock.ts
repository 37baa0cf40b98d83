// The time of the simulation: the machine's, faster or slower than it, or standing still until it is stepped.

export type ClockMode = 'real' | 'scaled' | 'stepped';

export class SimulationClock {
  private readonly machine: () => number;
  private mode: ClockMode = 'real';
  private factor = 1;
  /** Simulated and machine time of the last change of mode. */
  private anchorMs: number;
  private machineAnchorMs: number;

  constructor(machine: () => number = Date.now) {
    this.machine = machine;
    this.machineAnchorMs = machine();
    this.anchorMs = this.machineAnchorMs;
  }

  nowMs(): number {
    if (this.mode === 'stepped') return this.anchorMs;
    return Math.round(this.anchorMs + (this.machine() - this.machineAnchorMs) * this.factor);
  }

  /** Simulated time goes on from where it is: it never goes back. */
  set(mode: ClockMode, factor = 1): void {
    this.anchorMs = this.nowMs();
    this.machineAnchorMs = this.machine();
    this.mode = mode;
    this.factor = mode === 'scaled' ? factor : 1;
  }

  step(ms: number): void {
    this.anchorMs += ms;
  }

  /** Goes on from a stored time, where that is later than the machine's. */
  notBefore(ms: number): void {
    if (ms > this.nowMs()) this.anchorMs += ms - this.nowMs();
  }

  /** How long the machine takes until then; null: it has to be stepped. */
  machineMsUntil(atMs: number): number | null {
    return this.mode === 'stepped' ? null : Math.max(0, (atMs - this.nowMs()) / this.factor);
  }

  get state(): { readonly mode: ClockMode; readonly factor: number; readonly nowMs: number } {
    return { mode: this.mode, factor: this.factor, nowMs: this.nowMs() };
  }
}
