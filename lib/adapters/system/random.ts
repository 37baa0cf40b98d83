// Real randomness behind the port, from the operating system.
import { randomBytes, randomInt } from 'node:crypto';
import type { Random } from '../../ports/random.ts';

const fractionSteps = 2 ** 47; // randomInt takes ranges below 2 ** 48
const alphabet = '0123456789abcdefghijklmnopqrstuv';

export class SystemRandom implements Random {
  next(): number {
    return randomInt(fractionSteps) / fractionSteps;
  }

  /** 100 bits as 20 characters: 32 characters make 5 bits each, without a bias. */
  id(): string {
    let id = '';
    for (const byte of randomBytes(20)) id += alphabet.charAt(byte & 31);
    return id;
  }
}
