import { rules, type Stack, type Step } from './step.ts'

/** The node's own units: the permanent one, and the transient ones for a single purpose. */
const UNITS = ['cdk-erigon', 'cdk-erigon-once'] as const
const DATA = '/var/lib/cdk-erigon'
const CONFIG = '/etc/cdk-erigon/config.yaml'
/** Outside the data folder but on the same file system: copies share blocks where it supports that. */
const BACKUP = '/var/lib/cdk-erigon-backups/{stamp}'
/**
 * The files of a way back, as one pair: the database and the data stream (file and bookmarks). The stream's names are
 * valid as long as no folder of its path has a dot in its name.
 */
const PAIR = ['chaindata', 'data-stream.bin', 'data-stream.db'] as const

/** Any of the pair, as "find" takes it. */
const NAMED = ['(', ...PAIR.flatMap((name) => ['-o', '-name', name]).slice(1), ')'] as const
const MOVE_ASIDE = ['-exec', 'mv', '-t', `${BACKUP}/replaced-{aside}`, '{}', '+'] as const

const HOURS_MS = 4 * 3_600_000
/** The unit's own stop timeout is 90 s by default; then systemd kills. */
const STOP_MS = 400_000
const ASK_MS = 30_000

const flag = { pattern: '^(true|false)$', write: 'true or false' }
const chain = { pattern: '^[a-z][a-z0-9-]{0,62}$', write: 'the name of the chain as in its configuration' }
const cursor = { pattern: '^s=[0-9a-f]+;[a-z0-9=;]{1,200}$', write: 'a cursor of the journal' }

/** Baton reads plain lines of level info: a flag overrides the configuration file, which may say otherwise. */
const READABLE = ['--log.json=false', '--log.console.json=false', '--log.console.verbosity=info'] as const
/** A node that rebuilds batches writes hundreds of lines a second: journald must drop none of them. */
const KEEP_ALL = '--property=LogRateLimitIntervalSec=0'

/**
 * Starts the node beside its unit with extra flags. It must not restart: a second run in place would lose blocks.
 * Halted or done, it sleeps for minutes and ignores signals: systemd kills it after one.
 */
function startOnce(what: string, flags: readonly string[], parameters: NonNullable<Step['parameters']>): Step {
  const unit = ['--unit=cdk-erigon-once', '--collect', '--uid=cdk-erigon', '--property=Restart=no', KEEP_ALL]
  const run = [...unit, '--property=KillSignal=SIGINT', '--property=TimeoutStopSec=60']
  const program = ['cdk-erigon', `--config=${CONFIG}`, `--datadir=${DATA}`, ...READABLE, ...flags]
  return {
    what: `starts the sequencer ${what}`,
    lines: [['systemd-run', ...run, '--setenv=CDK_ERIGON_SEQUENCER=1', '--', ...program]],
    parameters,
    timeoutMs: 60_000,
  }
}

/** `integration` logs its errors, exits with 0 and commits last: only the database shows its result. */
function unwind(extra: readonly string[]): Step {
  const unit = ['--unit=cdk-erigon-unwind', '--collect', '--wait', '--uid=cdk-erigon', KEEP_ALL]
  const run = [...unit, '--setenv=CDK_ERIGON_SEQUENCER=1']
  const chosen = [`--config=${CONFIG}`, `--datadir=${DATA}`, '--chain={chain}', ...READABLE]
  const tool = ['integration', 'state_stages_zkevm', ...chosen]
  return {
    what: 'removes the batches above the one named from the database, offline',
    lines: [['systemd-run', ...run, '--', ...tool, ...extra, '--unwind-batch-no={batch}']],
    // The default is 0, the genesis: no parameter allows it.
    parameters: { chain, batch: { pattern: '^[1-9][0-9]{0,17}$', write: 'a batch number above 0' } },
    timeoutMs: HOURS_MS,
  }
}

