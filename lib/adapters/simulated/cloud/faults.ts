// Faults that a test or a control route sets: which calls they meet, what they do, how often.

export interface CloudFault {
  /** EC2's name of the action, e.g. `CreateFleet`; `*` for any. */
  readonly action: string;
  readonly effect:
    | { readonly kind: 'throttle' }
    /** EC2 refuses with this code; nothing happens. */
    | { readonly kind: 'fail'; readonly code: string; readonly message: string; readonly httpStatus?: number }
    /** The call has its effect and its answer is lost. */
    | { readonly kind: 'drop-response' }
    /** The call is lost before it arrives: no effect, no answer. */
    | { readonly kind: 'drop-request' }
    /** The answer comes this much later than its effect. */
    | { readonly kind: 'delay'; readonly delayMs: number };
  /** How many calls it meets; absent: all until it is cleared. */
  readonly times?: number;
  /** Share of calls it meets; absent: all. */
  readonly probability?: number;
  /** Only calls whose parameters (as text) contain this. */
  readonly parametersContain?: string;
}

export class Faults {
  private active: { readonly fault: CloudFault; left: number }[] = [];

  set(fault: CloudFault): void {
    this.active.push({ fault, left: fault.times ?? Infinity });
  }

  clear(): void {
    this.active = [];
  }

  list(): readonly CloudFault[] {
    return this.active.map((entry) => entry.fault);
  }

  /** The fault that meets this call, if any; `parameters` is called only when a fault asks for them. */
  next(action: string, parameters: () => string, random: () => number): CloudFault['effect'] | null {
    for (const entry of this.active) {
      const { fault } = entry;
      if (fault.action !== '*' && fault.action !== action) continue;
      if (fault.parametersContain !== undefined && !parameters().includes(fault.parametersContain)) continue;
      if (fault.probability !== undefined && random() >= fault.probability) continue;
      entry.left -= 1;
      if (entry.left <= 0) this.active = this.active.filter((other) => other !== entry);
      return fault.effect;
    }
    return null;
  }
}
