// What a part of control needs that is tested by itself: a store in memory, a clock that the test moves, and no EC2. It
// loads in a tenth of the time of a world, which counts where a test runs for every mutant.
import { MemoryStore } from '../../lib/adapters/memory/store.ts';
import type { Change } from '../../lib/adapters/memory/store.ts';
import { noBells } from '../../lib/adapters/system/no-bells.ts';
import type { ControlPorts, ControlSettings } from '../../lib/control/ports.ts';
import { localSettings } from '../../lib/control/ports.ts';
import { localDecisionSettings } from '../../lib/core/values/settings.ts';

export const settings: ControlSettings = {
  ...localSettings,
  decisions: localDecisionSettings,
  installation: 'test',
  templateVersion: '1',
};

function absent(what: string): () => never {
  return () => {
    throw new Error(`a bare world has no ${what}`);
  };
}

export class BareWorld {
  nowMs = 1_800_000_000_000;
  readonly changes: Change[] = [];
  readonly ports: ControlPorts;
  #ids = 0;

  constructor() {
    const clock = { nowMs: () => this.nowMs, monotonicMs: () => this.nowMs, sleep: async () => {} };
    this.ports = {
      clock,
      catalog: new Proxy({}, { get: absent('catalog') }) as ControlPorts['catalog'],
      cloud: new Proxy({}, { get: absent('EC2') }) as ControlPorts['cloud'],
      allocate: absent('engine'),
      store: new MemoryStore({ clock, onChange: (changes) => this.changes.push(...changes) }),
      outputs: { uploadUrl: async (id) => `/output/${id}`, write: async () => {}, read: async () => null },
      bus: { wake: async () => {} },
      bells: noBells,
      events: { publish: async () => {} },
      random: { next: () => 0.5, id: () => `id${String((this.#ids += 1)).padStart(20, '0')}` },
      log: { write: () => {} },
    };
  }
}
