// When a silent agent has stopped its tasks for sure: the promise that re-queueing relies on, as the
// machine itself knows it.
import type { Machine } from '../../processes/machine.ts';

/**
 * The agent is there, running, not stopping what it could not stop in time, and within the time that its
 * last contact gave it.
 */
export function keepsItsTasks(machine: Machine, nowMs: number): boolean {
  return (
    machine.isSupervised
    && nowMs >= machine.stoppingUntilMs
    && machine.lastContactMs !== null
    && nowMs < machine.lastContactMs + machine.fenceMs
  );
}
