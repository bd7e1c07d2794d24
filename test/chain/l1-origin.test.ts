import { concatHex, encodeFunctionData, type Hex, hexToBigInt, numberToHex, padHex, parseAbi } from 'viem'
import { serializeTransaction } from 'viem/op-stack'
import { describe, expect, test } from 'vitest'
import { l1Origin } from '../../lib/chain/envelope.ts'
import { envelopes } from './fixtures.ts'

const hash = padHex('0xab', { size: 32 })
const zero = padHex('0x', { size: 32 })

const deposit = (data: Hex) =>
  serializeTransaction({
    type: 'deposit',
    sourceHash: hash,
    from: '0xdeaddeaddeaddeaddeaddeaddeaddeaddead0001',
    to: '0x4200000000000000000000000000000000000015',
    gas: 1_000_000n,
    data,
  })

const packed = (selector: Hex, tail: Hex = '0x') =>
  concatHex([
    selector,
    numberToHex(1, { size: 4 }),
    numberToHex(2, { size: 4 }),
    numberToHex(3, { size: 8 }),
    numberToHex(1_700_000_000, { size: 8 }),
    numberToHex(21_000_000, { size: 8 }),
    numberToHex(7, { size: 32 }),
    numberToHex(8, { size: 32 }),
    hash,
    zero,
    tail,
  ])

describe('the L1 origin of a payload', () => {
  test('of every payload real op-nodes sent', () => {
    expect(envelopes.length).toBeGreaterThan(100)
    for (const { executionPayload } of envelopes) {
      const [first = '0x'] = executionPayload.transactions
      const origin = l1Origin(first)
      // Where the calldata starts in these recordings: 164 bytes at the transaction's end.
      const data = first.slice(-2 * 164)
      expect(origin).toEqual({ number: hexToBigInt(`0x${data.slice(56, 72)}`), hash: `0x${data.slice(200, 264)}` })
    }
  })

  test('consecutive blocks name the same or the next L1 block', () => {
    const blocks = new Map(envelopes.slice(-40).map(({ executionPayload: p }) => [p.blockNumber, p.transactions[0]]))
    const numbers = [...blocks.values()].map((first) => l1Origin(first)?.number ?? -1n)
    for (const [index, number] of numbers.entries()) {
      expect(number).toBeGreaterThanOrEqual(numbers[index - 1] ?? 0n)
    }
  })

  test('Bedrock', () => {
    const abi = parseAbi(['function setL1BlockValues(uint64,uint64,uint256,bytes32,uint64,bytes32,uint256,uint256)'])
    const data = encodeFunctionData({ abi, args: [17_422_590n, 1n, 2n, hash, 3n, zero, 4n, 5n] })
    expect(l1Origin(deposit(data))).toEqual({ number: 17_422_590n, hash })
  })

  test.each([
    ['Ecotone', '0x440a5e20', '0x'],
    ['Isthmus', '0x098999be', numberToHex(0, { size: 12 })],
    ['Jovian', '0x3db6be2b', numberToHex(0, { size: 14 })],
  ] as const)('%s', (_, selector, tail) => {
    expect(l1Origin(deposit(packed(selector, tail)))).toEqual({ number: 21_000_000n, hash })
  })

  test.each([
    undefined,
    '0x',
    '0x7e',
    '0x7ec0',
    '0x7ef8ff00',
    '0x02f86b',
    deposit('0x'),
    deposit('0x440a5e20'),
    deposit(packed('0x12345678')),
    deposit('0x015d8eb9ffff'),
  ] as (Hex | undefined)[])('%s has none', (transaction) => {
    expect(l1Origin(transaction)).toBeUndefined()
  })
})
