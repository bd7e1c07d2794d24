import { type Address, type Hex, keccak256, numberToHex, padHex, toRlp } from 'viem'
import { type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts'
import type { Envelope, ExecutionPayload } from '../../lib/chain/envelope.ts'
import { hashPayload } from '../../lib/chain/header.ts'
import { orderedRoot, trieRoot } from '../../lib/chain/ordered-root.ts'
import type { Block, BlockId } from '../../lib/protocol/block.ts'

/**
 * A chain made by hand, without an execution client: transfers of ether only, so that state roots and
 * receipts can be computed here. A real client that accepts its blocks proves these computations, and
 * 5,000 blocks take a second.
 */
export type HandmadeChain = {
  readonly genesis: object
  /** Payloads of block 1, 2, …; block `n` is `payloads[n - 1]`. */
  readonly payloads: readonly Envelope[]
}

const CHAIN_ID = 1337
const GENESIS_TIME = 1_700_000_000
const GAS_LIMIT = 30_000_000n
const GAS_PRICE = 10_000_000_000n
const NO_CODE = keccak256('0x')
const NO_STORAGE = trieRoot([])
const NO_BLOOM = padHex('0x', { size: 256 })
const feeRecipient: Address = '0x4200000000000000000000000000000000000011'
const sender = privateKeyToAccount(padHex('0xba70', { size: 32 }))
const RICH = 10n ** 24n

type Account = { nonce: bigint; balance: bigint }

/** Makes a chain; each block that `transfers` gives a number for carries so many transfers. */
export async function makeChain(
  length: number,
  transfers: (number: number) => number = (number) => (number % 25 === 0 ? 1 : 0),
): Promise<HandmadeChain> {
  const state = new Map<Address, Account>([[sender.address, { nonce: 0n, balance: RICH }]])
  const payloads: Envelope[] = []
  let parent = genesisBlock(rootOf(state))
  let stateRoot = rootOf(state)
  for (let number = 1; number <= length; number++) {
    const baseFee = nextBaseFee(parent)
    const transactions: Hex[] = []
    for (let i = 0; i < transfers(number); i++) {
      transactions.push(await transfer(sender, state, number * 1000 + i, baseFee))
    }
    if (transactions.length > 0) stateRoot = rootOf(state)
    const payload: ExecutionPayload = {
      parentHash: parent.blockHash,
      feeRecipient,
      stateRoot,
      receiptsRoot: orderedRoot(transactions.map((_, i) => receipt(i))),
      logsBloom: NO_BLOOM,
      prevRandao: keccak256(numberToHex(number)),
      blockNumber: numberToHex(number),
      gasLimit: numberToHex(GAS_LIMIT),
      gasUsed: numberToHex(21_000n * BigInt(transactions.length)),
      timestamp: numberToHex(GENESIS_TIME + number),
      extraData: '0x',
      baseFeePerGas: numberToHex(baseFee),
      blockHash: '0x',
      transactions,
      withdrawals: [],
    }
    const blockHash = hashPayload({ executionPayload: payload })
    parent = { ...payload, blockHash }
    payloads.push({ executionPayload: parent })
  }
  return { genesis: genesisFile(), payloads }
}

/** A payload as the protocol's block. */
export function blockOf({ executionPayload: payload }: Envelope): Block {
  return {
    number: BigInt(payload.blockNumber),
    hash: payload.blockHash,
    parentHash: payload.parentHash,
    timestamp: BigInt(payload.timestamp),
  }
}

export const idOf = (envelope: Envelope): BlockId => {
  const { number, hash } = blockOf(envelope)
  return { number, hash }
}

async function transfer(
  from: PrivateKeyAccount,
  state: Map<Address, Account>,
  seed: number,
  baseFee: bigint,
): Promise<Hex> {
  const to: Address = `0x${keccak256(numberToHex(seed % 40)).slice(-40)}`
  const payer = touch(state, from.address)
  const value = BigInt(seed)
  const raw = await from.signTransaction({
    type: 'legacy',
    chainId: CHAIN_ID,
    nonce: Number(payer.nonce),
    gasPrice: GAS_PRICE,
    gas: 21_000n,
    to,
    value,
  })
  payer.nonce++
  payer.balance -= value + 21_000n * GAS_PRICE
  touch(state, to).balance += value
  touch(state, feeRecipient).balance += 21_000n * (GAS_PRICE - baseFee)
  return raw
}

function touch(state: Map<Address, Account>, address: Address): Account {
  const account = state.get(address) ?? { nonce: 0n, balance: 0n }
  state.set(address, account)
  return account
}

function rootOf(state: ReadonlyMap<Address, Account>): Hex {
  return trieRoot(
    [...state].map(([address, { nonce, balance }]) => [
      keccak256(address).slice(2),
      toRlp([bytes(nonce), bytes(balance), NO_STORAGE, NO_CODE]),
    ]),
  )
}

/** A legacy receipt: status 1, gas so far, no logs. */
const receipt = (index: number): Hex => toRlp(['0x01', bytes(21_000n * BigInt(index + 1)), NO_BLOOM, []])

const bytes = (value: bigint): Hex => {
  if (value === 0n) return '0x'
  const digits = value.toString(16)
  return digits.length % 2 ? `0x0${digits}` : `0x${digits}`
}

/** EIP-1559. */
function nextBaseFee({ gasUsed, baseFeePerGas }: Pick<ExecutionPayload, 'gasUsed' | 'baseFeePerGas'>): bigint {
  const fee = BigInt(baseFeePerGas)
  const target = GAS_LIMIT / 2n
  const used = BigInt(gasUsed)
  if (used >= target) throw new Error('a block is fuller than this chain can do')
  return fee - (fee * (target - used)) / target / 8n
}

const GENESIS_FEE = 1_000_000_000n

function genesisBlock(stateRoot: Hex): ExecutionPayload {
  const payload: ExecutionPayload = {
    parentHash: padHex('0x', { size: 32 }),
    feeRecipient: padHex('0x', { size: 20 }),
    stateRoot,
    receiptsRoot: NO_STORAGE,
    logsBloom: NO_BLOOM,
    prevRandao: padHex('0x', { size: 32 }),
    blockNumber: '0x0',
    gasLimit: numberToHex(GAS_LIMIT),
    gasUsed: '0x0',
    timestamp: numberToHex(GENESIS_TIME),
    extraData: '0x',
    baseFeePerGas: numberToHex(GENESIS_FEE),
    blockHash: '0x',
    transactions: [],
    withdrawals: [],
  }
  return { ...payload, blockHash: hashPayload({ executionPayload: payload }) }
}

function genesisFile(): object {
  const blocks = [
    'homesteadBlock',
    'eip150Block',
    'eip155Block',
    'eip158Block',
    'byzantiumBlock',
    'constantinopleBlock',
    'petersburgBlock',
    'istanbulBlock',
    'berlinBlock',
    'londonBlock',
    'mergeForkBlock',
  ]
  return {
    config: {
      chainId: CHAIN_ID,
      ...Object.fromEntries(blocks.map((fork) => [fork, 0])),
      shanghaiTime: 0,
      terminalTotalDifficulty: 0,
      terminalTotalDifficultyPassed: true,
    },
    nonce: '0x0',
    timestamp: numberToHex(GENESIS_TIME),
    extraData: '0x',
    gasLimit: numberToHex(GAS_LIMIT),
    difficulty: '0x0',
    mixHash: padHex('0x', { size: 32 }),
    coinbase: padHex('0x', { size: 20 }),
    baseFeePerGas: numberToHex(GENESIS_FEE),
    alloc: { [sender.address]: { balance: numberToHex(RICH) } },
  }
}
