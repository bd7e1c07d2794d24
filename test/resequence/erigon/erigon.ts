import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { answer } from './answer.ts'
import { type Behaviour, BLOCKS_IN_BATCH, type Chain, filesOf, highest, read, seal, sha, upTo, write } from './model.ts'
import { rebuild } from './rebuild.ts'
import { help, nodeFlags, refuseUnknown } from './version.ts'

/**
 * A cdk-erigon sequencer by its observable behaviour (docs/resequence.md): the flags, the data folder, the log lines,
 * the RPC, the exit codes and the traps of two versions. It is not cdk-erigon: no EVM, no proofs.
 */
const words = process.argv.slice(2)
const data = words.find((word) => word.startsWith('--datadir='))?.slice('--datadir='.length) ?? 'data'
const behaviour = JSON.parse(readFileSync(join(data, '..', 'behaviour.json'), 'utf8')) as Behaviour
const { mutation, blockMs, version } = behaviour
const flags = nodeFlags(version)
if (words.includes('--help')) help(flags)
refuseUnknown(flags, words)
const { values } = parseArgs({ args: words, options: flags })
const given = (flag: string) => String(values[flag] ?? '')
if (!existsSync(data)) {
  console.error('panic: mkdir data: no such file or directory')
  process.exit(2)
}
const files = filesOf(data)
const chain = read(files.database)
let stream = read(files.stream)
const haltAt = Number(given('zkevm.sequencer-halt-on-batch-number'))
const resequencing = given('zkevm.sequencer-resequence') === 'true'
const startBlock = Number(given('zkevm.l1-sync-start-block'))
const json = (['log.json', 'log.console.json'] as const).some(
  (flag) => (values[flag] ?? String(behaviour.json === flag)) === 'true',
)
const quiet = (values['log.console.verbosity'] ?? (behaviour.quiet ? 'warn' : 'info')) !== 'info'
let idle = false

const log = (text: string, level = 'INFO') => {
  if (quiet && level === 'INFO') return
  const line = json ? JSON.stringify({ lvl: level.toLowerCase(), msg: text, t: '2026-07-01T00:00:00Z' }) : undefined
  console.log(line ?? `[${level}] [07-01|00:00:00.000] ${text}`)
}
const stage = (text: string) => log(`[6/14 Execution] ${text}`)
const sleep = (ms: number) => new Promise((done) => setTimeout(done, ms))

// Halted or completed it sleeps, and hears no signal; its RPC is silent at once. Else what it was at fails as it ends.
process.on('SIGINT', () => {
  if (idle) return server.close()
  log('Got interrupt, shutting down...')
  log('Staged Sync                              err="[5/13 Execution] [6/13 IntermediateHashes] Context done"', 'EROR')
  process.exit(0)
})

const server = createServer((request, response) => {
  let body = ''
  request.on('data', (bytes) => {
    body += bytes
  })
  request.on('end', () => response.end(JSON.stringify(answer(JSON.parse(body), chain))))
}).listen(behaviour.port, '127.0.0.1')

if (behaviour.noise) {
  const batch = () => `failed to get acc input hash for batch ${highest(chain)}: batch ${highest(chain)} not sequenced`
  setInterval(() => log(batch(), 'EROR'), 4).unref()
}

for (;;) {
  try {
    await loop()
  } catch (error) {
    log(`Staged Sync                              err="[6/14 Execution] ${(error as Error).message}"`, 'EROR')
  }
  await sleep(20)
}

async function loop(): Promise<void> {
  if (highest(chain) < highest(stream) && !resequencing && version === '2024') {
    throw new Error('The node need re-sequencing but this option is disabled.')
  }
  if (startBlock > 0) return await recover()
  if (highest(chain) < highest(stream)) {
    if (resequencing) return await resequence(highest(chain) + 1, highest(stream))
    // v2.62 and later: without a word.
    stream = upTo(stream, highest(chain))
    write(files.stream, stream)
  }
  if (resequencing) {
    stage('Resequencing completed. Please restart sequencer without resequence flag.')
    idle = true
    await sleep(600_000)
  }
  await sequence()
}

async function resequence(from: number, to: number): Promise<void> {
  if (mutation === 'noop') return truncate(from)
  stage(`Last batch ${from - 1} is lower than highest batch in datastream ${to}, resequencing...`)
  const original: Chain = structuredClone(stream)
  truncate(from)
  stage(`Resequence from batch ${from} to ${mutation === 'short' ? to - 1 : to} in data stream`)
  if (mutation === 'P0') alterKept()
  const strict = given('zkevm.sequencer-resequence-strict') === 'true'
  const reuse = given('zkevm.sequencer-resequence-reuse-l1-info-index') === 'true'
  for (let batch = from; batch <= to; batch++) {
    if (mutation === 'die' && batch === from + 1) process.exit(0)
    if (mutation === 'killed' && batch === from + 1) process.kill(process.pid, 'SIGKILL')
    if (mutation === 'spin' && batch === from + 1) await spin()
    if (mutation === 'error' && batch === from + 1) throw new Error('transaction 0x00 overflowed counters on block 7')
    if (mutation === 'full' && batch === from + 1) throw new Error('mdbx_txn_commit_ex: no space left on device')
    const blocks = original.blocks.filter((block) => block.batch === batch)
    const parts = rebuild(chain, batch, blocks, { ...behaviour, reuse, first: from })
    for (const { number, transactions } of chain.blocks.filter((block) => block.batch > highest(stream))) {
      stage(`Finish block ${number} with ${transactions.length} transactions... gas=0`)
    }
    for (let i = 0; i < parts; i++) stage(`Finish batch ${highest(chain) - parts + 1 + i}...`)
    save()
    stage(`Resequenced original batch ${batch} with ${parts} batches`)
    if (strict && parts !== 1)
      throw new Error(`strict mode enabled, but resequenced batch ${batch} has ${parts} sub-batches`)
    if (mutation === 'slow' && batch < from + 6) await sleep(500)
  }
  if (mutation === 'P4') moveFirstBlock(from + 1)
  if (mutation === 'P5') joinLast()
  save()
}

