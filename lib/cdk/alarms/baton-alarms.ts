import type { Told } from './alarm.ts'

/** The alarms of one Baton, whatever chains it has. Each has a section of its id in docs/runbooks.md. */
export const batonAlarms = {
  monitorDeadLetters: {
    id: 'monitor-dead-letters',
    severity: 'ticket',
    meaning: 'A start of the monitor was dropped or failed. The next one came a minute later.',
    firstAction: 'Read the message: it holds the error. Then purge the queue.',
  },
  archiverDeadLetters: {
    id: 'archiver-dead-letters',
    severity: 'ticket',
    meaning: 'The archiver gave up on a record: a committed payload may be missing in the archive.',
    firstAction:
      'Read the message for shard and sequence number, and archive the block before the stream forgets it (24 hours).',
  },
  archiverStalled: {
    id: 'archiver-stalled',
    severity: 'ticket',
    meaning: 'The stream of committed blocks is not read: after 24 hours it forgets, and the archive has a hole.',
    firstAction: 'Look at the errors of the archiver function, then at its event source mapping.',
  },
  gateThrottled: {
    id: 'gate-throttled',
    severity: 'page',
    meaning: 'Lambda refused to run the gate: nodes get errors instead of answers.',
    firstAction: 'Compare its concurrent runs with what is reserved, and with the limit of the account.',
  },
  monitorFails: {
    id: 'monitor-fails',
    severity: 'ticket',
    meaning: 'Runs of the monitor end with an error or by time-out.',
    firstAction: 'Read the end of its log: a time-out has no error of ours.',
  },
  workflowFailed: {
    id: 'workflow-failed',
    severity: 'ticket',
    meaning: 'A workflow that somebody started did not reach its goal.',
    firstAction: 'Open the execution: the red state carries the reason.',
  },
} as const satisfies Record<string, Told>
