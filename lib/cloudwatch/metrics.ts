/**
 * The metrics of Baton, as data. The functions emit them and the stack alarms on them, so this file imports neither
 * Powertools nor CDK.
 */
export const namespace = 'Baton'

type Definition = {
  readonly unit: 'Count' | 'Seconds' | 'Milliseconds' | 'Percent'
  /** Beside `baton`, the name of the deployment: two of them in one account may serve chains of one id. */
  readonly dimensions: readonly ['chain'] | readonly ['chain', 'reason']
  readonly meaning: string
}

const chain = ['chain'] as const

/**
 * Every metric: its unit, dimensions and meaning; a comment names its emitter. Each costs $0.30 a month and chain, by
 * the hours in which it has values. So only what on-call must see at any time is written each turn; a value that
 * matters when it is bad is written when it is, and a field of a log line else.
 */
export const metrics = {
  // The active monitor, each turn
  SecondsSinceCommit: { unit: 'Seconds', dimensions: chain, meaning: 'age of the newest commit' },
  EligibleStandbys: { unit: 'Count', dimensions: chain, meaning: 'nodes that could take over now' },
  DamagedNodes: { unit: 'Count', dimensions: chain, meaning: 'nodes a crash has left damaged, while there are any' },
  RecoveryWanted: {
    unit: 'Count',
    dimensions: chain,
    meaning: 'nodes Baton may repair on its own, while there are any',
  },
  Failovers: { unit: 'Count', dimensions: chain, meaning: 'moves Baton made on its own' },
  FlapBudgetLeft: {
    unit: 'Count',
    dimensions: chain,
    meaning: 'automatic moves still allowed within this hour, once one was made',
  },
  TickErrors: { unit: 'Count', dimensions: chain, meaning: 'turns and records of a monitor that failed' },
  L1HeadAge: {
    unit: 'Seconds',
    dimensions: chain,
    meaning: 'age of the newest L1 block any node knows, from half the age of an alarm on',
  },
  SafeLagBlocks: {
    unit: 'Count',
    dimensions: chain,
    meaning: 'committed blocks not yet safe on L1, from half an hour of them on',
  },
  // The active monitor, where an L1 endpoint of our own is configured
  WindowUsed: { unit: 'Percent', dimensions: chain, meaning: 'share of the sequencing window passed without a batch' },
  WindowLeft: { unit: 'Seconds', dimensions: chain, meaning: 'time until L1 replaces the blocks it does not have' },
  DriftUsed: { unit: 'Percent', dimensions: chain, meaning: 'share of the sequencer drift used up' },
  DriftLeft: { unit: 'Seconds', dimensions: chain, meaning: 'time until sequencing stops if L1 stays where it is' },
  SinceBatch: { unit: 'Seconds', dimensions: chain, meaning: "age of the batcher's newest transaction in L1" },
  SinceProposal: { unit: 'Seconds', dimensions: chain, meaning: "age of the proposer's newest transaction in L1" },
  PosterRunway: { unit: 'Seconds', dimensions: chain, meaning: 'time until batcher or proposer is out of ether' },
  PosterBalance: { unit: 'Count', dimensions: chain, meaning: 'ether of the poorer one of batcher and proposer' },
  L1Unwatched: { unit: 'Count', dimensions: chain, meaning: '1 while our own L1 endpoint fails, else 0' },
  ClockSkew: {
    unit: 'Seconds',
    dimensions: chain,
    meaning: 'how far the clock of a monitor or gate is off at least, while that is more than a second',
  },
  Paging: {
    unit: 'Count',
    dimensions: chain,
    meaning: '1 while Baton wants a person, or no turn of the monitor succeeds, else 0: one sample each turn',
  },
  // The gate, each commit
  CommitLatency: { unit: 'Milliseconds', dimensions: chain, meaning: 'time the gate took for a commit' },
  CommitRefused: {
    unit: 'Count',
    dimensions: ['chain', 'reason'],
    meaning: 'commits refused by the rule: not-leader, conflict, gap or no-head',
  },
  GateErrors: {
    unit: 'Count',
    dimensions: chain,
    meaning: 'calls the gate could not answer: its store or its secrets',
  },
  // The archiver, each batch
  BadPayloads: {
    unit: 'Count',
    dimensions: chain,
    meaning: 'committed blocks stored with content that does not match their hash',
  },
  ArchiveLag: {
    unit: 'Count',
    dimensions: chain,
    meaning: 'committed blocks not yet in the archive, when they are more than five or some failed',
  },
} as const satisfies Record<string, Definition>

/** The safe head's lag at which its alarm goes off; the metric begins at half of it. */
export const SAFE_LAG_MS = 3_600_000

/** A key of {@link metrics}. */
export type MetricName = keyof typeof metrics

/** Values of the dimension `reason` of CommitRefused. */
export const refusals = ['not-leader', 'conflict', 'gap', 'no-head'] as const

/** Collects the metrics of one chain. */
export type ChainMetrics = {
  /** Adds a value. A value with the dimension `reason` is written at once. */
  add(name: MetricName, value: number, reason?: string): void
  /** Adds a fact to the log line of the metrics; not a dimension. */
  note(facts: Readonly<Record<string, string | number>>): void
  /** Writes all added values in one line; writes nothing if there are none. */
  flush(): void
}
