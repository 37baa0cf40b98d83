// The second tier, `npm run test:peers`: tools and suites that others wrote. Not part of `npm test`.
import config from "./jest.config.mjs";

export default { ...config, testMatch: ["<rootDir>/test/peers/**/*.peer.ts"], testTimeout: 120_000, maxWorkers: 1 };