const within = (folder: string) => PAIR.map((name) => `${folder}/${name}`)
const stamp = rules.stamp

const RESEQUENCE = [
  '--zkevm.sequencer-resequence=true',
  '--zkevm.sequencer-resequence-strict={strict}',
  '--zkevm.sequencer-resequence-reuse-l1-info-index={reuse}',
]

const RECOVERY = ['--zkevm.l1-sync-start-block={l1block}', '--zkevm.recovery-stop-batch={stop}']

/**
 * The re-sequencing lines of the log; the rest is thousands of lines. One error would flood it: the RPC writes a line
 * for each requested batch that L1 does not have yet.
 */
const TELLING = `^(?!.*failed to get acc input hash).*(${[
  'resequenc|UnwindToBatch|Staged Sync|panic|fatal error|EROR|CRIT|Finish block|Finish batch|Halt sequencer',
  'L1 recovery|Syncing L1 blocks|bad batch|invalid batch|no block found|Got interrupt',
].join('|')})`

/** The flags that each program lists, one a line: `program flag`. A help text names a flag first in its line. */
function listFlags(...programs: readonly string[]): string {
  // Only the relevant flags of the node's hundreds: an answer of a machine is at most 16 kB.
  const flag = '^[[:blank:]]*(-[A-Za-z], )?(--((zkevm|log)[.][A-Za-z0-9.-]+|[A-Za-z0-9-]+))([[:blank:],=].*)?$'
  // A program that knows no "--help" may start to work, and would have the database open for ever. Macs have no timeout.
  const bound = 'T=$(command -v timeout) && T="$T -k 5 30"'
  const asked = programs.map((program) => `$T ${program} --help 2>&1 </dev/null | sed -nE 's/${flag}/${program} \\2/p'`)
  return [bound, ...asked].join('; ')
}

const logs = ['journalctl', ...UNITS.map((u) => `--unit=${u}`), '--unit=cdk-erigon-unwind', '--output=cat'] as const

