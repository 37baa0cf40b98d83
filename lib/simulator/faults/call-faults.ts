// What the seed does to each port call of a controller: how long it takes, whether its process pauses, and whether
// it dies before the call or after it.
import type { FaultDraws } from './fault-draws.ts';
import type { CallFaultOf } from '../processes/process.ts';
import type { Streams } from '../random.ts';

export function drawCallFaults(draws: FaultDraws, streams: Streams): CallFaultOf {
  const stream = streams.named('latency');
  return (_process, call) => {
    const crash = draws.hits('crashBefore') ? 'before' : draws.hits('crashAfter') ? 'after' : null;
    // Whoever stands still before a write or an EC2 call wakes up into a world that has moved on: the dangerous moment.
    const kind = (['pause', ...(isEffect(call) ? pausesOf(call) : [])] as const).find((one) => draws.hits(one));
    const pauseMs = kind === undefined ? 0 : draws.of(kind).logBetween(30_000, 480_000);
    const slowMs = draws.hits('slowCall') ? draws.of('slowCall').logBetween(500, 20_000) : 0;
    const isAnswerSlow = slowMs > 0 && draws.of('slowCall').chance(0.5);
    return {
      crash,
      delayMs: stream.between(0.5, 8) + (isAnswerSlow ? 0 : slowMs),
      answerDelayMs: isAnswerSlow ? slowMs : 0,
      pauseMs,
    };
  };
}

/** Others may have gone on with a launch for minutes when its first sender wakes up and calls EC2. */
function pausesOf(call: string): readonly ('pause' | 'launchPaused')[] {
  return /^EC2 (CreateFleet|RunInstances)/.test(call) ? ['pause', 'launchPaused'] : ['pause'];
}

function isEffect(call: string): boolean {
  return /^(put|delete|transact|EC2 (?!describe|Describe))/.test(call);
}
