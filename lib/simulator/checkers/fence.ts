// When a silent agent has stopped its tasks for sure: the promise that re-queueing relies on, as the machine itself knows it.
import type { Machine } from '../machine.ts';

/** The agent is there, awake, and still within the time that its last contact gave it: its tasks are its own. */
export function keepsItsTasks(machine: Machine, nowMs: number): boolean {
  return machine.isSupervised && machine.lastContactMs !== null && nowMs < machine.lastContactMs + machine.fenceMs;
}
