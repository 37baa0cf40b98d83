// What `bellows/client` exports.
export { Bellows } from './client.ts';
export type { BellowsOptions, CallInput, OperationId, WaitOptions } from './client.ts';
export type { Credentials } from './environment.ts';
export { BellowsError, NoAnswerError, WaitTimeoutError } from './errors.ts';
export { operations } from './api.ts';
export type * from './api.ts';