/** The steps of a cdk-erigon sequencer. */
export const cdkErigon = {
  start: {
    what: 'starts the sequencer as always',
    lines: [['systemctl', 'start', 'cdk-erigon']],
    timeoutMs: 60_000,
  },

  stop: { what: 'asks the sequencer to end', lines: [['systemctl', 'stop', ...UNITS]], timeoutMs: STOP_MS },
  processes: {
    what: 'names what has the database open: the node, and the tool that unwinds it',
    // "ps" lists itself too: an answer without it is invalid. (pgrep takes no pattern above 15 characters.)
    lines: [['ps', '--no-headers', '-o', 'comm=', '-C', 'cdk-erigon,integration,ps']],
    timeoutMs: ASK_MS,
  },
  flags: {
    what: 'names the flags that the node and its tool have, by their own help',
    // Uses a shell for a pipe: the node's help alone exceeds the limit of an answer.
    lines: [['sh', '-c', listFlags('cdk-erigon', 'integration state_stages_zkevm', 'integration print_stages')]],
    timeoutMs: 120_000,
  },
  'start-halting': startOnce('so that it ends before a batch', ['--zkevm.sequencer-halt-on-batch-number={batch}'], {
    batch: rules.block,
  }),
  'start-resequencing': startOnce('to rebuild the batches of the data stream', RESEQUENCE, {
    strict: flag,
    reuse: flag,
  }),
  /** For 2.64 and later: without it, counters that overflow within a block put the node into a silent loop. */
  'start-resequencing-sealing': startOnce(
    'to rebuild the batches of the data stream, closing a batch at the first overflow',
    [...RESEQUENCE, '--zkevm.seal-batch-immediately-on-overflow=true'],
    { strict: flag, reuse: flag },
  ),
  'start-recovery': startOnce('to rebuild batches from L1', RECOVERY, { l1block: rules.block, stop: rules.block }),
  'start-recovery-without': startOnce(
    'to rebuild batches from L1, without the bad ones',
    [...RECOVERY, '--zkevm.bad-batches={bad}'],
    {
      l1block: rules.block,
      stop: rules.block,
      bad: { pattern: '^[1-9][0-9]{0,17}(,[1-9][0-9]{0,17}){0,99}$', write: 'batch numbers with commas' },
    },
  ),
  unwind: unwind([]),
  /** For nodes that keep only the second version of the state tree, as those of 2026 do. */
  'unwind-smt-v2': unwind(['--only-smt-v2']),
  'database-end': {
    what: 'reads from the database itself where it ends; the node must not run',
    lines: [
      [
        ...['runuser', '-u', 'cdk-erigon', '--', 'integration', 'print_stages'],
        ...[`--datadir=${DATA}`, '--chain={chain}', ...READABLE],
      ],
    ],
    parameters: { chain },
    timeoutMs: 120_000,
  },
  backup: {
    what: `copies database and data stream of ${DATA}`,
    // "mkdir" refuses an existing folder: a copy never overwrites another one.
    lines: [
      ['mkdir', BACKUP],
      ['cp', '--archive', '--reflink=auto', '-t', BACKUP, ...within(DATA)],
      ['sync', '--file-system', BACKUP],
    ],
    parameters: { stamp },
    timeoutMs: HOURS_MS,
  },
  'compare-backup': {
    what: 'compares the copy with the data, byte for byte',
    lines: [
      ...PAIR.map((name) => ['diff', '--brief', '--recursive', `${DATA}/${name}`, `${BACKUP}/${name}`] as const),
      ['du', '--summarize', '--bytes', ...within(BACKUP)],
    ],
    parameters: { stamp },
    timeoutMs: HOURS_MS,
  },
  restore: {
    what: 'moves database and data stream aside and puts the copy in their place; the copy is kept',
    lines: [
      ['mkdir', `${BACKUP}/replaced-{aside}`],
      // What an earlier attempt left out, on a full disk, cannot be moved: "mv" by its names would never succeed again.
      [...['find', DATA, '-mindepth', '1', '-maxdepth', '1', ...NAMED], ...MOVE_ASIDE],
      ['cp', '--archive', '--reflink=auto', '-t', DATA, ...within(BACKUP)],
      ['sync', '--file-system', DATA],
    ],
    parameters: { stamp, aside: stamp },
    timeoutMs: HOURS_MS,
  },
  'log-position': {
    what: 'reports where the log ends now',
    lines: [[...logs, '--lines=1', '--show-cursor']],
    timeoutMs: ASK_MS,
  },
  'read-log': {
    what: 'reports the next lines of the log that matter, and where they end',
    lines: [
      [
        ...logs,
        '--after-cursor={after}',
        '--lines=+40',
        '--show-cursor',
        '--case-sensitive=false',
        `--grep=${TELLING}`,
      ],
    ],
    parameters: { after: cursor },
    timeoutMs: ASK_MS,
  },
  'stop-l1-clients': {
    what: 'stops what sends batches and proofs to L1',
    lines: [['systemctl', 'stop', 'cdk-sequence-sender', 'cdk-aggregator']],
    timeoutMs: 120_000,
  },
  'start-l1-clients': {
    what: 'starts what sends batches and proofs to L1',
    lines: [['systemctl', 'start', 'cdk-sequence-sender', 'cdk-aggregator']],
    timeoutMs: 120_000,
  },
  'l1-clients': {
    what: 'reports whether what sends batches and proofs to L1 is there, and runs',
    // A missing unit is "inactive", too.
    lines: [
      ['systemctl', 'show', '--property=LoadState', '--value', 'cdk-sequence-sender', 'cdk-aggregator'],
      ['systemctl', 'is-active', 'cdk-sequence-sender', 'cdk-aggregator'],
    ],
    timeoutMs: ASK_MS,
  },
} as const satisfies Stack
