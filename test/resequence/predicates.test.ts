import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Hash } from '../../lib/protocol/block.ts'
import { readLine } from '../../lib/resequence/log-lines.ts'
import { failures, judge } from '../../lib/resequence/predicates/judge.ts'
import { readResequence } from '../../lib/resequence/steps/resequence.ts'
import type { Comparison, Sighting, ZkBlock } from '../../lib/resequence/stretch.ts'

const hash = (...words: unknown[]) => `0x${Buffer.from(words.join('/')).toString('hex').padStart(64, '0')}` as Hash
const kept = [{ number: 9n, hash: hash('kept') }]

/** Links blocks onto the kept one; `cut` gives each block's parts, a new batch begins at each part. */
function chain(
  sizes: readonly number[],
  cut: (size: number, i: number) => readonly number[] = (size) => [size],
): Sighting {
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
  return { kept, stretch: { blocks, batches: numbers.map((number) => ({ number, closed: true })) } }
}

const sizes = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 30 })

test('the same chain holds all of them, strict', () => {
  fc.assert(
    fc.property(sizes, (list) => {
      expect(failures(judge({ before: chain(list), after: chain(list) }, { strict: true }))).toEqual([])
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
      const judgements = judge({ before, after }, { strict: false })
      expect(failures(judgements)).toEqual([])
      expect(judgements.at(-1)?.holds).toBe(after.stretch.blocks.length === before.stretch.blocks.length)
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
      const block = after.stretch.blocks[i] as unknown as { transactions: Hash[] }
      const next = after.stretch.blocks[i + 1] as unknown as { transactions: Hash[] }
      const [first, second] = block.transactions
      if (!first || !second) return
      if (fault === 'take') block.transactions.shift()
      if (fault === 'double') block.transactions.push(first)
      if (fault === 'swap') block.transactions.splice(0, 2, second, first)
      if (fault === 'move') next.transactions.unshift(block.transactions.pop() ?? first)
      expect(failures(judge({ before, after } satisfies Comparison, { strict: false }))).not.toEqual([])
    }),
  )
})

test('an empty block that is doubled or gone is found', () => {
  const before = chain([1, 0, 1])
  for (const after of [chain([1, 0, 1], (size) => (size === 0 ? [0, 0] : [size])), chain([1, 1])]) {
    expect(failures(judge({ before, after }, { strict: false })).map(({ name }) => name)).toContain('P1')
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
  expect(follow(lines)).toBe('batches 62 to 63 were built anew, as 2')
  for (const missing of [1, 3, 4]) expect(() => follow(lines.filter((_, i) => i !== missing))).toThrow()
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

test('the end of the former process is no trouble', () => {
  expect(readLine('[EROR] [11-21|13:15:42.830] Staged Sync  err="[9/14 CallTraces] context canceled"')).toBeUndefined()
})