function truncate(from: number): void {
  stream = upTo(stream, from - 1)
  write(files.stream, stream)
}

async function spin(): Promise<never> {
  for (;;) {
    stage('Finish batch 9999...')
    await sleep(20)
  }
}

/** Recovery from L1: what L1 has of the batches is, in the model, what the stream had. */
async function recover(): Promise<void> {
  log(`Starting sequencer in L1 recovery mode              startBlock=${startBlock}`)
  const stop = Number(given('zkevm.recovery-stop-batch'))
  const bad = given('zkevm.bad-batches').split(',').map(Number)
  const original: Chain = structuredClone(stream)
  for (let waited = 0; waited < (behaviour.syncMs ?? 0); waited += 100) {
    log(`[2/14 L1 Sequencer Block Sync] Syncing L1 blocks      latest-batch=${Math.floor(waited / 100)}`)
    await sleep(100)
  }
  for (let batch = highest(chain) + 1; batch <= stop; batch++) {
    log(`[6/14 Execution] L1 recovery beginning for batch         batch=${batch}`)
    if (mutation === 'l1-hole' && batch === stop) return await recovered(batch)
    if (bad.includes(batch)) {
      stage(`Skipping bad batch ${batch}...`)
      chain.batches.push({ number: batch, closed: true })
      continue
    }
    const blocks = original.blocks.filter((block) => block.batch === batch)
    rebuild(chain, batch, blocks, { ...behaviour, reuse: true, first: -1 })
    for (const { number } of chain.blocks.filter((block) => block.batch === batch)) {
      stage(`Finish block ${number} with 0 transactions... gas=0`)
    }
    stage(`Finish batch ${batch}...`)
  }
  save()
  await recovered(stop + 1)
}

/** At the tip it says so at once, whether it has recovered anything or not; then again and again. */
async function recovered(batch: number): Promise<void> {
  for (;;) {
    log(`[6/14 Execution] L1 recovery has completed!         batch=${batch}`)
    await sleep(1_000)
  }
}

async function sequence(): Promise<void> {
  if (mutation === 'rewrite' && haltAt === 0) alterLast()
  for (;;) {
    const number = highest(chain) + 1
    // As by the kernel, out of memory.
    if (mutation === 'killed-before-halt' && haltAt > 0 && number === haltAt - 1) {
      await sleep(1_500)
      process.kill(process.pid, 'SIGKILL')
    }
    if (number === haltAt) {
      idle = true
      for (;;) {
        stage(`Halt sequencer on batch ${number}...`)
        await sleep(100)
      }
    }
    chain.batches.push({ number, closed: false })
    for (let i = 0; i < BLOCKS_IN_BATCH; i++) {
      // Fast at first, then slowly: a long test must not find a long chain.
      await sleep(number > 8 ? 4 * blockMs : blockMs)
      const last = chain.blocks.at(-1)
      const height = (last?.number ?? 0) + 1
      const transactions = Array.from({ length: height % 3 }, (_, k) => sha('transaction', height, k))
      const infoIndex = behaviour.updates ? Math.floor(height / 2) : 0
      seal(chain, { timestamp: (last?.timestamp ?? 0) + 1, transactions, batch: number, infoIndex })
    }
    chain.batches.splice(-1, 1, { number, closed: true })
    stage(`Finish batch ${number}...`)
    save()
  }
}

function save(): void {
  write(files.database, chain)
  stream = structuredClone(chain)
  write(files.stream, stream)
}

function alterKept(): void {
  const kept = chain.blocks.at(-1)
  if (kept) kept.hash = sha(kept.hash)
}

/** A start that builds the last block once more: published blocks are replaced. */
function alterLast(): void {
  const last = chain.blocks.at(-1)
  if (last && last.number > 3) last.hash = sha(last.hash)
}

/** Puts the first block of a batch into the batch before it. */
function moveFirstBlock(batch: number): void {
  const block = chain.blocks.find((one) => one.batch === batch)
  if (block) block.batch = batch - 1
}

/** Makes the last two batches one. */
function joinLast(): void {
  const last = highest(chain)
  for (const block of chain.blocks) if (block.batch === last) block.batch = last - 1
  chain.batches.pop()
}
