import { type Address, type Hex, hexToBigInt, pad, size, slice, stringToHex, toFunctionSelector } from 'viem'
import { assemble, type Instruction } from './assemble.ts'
import type { L1 } from './l1.ts'
import { rpc } from './rpc.ts'

// The least of a DisputeGameFactory that op-proposer v1.19.6 needs: all of its calls
// (op-proposer/contracts/disputegamefactory.go). Every game is at the factory's own address, which answers for the
// newest: op-proposer asks no older one while it proposes alone.

export const FACTORY: Address = '0x000000000000000000000000000000000000fac7'

/** What a game costs, in wei: a proposal without it is refused, as by a real factory. */
const BOND = 1
/** Storage: how many games, who made the newest, its claim, and from {@link TIMES} on when each was made. */
const [COUNT, CREATOR, CLAIM, TIMES] = [0, 1, 2, 0x80]
/** Where the parameters of a call are, after its selector. */
const PARAMETER = (index: number) => 4 + 32 * index

/** `memory[at] = ` what the instructions leave on the stack. */
const put = (at: number, ...value: Instruction[]): Instruction[] => [...value, at, 'MSTORE']
const give = (bytes: number): Instruction[] => [bytes, 0, 'RETURN']

const METHODS: Readonly<Record<string, readonly Instruction[]>> = {
  'version()': [
    ...put(0, 0x20),
    ...put(0x20, 5),
    ...put(0x40, pad(stringToHex('1.0.0'), { dir: 'right' })),
    ...give(0x60),
  ],
  'gameCount()': [...put(0, COUNT, 'SLOAD'), ...give(0x20)],
  'initBonds(uint32)': [...put(0, BOND), ...give(0x20)],
  /** Its type (0), its time, its address. */
  'gameAtIndex(uint256)': [
    ...put(0x20, PARAMETER(0), 'CALLDATALOAD', TIMES, 'ADD', 'SLOAD'),
    ...put(0x40, 'ADDRESS'),
    ...give(0x60),
  ],
  'gameCreator()': [...put(0, CREATOR, 'SLOAD'), ...give(0x20)],
  'rootClaim()': [...put(0, CLAIM, 'SLOAD'), ...give(0x20)],
  /** Logs the claim and the number of its block: the word of `extraData`, behind its offset and its length. */
  'create(uint32,bytes32,bytes)': [
    ...['CALLVALUE' as const, BOND, 'EQ' as const, '@paid' as const, 'JUMPI' as const, 0, 0, 'REVERT' as const],
    ':paid',
    ...['CALLER' as const, CREATOR, 'SSTORE' as const],
    ...[PARAMETER(1), 'CALLDATALOAD' as const, CLAIM, 'SSTORE' as const],
    ...['TIMESTAMP' as const, COUNT, 'SLOAD' as const, TIMES, 'ADD' as const, 'SSTORE' as const],
    ...[1, COUNT, 'SLOAD' as const, 'ADD' as const, COUNT, 'SSTORE' as const],
    ...put(0, PARAMETER(1), 'CALLDATALOAD'),
    ...put(0x20, PARAMETER(4), 'CALLDATALOAD'),
    ...[0x40, 0, 'LOG0' as const],
    ...put(0, 'ADDRESS'),
    ...give(0x20),
  ],
}

const code = (): Hex =>
  assemble([
    ...[0, 'CALLDATALOAD' as const, 0xe0, 'SHR' as const],
    ...Object.keys(METHODS).flatMap((signature): Instruction[] => [
      'DUP1',
      toFunctionSelector(`function ${signature}`),
      'EQ',
      `@${signature}`,
      'JUMPI',
    ]),
    ...[0, 0, 'REVERT' as const],
    ...Object.entries(METHODS).flatMap(([signature, body]): Instruction[] => [`:${signature}`, ...body]),
  ])

/** Puts the factory on L1, without games. */
export async function placeFactory(l1: L1): Promise<void> {
  await rpc(l1.url, 'anvil_setCode', [FACTORY, code()])
}

/** An output that was proposed. */
export type Proposal = { readonly outputRoot: Hex; readonly block: number }

/** What was proposed on L1 so far, in order. */
export async function proposals(l1: L1): Promise<Proposal[]> {
  const logs = await rpc<{ data: Hex }[]>(l1.url, 'eth_getLogs', [{ address: FACTORY, fromBlock: '0x0' }])
  return logs.map(({ data }) => {
    if (size(data) !== 0x40) throw new Error(`no proposal: ${data}`)
    return { outputRoot: slice(data, 0, 0x20), block: Number(hexToBigInt(slice(data, 0x20))) }
  })
}
