import { rules } from '../../host/step.ts'

/**
 * Patterns of what operators type. The values end in JSON texts, so none of these lets through a
 * quote, a backslash, a brace, white space or anything a shell would read.
 */
export const patterns = {
  chain: '^[0-9]{1,16}$',
  node: '^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$',
  /** A block number, or nothing for the default. */
  numberOrNothing: '^([0-9]{1,15})?$',
  /** Numbers with commas, or nothing. */
  numbersOrNothing: '^([1-9][0-9]{0,14}(,[1-9][0-9]{0,14}){0,99})?$',
  /** A node, or nothing for "the best standby". */
  nodeOrNothing: '^([A-Za-z0-9][A-Za-z0-9_-]{0,62})?$',
  /** A version, as the machines take it. */
  version: rules.version.pattern,
  /** A part of what a node says it is, or nothing. */
  versionOrNothing: '^([0-9A-Za-z][0-9A-Za-z._+-]{0,63})?$',
  /** A block's whole hash. */
  hash: '^0x[0-9a-f]{64}$',
  /** A block's whole hash, or nothing where none is confirmed yet. */
  hashOrNothing: '^(0x[0-9a-f]{64})?$',
  /** The name of an execution, as this state machine's documents and the CLI make them. */
  execution: '^[A-Za-z0-9][A-Za-z0-9_-]{0,79}$',
} as const
