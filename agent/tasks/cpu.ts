// How much CPU a task gets: never more than it asked for, nor than the node has; where all want more than there is
// (the agent and the system need some, too), each in proportion to what it asked for.
import { availableParallelism } from 'node:os';

/** As cgroup v2 and systemd take them: whole numbers from 1 to 10,000, here for the whole node. */
const weightMax = 10_000;
/**
 * As container engines take them: from 2 to 262,144. 1,024 per vCPU is what a container has by default, and leaves the
 * agent, which stands beside the containers, a weight of about two vCPUs. Beyond 256 vCPUs all weigh the same.
 */
const sharesPerVcpu = 1_024;
const sharesMin = 2;
const sharesMax = 262_144;

export interface CpuLimits {
  /** Thousandths of a vCPU, at least 1. */
  readonly quotaMilli: number;
  readonly weight: number;
  readonly shares: number;
}

/** @param nodeMilli thousandths of a vCPU that the node has */
export function cpuLimitsOf(cpuMilli: number, nodeMilli: number = availableParallelism() * 1_000): CpuLimits {
  const inRange = (value: number, least: number, most: number): number =>
    Math.min(most, Math.max(least, Math.round(value)));
  return {
    quotaMilli: inRange(cpuMilli, 1, nodeMilli),
    weight: inRange((cpuMilli * weightMax) / nodeMilli, 1, weightMax),
    shares: inRange((cpuMilli * sharesPerVcpu) / 1_000, sharesMin, sharesMax),
  };
}
