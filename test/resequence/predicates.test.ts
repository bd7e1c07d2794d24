import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Comparison, Snapshot, ZkBlock } from '../../lib/operations/resequence/block-range.ts'
import { readLine } from '../../lib/operations/resequence/log-lines.ts'
import { failures, judge } from '../../lib/operations/resequence/predicates.ts'
import { readRecovery } from '../../lib/operations/resequence/steps/recover.ts'
import { readResequence } from '../../lib/operations/resequence/steps/resequence.ts'
import type { Hash } from '../../lib/protocol/block.ts'

const hash = (...words: unknown[]) => `0x${Buffer.from(words.join('/')).toString('hex').padStart(64, '0')}` as Hash
const kept = [{ number: 9n, hash: hash('kept') }]

/** Links blocks onto the kept one; `cut` gives each block's parts, a new batch begins at each part. */
function chain(
  sizes: readonly number[],
  cut: (size: number, i: number) => readonly number[] = (size) => [size],
): Snapshot {
  const blocks: ZkBlock[] = []
  let batch = 4n
  sizes.forEach((size, i) => {
    if (i % 3 === 0) batch++
    let from = 0
    cut(size, i).forEach((part, k) => {
      if (k > 0) batch++
      const transactions = Array.from({ length: part }, (_, n) => hash('tx', i, from + n))
      from += part
      const number = 10n + BigInt(blocks.length)
      const parentHash = blocks.at(-1)?.hash ?? hash('kept')
      const id = hash(number, transactions.length, i)
      blocks.push({ number, hash: id, parentHash, timestamp: BigInt(i), stateRoot: hash(i), transactions, batch })
    })
  })
  const numbers = [...new Set(blocks.map((block) => block.batch))]
  return { kept, range: { blocks, batches: numbers.map((number) => ({ number, closed: true })) } }
}

/** What a run saw whose database ended with the kept block in between. */
const compare = (before: Snapshot, after: Snapshot): Comparison => ({ before, unwoundTo: 9n, after })
const names = (comparison: Comparison, strict = false) =>
  failures(judge(comparison, { strict })).map(({ name }) => name)

const sizes = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 30 })

test('the same chain holds all of them, strict', () => {
  fc.assert(
    fc.property(sizes, (list) => {
      expect(failures(judge(compare(chain(list), chain(list)), { strict: true }))).toEqual([])
    }),
  )
})

test('however blocks are split, P0 to P7 hold; P8 does only when none was', () => {
  fc.assert(
    fc.property(sizes, fc.infiniteStream(fc.integer({ min: 0, max: 4 })), (list, cuts) => {
      const split = (size: number) => {
        const at = Math.min(cuts.next().value ?? 0, size)
        return at > 0 && at < size ? [at, size - at] : [size]
      }
      const [before, after] = [chain(list), chain(list, split)]
      const judgements = judge(compare(before, after), { strict: false })
      expect(failures(judgements)).toEqual([])
      expect(judgements.at(-1)?.holds).toBe(after.range.blocks.length === before.range.blocks.length)
    }),
  )
})

test('a transaction taken, doubled, swapped or moved to another block is found', () => {
  const twoOrMore = fc.array(fc.integer({ min: 2, max: 5 }), { minLength: 2, maxLength: 12 })
  fc.assert(
    fc.property(twoOrMore, fc.nat(), fc.constantFrom('take', 'double', 'swap', 'move'), (list, n, fault) => {
      const before = chain(list)
      const after = structuredClone(before)
      const i = n % (list.length - 1)
      const block = after.range.blocks[i] as unknown as { transactions: Hash[] }
      const next = after.range.blocks[i + 1] as unknown as { transactions: Hash[] }
      const [first, second] = block.transactions
      if (!first || !second) return
      if (fault === 'take') block.transactions.shift()
      if (fault === 'double') block.transactions.push(first)
      if (fault === 'swap') block.transactions.splice(0, 2, second, first)
      if (fault === 'move') next.transactions.unshift(block.transactions.pop() ?? first)
      expect(names(compare(before, after))).not.toEqual([])
    }),
  )
})

