/** Which cdk-erigon is played: one of October 2024 (2723db784b), or one of 2026. Its version string says nothing. */
export type Version = '2024' | '2026'

type Options = Record<string, { type: 'string' }>

const log = ['log.json', 'log.console.json', 'log.console.verbosity']
const options = (names: readonly string[]): Options =>
  Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]))

/** The flags of the node. */
export const nodeFlags = (version: Version): Options =>
  options([
    ...['config', 'datadir', ...log],
    'zkevm.sequencer-resequence',
    'zkevm.sequencer-resequence-strict',
    'zkevm.sequencer-resequence-reuse-l1-info-index',
    'zkevm.sequencer-halt-on-batch-number',
    'zkevm.l1-sync-start-block',
    ...(version === '2024'
      ? ['zkevm.l1-sync-stop-batch']
      : ['zkevm.recovery-stop-batch', 'zkevm.bad-batches', 'zkevm.seal-batch-immediately-on-overflow']),
  ])

/** The flags of a command of `integration`. */
export const toolFlags = (version: Version, command: string): Options =>
  options([
    ...['config', 'datadir', 'chain', ...log],
    ...(command === 'state_stages_zkevm' ? ['unwind-batch-no'] : ['chaindata']),
    ...(command === 'state_stages_zkevm' && version === '2026' ? ['only-smt-v2'] : []),
  ])

/** Prints the flags as the node's library does (`cobra` = the tool's), and ends. */
export function help(flags: Options, cobra = false): never {
  const lines = Object.keys(flags).map((name) =>
    cobra
      ? `      --${name} string   what it is`
      : `   --${name} value  what it is; see --zkevm.of-another-flag (default: "")`,
  )
  const foot = cobra ? '  -h, --help   help for it' : '   --help, -h  show help'
  console.log([cobra ? 'Flags:' : 'OPTIONS:', ...lines, foot].join('\n'))
  process.exit(0)
}

/** What a flag is called that the version does not have; its programs end with 1. */
export function refuseUnknown(flags: Options, words: readonly string[], cobra = false): void {
  const strange = words.find(
    (word) => word.startsWith('--') && !Object.hasOwn(flags, word.slice(2).split('=')[0] ?? ''),
  )
  if (strange === undefined) return
  const name = strange.slice(2).split('=')[0]
  console.log(cobra ? `Error: unknown flag: --${name}` : `Incorrect Usage: flag provided but not defined: -${name}`)
  process.exit(1)
}
