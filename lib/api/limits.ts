// Every number that the API holds a caller to, in one place: validation, OpenAPI and docs read them here.

export const limits = {
  bodyBytes: 1_000_000,
  /** One task's own body. A request is one store item (400 KB at most in DynamoDB), its record beside it. */
  taskBytes: 256 * 1024,
  batchItems: 1_000,
  vcpuMin: 0.001,
  vcpuMax: 1_024,
  memoryMibMax: 32 * 1024 * 1024,
  gpuMax: 16,
  countMax: 10_000,
  argvEntries: 256,
  /** /dev/sdf to /dev/sdp: the names that EC2 recommends for volumes. */
  machineVolumes: 11,
  /** Linux refuses to start a program with a longer single argument (MAX_ARG_STRLEN, 32 pages). */
  argumentBytes: 131_000,
  envEntries: 256,
  envValueBytes: 32_768,
  timeoutSecondsMin: 1,
  durationSecondsMax: 30 * 24 * 3600,
  retriesMax: 100,
  lossesMax: 1_000,
  graceSecondsMax: 600,
  budgetsMax: 20,
  priorityMax: 1_000_000,
  requirementValues: 1_000,
  requirementExpressions: 100,
  constraintEntries: 16,
  labels: 20,
  labelsInFilter: 5,
  idempotencyKeyLength: 255,
  /** So long published events are kept (lib/control/events/log.ts). */
  eventDays: 7,
  /** So long an old secret of a webhook may sign beside a new one. */
  webhookKeepHoursMax: 168,
  pageItemsMax: 1_000,
  pageItemsDefault: 100,
  cursorLength: 2_048,
  outputTailBytesMax: 1_048_576,
  outputTailBytesDefault: 65_536,
  tasksPerNodeMax: 1_000,
  poolInstancesMax: 100_000,
  poolAlarms: 20,
  weightMin: 0.001,
  weightMax: 1_000,
  alarmNodesMax: 1_000,
  planRequests: 10_000,
  planIterationsMax: 10_000,
} as const;

/** What an agent may send: more than callers, because output is escaped inside JSON. */
export const agentLimits = {
  bodyBytes: 4_000_000,
  /** Of one stream of one attempt, in UTF-8. The agent keeps the head and the tail of what is longer. */
  outputBytesPerStream: 256 * 1024,
  /** More than a node may be assigned: what is being stopped is still held while other tasks come. */
  attempts: 2_000,
  messageLength: 2_000,
} as const;
