// EC2's request throttling: token buckets per account, region and action, one for requests and for some
// actions one for the resources that they concern.
import type { ThrottleOptions } from './options.ts';

interface Bucket {
  tokens: number;
  asOfMs: number;
}

export class Throttles {
  private options: Readonly<Record<string, ThrottleOptions>>;
  private readonly buckets = new Map<string, Bucket>();

  constructor(options: Readonly<Record<string, ThrottleOptions>>) {
    this.options = options;
  }

  set(options: Readonly<Record<string, ThrottleOptions>>): void {
    this.options = options;
    this.buckets.clear();
  }

  /** Pays for a call; false: the rate is exceeded and nothing was paid. */
  admit(action: string, resources: number, nowMs: number): boolean {
    const options = this.options[action];
    return !options || this.admitWith(action, options, resources, nowMs);
  }

  /** The same with numbers that the caller chose. */
  admitWith(action: string, options: ThrottleOptions, resources: number, nowMs: number): boolean {
    const requests = this.bucket(`${action}/requests`, options.requests, nowMs);
    const paid = options.resources ? this.bucket(`${action}/resources`, options.resources, nowMs) : null;
    if (requests.tokens < 1 || (paid && paid.tokens < resources)) return false;
    requests.tokens -= 1;
    if (paid) paid.tokens -= resources;
    return true;
  }

  private bucket(
    name: string,
    size: { readonly capacity: number; readonly refillPerSecond: number },
    nowMs: number,
  ): Bucket {
    let bucket = this.buckets.get(name);
    if (!bucket) this.buckets.set(name, (bucket = { tokens: size.capacity, asOfMs: nowMs }));
    const seconds = Math.max(0, nowMs - bucket.asOfMs) / 1000;
    bucket.tokens = Math.min(size.capacity, bucket.tokens + seconds * size.refillPerSecond);
    bucket.asOfMs = nowMs;
    return bucket;
  }
}
