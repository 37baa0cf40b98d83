// Starts the control plane in a process of a run: the real use cases on ports that meet the run's faults.
import { createControl, createMetrics } from '../../control/index.ts';
import type { ControlPorts, ControlSettings } from '../../control/ports.ts';
import { unlistedMessage } from '../../control/store/copy/catch-up.ts';
import { compactLoadedMessage, compactUnusedMessage } from '../../control/store/copy/pool-copies.ts';
import { culpritMessage, setAsideMessage } from '../../control/tick/set-aside.ts';
import { allocate } from '../../core/allocation/index.ts';
import { instanceType } from '../../core/catalog/index.ts';
import type { Bells } from '../../ports/bells.ts';
import type { WakeBus } from '../../ports/bus.ts';
import type { Log } from '../../ports/log.ts';
import { cloudOf } from '../processes/cloud-port.ts';
import { cloudWatchOf } from '../processes/cloudwatch.ts';
import { compactCopiesOf } from '../processes/compact-copies.ts';
import type { UseCases } from '../processes/controllers.ts';
import { portsOf } from '../processes/ports.ts';
import { targetGroupsOf } from '../processes/target-groups.ts';
import type { Process } from '../processes/process.ts';
import { asRandomPort } from '../random.ts';
import type { DrawnRun } from './draw-run.ts';
import { plainAllocate } from './plain-allocation.ts';
import type { RunOptions, RunPorts, Tampering } from './types.ts';
import type { Foundation } from './wiring.ts';

/** Worth a line in the trace. */
const ofCopies: ReadonlySet<string> = new Set([compactLoadedMessage, compactUnusedMessage]);

/** What a control plane's ports reach beside the store and the cloud. */
interface Surroundings {
  readonly bus: WakeBus;
  readonly bells: Bells;
  readonly onCloudCall: () => void;
}

export class ControlStarter {
  readonly #options: RunOptions;
  readonly #drawn: DrawnRun;
  readonly #foundation: Foundation;
  readonly #surroundings: Surroundings;
  #templateVersion = 1;

  constructor(options: RunOptions, drawn: DrawnRun, foundation: Foundation, surroundings: Surroundings) {
    this.#options = options;
    this.#drawn = drawn;
    this.#foundation = foundation;
    this.#surroundings = surroundings;
  }

  /** From now on new processes run another version of the program. */
  newTemplate(): void {
    this.#templateVersion += 1;
  }

  start(process: Process): UseCases {
    const settings = { ...this.#drawn.settings, templateVersion: `v${String(this.#templateVersion)}` };
    return startControl(this.#portsOf(process), settings, this.#options.tampering);
  }

  #portsOf(process: Process): RunPorts {
    const { truth, prices } = this.#foundation;
    const offerings = prices.catalogOf(process.clock);
    const { streams, allocation, hasBells } = this.#drawn;
    const { bus, bells, onCloudCall } = this.#surroundings;
    const events: ControlPorts['events'] = {
      publish: async (all) => {
        for (const event of all) truth.tell((watcher) => watcher.published?.(event));
      },
    };
    return {
      ...portsOf(process, { ...this.#foundation, bus, bells, hasBells, events }),
      targetGroups: targetGroupsOf(process, this.#foundation),
      cloudWatch: cloudWatchOf(process, this.#foundation),
      compactCopies: compactCopiesOf(process, this.#foundation),
      cloud: cloudOf(process, { ...this.#foundation, onCloudCall }),
      catalog: {
        offerings: async () => offerings(),
        instanceType: async (name) => instanceType(name) ?? null,
        info: () => Promise.reject(new Error('nobody asks for prices here')),
      },
      clock: process.clock,
      random: asRandomPort(streams.named(`random of ${process.name}`)),
      log: this.#logOf(process),
      allocate: allocation === 'engine' ? allocate : plainAllocate,
    };
  }

  #logOf(process: Process): Log {
    const { kernel, trace, truth } = this.#foundation;
    return {
      write: (level, message, fields) => {
        // Nobody edits a record here: one that its reader does not take, or that a decision fails on, was
        // written by control itself.
        if (message === setAsideMessage || message === culpritMessage)
          truth.violate('0: no defects', `${message}: ${describe(fields)}`, []);
        if (message === unlistedMessage) truth.violate('30: copies are exact', `${message}: ${describe(fields)}`, []);
        if (level === 'warn' || level === 'error' || ofCopies.has(message))
          trace.write(kernel.nowMs, process.name, `${level}: ${message} ${describe(fields)}`);
      },
    };
  }
}

function startControl(ports: RunPorts, settings: ControlSettings, tampering: Tampering | undefined): UseCases {
  const used = tampering?.ports?.(ports) ?? ports;
  const control = { ...createControl(used, tampering?.settings?.(settings) ?? settings), ...createMetrics(used) };
  return tampering?.control?.(control, used) ?? control;
}

function describe(fields: Readonly<Record<string, unknown>> | undefined): string {
  return JSON.stringify(fields ?? {}, (_key, value: unknown) => (value instanceof Error ? value.message : value));
}