test('an empty block that is doubled or gone is found', () => {
  const before = chain([1, 0, 1])
  for (const after of [chain([1, 0, 1], (size) => (size === 0 ? [0, 0] : [size])), chain([1, 1])]) {
    expect(names(compare(before, after))).toContain('P1')
  }
})

const every = ['P0', 'P1', 'P2', 'P3', 'P4', 'P5', 'P6', 'P7', 'P8']
const whole = chain([2, 0, 1, 3])
const nothing: Snapshot = { kept, range: { blocks: [], batches: [] } }
const unkept = (sighting: Snapshot): Snapshot => ({ ...sighting, kept: [] })
const unbatched: Snapshot = { kept, range: { blocks: whole.range.blocks, batches: [] } }

test.each<[what: string, Comparison]>([
  ['nothing was unwound: the database ended where it had', { ...compare(whole, whole), unwoundTo: 13n }],
  ['it was unwound too far', { ...compare(whole, whole), unwoundTo: 8n }],
  ['what the unwind came to was never read', { ...compare(whole, whole), unwoundTo: undefined }],
  ['there was nothing, and is nothing', compare(nothing, nothing)],
  ['nothing came again', compare(whole, nothing)],
  ['nothing had been there', compare(nothing, whole)],
  ['no kept block was read', compare(unkept(whole), unkept(whole))],
  ['no kept block was read afterwards', compare(whole, unkept(whole))],
  ['no batch was read', compare(unbatched, unbatched)],
])('no predicate holds because nothing happened: %s', (_, comparison) => {
  expect(names(comparison, true)).toEqual(every)
})

test('a block of no old one has no time, transaction or batch that could be compared', () => {
  const stranger = { ...whole.range.blocks[1], timestamp: 77n, transactions: [hash('strange')] } as ZkBlock
  const empty = { ...stranger, transactions: [] }
  for (const odd of [stranger, empty]) {
    const after = { kept, range: { ...whole.range, blocks: [odd, ...whole.range.blocks] } }
    expect(names(compare(whole, after))).toEqual(expect.arrayContaining(['P1', 'P2', 'P3', 'P4']))
  }
})

/** Lines as a real node wrote them (2.61.2). */
const lines =
  `[INFO] [11-21|13:21:11.583] [6/14 Execution] Last batch 61 is lower than highest batch in datastream 63, resequencing...
[INFO] [11-21|13:21:12.240] [6/14 Execution] Resequence from batch 62 to 63 in data stream
[INFO] [11-21|13:21:12.335] [6/14 Execution] Finish block 495 with 0 transactions... gas=0 info-tree-index=0 taken=18.074601ms
[INFO] [11-21|13:21:12.335] [6/14 Execution] Resequenced original batch 62 with 1 batches
[INFO] [11-21|13:21:12.415] [6/14 Execution] Resequenced original batch 63 with 1 batches
[INFO] [11-21|13:21:13.458] [6/14 Execution] Resequencing completed. Please restart sequencer without resequence flag.`.split(
    '\n',
  )

function follow(text: readonly string[]): string | undefined {
  const { take } = readResequence({ keep: 61n, last: 63n, strict: true, mostParts: 8 })
  for (const line of text) {
    const event = readLine(line)
    const words = event && take(event)
    if (words !== undefined) return words
  }
  return undefined
}

test('a whole log is a success; without any of its lines it is not, or it is still awaited', () => {
  expect(follow(lines)).toBe('batches 62 to 63 were rebuilt, as 2')
  for (const missing of [0, 1, 3, 4]) expect(() => follow(lines.filter((_, i) => i !== missing))).toThrow()
  expect(follow(lines.slice(0, -1))).toBeUndefined()
  expect(follow(lines.slice(-1).map(() => ''))).toBeUndefined()
  expect(() => follow(lines.slice(-1))).toThrow('has built nothing')
  expect(() => follow([...lines.slice(0, 2), ...lines])).toThrow('a second time')
})

