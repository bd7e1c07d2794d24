/** List prices of us-east-1 in dollars, free tiers left out; docs/cost.md names where they are from. */
export const prices = {
  dynamoWrite: 0.625e-6,
  dynamoRead: 0.125e-6,
  dynamoGbMonth: 0.25,
  apiCall: 3.5e-6,
  lambdaRequest: 0.2e-6,
  lambdaGbSecond: 1.33334e-5,
  s3Put: 5e-6,
  s3Get: 0.4e-6,
  s3GbMonth: 0.023,
  schedule: 1e-6,
  logGb: 0.5,
  metricMonth: 0.3,
  alarmMonth: 0.1,
  /** A call of PutMetricData. */
  metricCall: 10e-6,
  dashboardMonth: 3,
  /** Traffic between two zones, both directions. */
  zoneGb: 0.02,
  natHour: 0.045,
  /** One interface endpoint in one zone. */
  endpointHour: 0.01,
  endpointGb: 0.01,
} as const

export const HOURS_A_MONTH = 720

/** What an emulator cannot show. */
export const assumed = {
  /** Billed for one call of the gate, 1024 MB: parsing, one write to DynamoDB. */
  gateMs: 20,
  /** Billed for one run of the archiver, 512 MB: one write to DynamoDB; for each further kB of payload, its hash. */
  archiverMs: 60,
  archiverMsEachKb: 0.7,
  /** Zones of the private API's endpoint. */
  zones: 2,
  /** What Lambda itself writes into the log of a run: START, END and REPORT. Not of gate and archiver. */
  platformLogBytes: 330,
  /** How long a payload stays in the archive. */
  archiveMonths: 3,
  /** What a look at a node answers: by itself, and for each transaction of the newest block, whose hash is in it twice. */
  lookBytes: 6_900,
  lookBytesEachTransaction: 140,
  /** Transactions in a kB of packed payload. */
  transactionsEachKb: 6.5,
  nodes: 3,
  /** The share of the looks that cross zones: nodes in three zones, a monitor in one. */
  acrossZones: 2 / 3,
  /** Fields of a head beside its payload; of an archived payload with DynamoDB's own 100. In bytes. */
  headFieldBytes: 550,
  archivedFieldBytes: 290,
  /** MB of memory with which Lambda gives one whole vCPU. */
  mbPerCpu: 1_769,
} as const
