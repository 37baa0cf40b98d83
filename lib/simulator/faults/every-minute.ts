// What may happen once a minute while faults happen, in every file of faults alike.
import type { Kernel } from '../kernel.ts';
import type { FaultDraws } from './fault-draws.ts';

const minuteMs = 60_000;

export function everyMinute({ kernel, draws }: { kernel: Kernel; draws: FaultDraws }, act: () => void): void {
  kernel.after(minuteMs, () => {
    if (draws.isCalm) return;
    everyMinute({ kernel, draws }, act);
    act();
  });
}
