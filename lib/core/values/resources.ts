// What a task needs and what a node offers, in whole units, so that sums are exact.

/** vCPU in thousandths, memory in MiB, GPUs in whole devices. All are integers >= 0. */
export interface Resources {
  readonly cpuMilli: number;
  readonly memoryMib: number;
  readonly gpu: number;
}

export const noResources: Resources = { cpuMilli: 0, memoryMib: 0, gpu: 0 };

export function addResources(a: Resources, b: Resources): Resources {
  return { cpuMilli: a.cpuMilli + b.cpuMilli, memoryMib: a.memoryMib + b.memoryMib, gpu: a.gpu + b.gpu };
}

export function timesResources({ cpuMilli, memoryMib, gpu }: Resources, count: number): Resources {
  return { cpuMilli: cpuMilli * count, memoryMib: memoryMib * count, gpu: gpu * count };
}

export function subtractResources(a: Resources, b: Resources): Resources {
  return { cpuMilli: a.cpuMilli - b.cpuMilli, memoryMib: a.memoryMib - b.memoryMib, gpu: a.gpu - b.gpu };
}

export function sumResources(all: Iterable<Resources>): Resources {
  let [cpuMilli, memoryMib, gpu] = [0, 0, 0];
  for (const one of all) {
    cpuMilli += one.cpuMilli;
    memoryMib += one.memoryMib;
    gpu += one.gpu;
  }
  return { cpuMilli, memoryMib, gpu };
}

/** True when `need` fits into `free` in every dimension. */
export function fits(need: Resources, free: Resources): boolean {
  return need.cpuMilli <= free.cpuMilli && need.memoryMib <= free.memoryMib && need.gpu <= free.gpu;
}

/** How many tasks of that size have room at once, of at most so many. */
export function tasksOn(size: Resources, free: Resources, tasksMax: number): number {
  let tasks = Math.max(0, tasksMax);
  for (const key of ['cpuMilli', 'memoryMib', 'gpu'] as const)
    if (size[key] > 0) tasks = Math.min(tasks, Math.floor(free[key] / size[key]));
  return tasks;
}
