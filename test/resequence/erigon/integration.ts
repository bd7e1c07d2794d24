import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { type Behaviour, filesOf, read, upTo, write } from './model.ts'
import { help, refuseUnknown, toolFlags } from './version.ts'

/**
 * `integration` as it behaved on the real node: one transaction on the database, the stream untouched; its line
 * "UnwindToBatch" before any work, its commit last of all; errors only logged, the last ones without a stage, and the
 * exit code 0. A bad flag ends it with 1, a missing database with 2, a kill with 137.
 */
const [command = '', ...words] = process.argv.slice(2)
const data = words.find((word) => word.startsWith('--datadir='))?.slice('--datadir='.length) ?? 'data'
const { mutation, version } = JSON.parse(readFileSync(`${data}/../behaviour.json`, 'utf8')) as Behaviour
const flags = toolFlags(version, command)
if (words.includes('--help')) help(flags, true)
refuseUnknown(flags, words, true)
const { values } = parseArgs({ args: words, options: flags })
if (!existsSync(`${data}/chaindata/mdbx.dat`)) {
  console.error('panic: mdbx_env_open: no such file or directory, label: chaindata')
  process.exit(2)
}
const { database } = filesOf(data)
const chain = read(database)
const log = (text: string, level = 'INFO') => console.error(`[${level}] [07-01|00:00:00.000] ${text}`)
const die = (): never => process.kill(process.pid, 'SIGKILL') as never

/** Unwinds that end with 0 and have written nothing, and what they say. What is cancelled is not even logged. */
const unwritten: Readonly<Record<string, readonly [said: string, level: string]>> = {
  'unwind-error': ['[7/14 IntermediateHashesV3] wrong trie root: 7a50, expected (from header): 6ee1', 'EROR'],
  'unwind-interrupted': ['Got interrupt, shutting down...', 'INFO'],
  'unwind-noop': ['', 'INFO'],
  'commit-full': ['mdbx_txn_commit_ex: no space left on device', 'EROR'],
  'commit-crit': ['mdbx_txn_commit_ex: input/output error', 'CRIT'],
}

if (command === 'print_stages') printStages()
else unwind(Number(values['unwind-batch-no'] ?? 0))

function unwind(batch: number): void {
  const depth = mutation === 'unwind-deep' ? batch - 1 : batch
  const end = chain.blocks.findLast((block) => block.batch === depth)
  if (!end) {
    log(`no block found at batch ${batch}`, 'EROR')
    return
  }
  if (mutation === 'kill-early') die()
  log(`UnwindToBatch                            batchNo=${depth} blockNo=${end.number}`)
  if (mutation === 'kill-unwind') die()
  const [said, level] = unwritten[mutation ?? ''] ?? []
  if (said !== undefined) {
    if (said !== '') log(said, level)
    return
  }
  if (mutation === 'kill-commit') {
    writeFileSync(`${database}.new`, '{"blocks":[')
    die()
  }
  // Right about everything but the data folder.
  write(mutation === 'unwind-other' ? `${data}/elsewhere` : database, upTo(chain, depth))
  if (mutation === 'kill-committed') die()
}

function printStages(): void {
  if (mutation === 'stages-unreadable') {
    log('Opening DB                               error="mdbx_env_open"', 'EROR')
    return
  }
  const last = chain.blocks.at(-1)?.number ?? 0
  console.log("Note: prune_at doesn't mean 'all data before were deleted'\n\n \t\t\t\t\tstage_at\tprune_at")
  for (const name of ['Snapshots', 'Headers', 'Bodies', 'Execution', 'HashState', 'Finish'])
    console.log(`${name} \t\t\t\t\t${name === 'Snapshots' ? 0 : last}\t0`)
  console.log('--\nprune distance: \n')
}
