// What the seed does to each port call of a controller: how long it takes, whether its process pauses, and whether
// it dies before the call or after it.
import type { FaultDice } from './fault-draws.ts';
import type { FateOf } from '../processes/process.ts';
import type { Streams } from '../random.ts';

export function drawFates(dice: FaultDice, streams: Streams): FateOf {
  const stream = streams.named('latency');
  return (_process, call) => {
    const crash = dice.hits('crashBefore') ? 'before' : dice.hits('crashAfter') ? 'after' : null;
    // Whoever stands still before a write or an EC2 call wakes up into a world that has moved on: the dangerous moment.
    const isPaused = dice.hits('pause') || (isEffect(call) && dice.hits('pause'));
    const pauseMs = isPaused ? dice.of('pause').logBetween(30_000, 480_000) : 0;
    const slowMs = dice.hits('slowCall') ? dice.of('slowCall').logBetween(500, 20_000) : 0;
    const isAnswerSlow = slowMs > 0 && dice.of('slowCall').chance(0.5);
    return { crash, delayMs: stream.between(0.5, 8) + (isAnswerSlow ? 0 : slowMs), answerDelayMs: isAnswerSlow ? slowMs : 0, pauseMs };
  };
}

function isEffect(call: string): boolean {
  return /^(put|delete|transact|EC2 (?!describe|Describe))/.test(call);
}
