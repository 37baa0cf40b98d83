// Costs of a file that Jest itself runs. Plain JavaScript: Jest loads it untransformed.
import { afterAll, expect } from '@jest/globals';
import { costsOf } from './cost.ts';

const note = costsOf();
afterAll(() => {
  note(expect.getState().testPath);
});