test.each([
  '[EROR] [11-21|13:20:00.378] [7/14 IntermediateHashesV3] wrong trie root: 7a50, expected (from header): 6ee1',
  '[EROR] [11-21|13:16:25.037] Staged Sync                              err="[6/14 Execution] strict mode enabled"',
  '[INFO] [11-21|13:16:25.037] [6/14 Execution] identified an invalid batch with number 7',
])('trouble: %s', (line) => {
  expect(readLine(line)?.kind).toBe('trouble')
})

test.each([
  '[EROR] [11-21|13:15:42.830] Staged Sync  err="[9/14 CallTraces] context canceled"',
  '[EROR] [11-21|13:15:42.830] Staged Sync  err="[5/13 Execution] [6/13 IntermediateHashes] Context done"',
  '[INFO] [11-21|13:15:42.830] Got interrupt, shutting down...',
])('the end of the former process is no trouble: %s', (line) => {
  expect(readLine(line)?.kind).toBe('ending')
})

test.each([
  [
    '[EROR] [11-21|13:15:42.830] mdbx_txn_commit_ex: no space left on device',
    'mdbx_txn_commit_ex: no space left on device',
  ],
  ['[CRIT] [11-21|13:15:42.830] out of memory', 'out of memory'],
  ['{"lvl":"eror","msg":"mdbx_txn_commit_ex","err":"disk","t":"2026"}', 'mdbx_txn_commit_ex err=disk'],
])('an error of no stage: %s', (line, text) => {
  expect(readLine(line)).toEqual({ kind: 'error', text })
})

test('a line in JSON is the plain one', () => {
  for (const line of lines) {
    const text = line.replace(/^\[INFO\] \[[^\]]*\] /, '')
    expect(readLine(JSON.stringify({ lvl: 'info', msg: text, t: 'x' }))).toEqual(readLine(line))
  }
})

const recovery = [
  'Starting sequencer in L1 recovery mode   startBlock=5',
  '[6/14 Execution] L1 recovery beginning for batch   batch=62',
  '[6/14 Execution] Skipping bad batch 62...',
  '[6/14 Execution] L1 recovery beginning for batch   batch=63',
  '[6/14 Execution] L1 recovery beginning for batch   batch=63',
  '[6/14 Execution] L1 recovery has completed!   batch=64',
]

test('a recovery is over when each batch was come to; without any of its lines it is not', () => {
  const recover = (text: readonly string[]) => {
    const { take } = readRecovery({ keep: 61n, last: 63n, bad: [62n], first: 5n })
    return text
      .flatMap((line) => readLine(`[INFO] [11-21|13:21:11.583] ${line}`) ?? [])
      .flatMap((event) => take(event) ?? [])
  }
  expect(recover(recovery)).toEqual(['batches 62 to 63 were rebuilt from L1 since its block 5, 1 left out'])
  expect(recover(recovery.slice(0, -1))).toEqual([])
  expect(() => recover([...recovery.slice(0, 1), ...recovery.slice(-1)])).toThrow('has rebuilt nothing')
  expect(() => recover(recovery.filter((_, i) => i !== 1))).toThrow('comes to batch 63, not 62')
  expect(() => recover(recovery.filter((_, i) => i !== 2))).toThrow('did not skip bad batch 62')
  expect(() => recover(recovery.filter((_, i) => i !== 3 && i !== 4))).toThrow('did not come to batch 63')
  expect(() => recover([...recovery.slice(0, -1), '[6/14 Execution] L1 recovery has completed!   batch=63'])).toThrow(
    'no data on L1 for batch 63',
  )
})
