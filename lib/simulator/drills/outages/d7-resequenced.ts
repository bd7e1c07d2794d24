import { keccak256 } from 'viem'
import type { Snapshot, ZkBlock } from '../../../operations/resequence/block-range.ts'
import { failures, judge } from '../../../operations/resequence/predicates.ts'
import type { Hash } from '../../../protocol/block.ts'
import type { SimulatedBlock } from '../../chain/payload.ts'
import type { Drill } from '../drill.ts'

export const d7: Drill = {
  id: 'D7',
  name: 'resequenced',
  outage: {
    date: '2024',
    chain: 'cdk-erigon',
    lasted: '–',
    happened:
      'A batch the prover cannot take is unwound and sequenced again; blocks may have to be split, and in strict mode must not.',
    source: 'https://github.com/0xPolygonHermez/cdk-erigon/pull/894',
  },
  given: 'a stretch of blocks the chain has made, two to a batch',
  when: 'a node comes back from re-sequencing with it unchanged, split, merged, with another time, or with a block lost',
  must: 'unchanged passes in strict mode; a split passes only where it is allowed; merged, moved in time and lost never count as a success',
  beyond:
    'the node that re-sequences is played by the drill, with the blocks the chain made: cdk-erigon itself is not in the local runtime',
  async play(stage, check) {
    await stage.begin()
    await stage.blocks(5)
    const blocks = stage.node('ada').execution.canonical().slice(1, 7).map(zkBlock)
    const before = sightingOf(blocks)
    const broken = (after: readonly ZkBlock[], strict: boolean) =>
      failures(judge({ before, unwoundTo: before.kept.at(-1)?.number, after: sightingOf(after) }, { strict })).map(
        ({ name }) => name,
      )
    const [first, second, third] = blocks
    if (!first || !second || !third) throw new Error('three blocks are needed')

    check('unchanged, strict: a success', broken(blocks, true).length === 0, broken(blocks, true))
    const half = Math.ceil(second.transactions.length / 2)
    const parts = [second.transactions.slice(0, half), second.transactions.slice(half)]
    const split = linked([first, ...parts.map((transactions) => ({ ...second, transactions })), ...blocks.slice(2)])
    check('one block split: a success where it may be', broken(split, false).length === 0, broken(split, false))
    check('and none in strict mode', broken(split, true).includes('P8'))
    const late = split.map((block, i) => (i === 2 ? { ...block, timestamp: block.timestamp + 1n } : block))
    check(
      'a split block with another time: no success',
      broken(linked(late), false).includes('P2'),
      broken(linked(late), false),
    )
    const both = { ...second, transactions: [...second.transactions, ...third.transactions] }
    const merged = linked([first, both, ...blocks.slice(3)])
    check('two blocks merged: no success', broken(merged, false).includes('P1'), broken(merged, false))
    const lost = linked([first, ...blocks.slice(2)])
    check('a block lost: no success', broken(lost, false).length > 0, broken(lost, false))
  },
}

function zkBlock({ number, hash, parentHash, timestamp, envelope }: SimulatedBlock): ZkBlock {
  const { stateRoot, transactions } = envelope.executionPayload
  const hashes = transactions.map((raw) => keccak256(raw))
  return { number, hash, parentHash, timestamp, stateRoot, transactions: hashes, batch: (number - 1n) / 2n }
}

/** The blocks renumbered and relinked from the first one on, as a node would have built them. */
function linked(blocks: readonly ZkBlock[]): ZkBlock[] {
  const made: ZkBlock[] = []
  for (const block of blocks) {
    const parent = made.at(-1)
    const number = parent ? parent.number + 1n : block.number
    const parentHash = parent?.hash ?? block.parentHash
    const content: Hash = keccak256(`0x${parentHash.slice(2)}${block.transactions.map((tx) => tx.slice(2)).join('')}`)
    const same = parentHash === block.parentHash && number === block.number
    made.push({ ...block, number, parentHash, hash: same && parent?.number !== number ? block.hash : content })
  }
  return made
}

function sightingOf(blocks: readonly ZkBlock[]): Snapshot {
  const [first] = blocks
  const kept = first ? [{ number: first.number - 1n, hash: first.parentHash }] : []
  const numbers = [...new Set(blocks.map(({ batch }) => batch))]
  return { kept, range: { blocks, batches: numbers.map((number) => ({ number, closed: true })) } }
}
