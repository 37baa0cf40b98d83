// fast-check, with the seed that this commit's random tests have (test/slice.ts).
import fc from 'fast-check';
import { firstSeed } from './slice.ts';

fc.configureGlobal({ seed: firstSeed });

export { fc };
