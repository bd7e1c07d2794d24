import { type Hex, keccak256, numberToHex, parseTransaction } from 'viem'
import { fromRlp } from 'viem/utils'
import type { Envelope } from '../../chain/envelope.ts'
import { headerOf } from '../../chain/header.ts'

const EMPTY_ROOT = '0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421'
const EMPTY_REQUESTS = '0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

/** The JSON of op-geth's `eth_getBlockByNumber(n, true)` for the block of a payload. */
export function blockJson(envelope: Envelope) {
  const { parentBeaconBlockRoot, executionPayload: payload } = envelope
  const { feeRecipient, prevRandao, blockNumber, blockHash, transactions, withdrawalsRoot, ...same } = payload
  return {
    ...same,
    hash: blockHash,
    number: blockNumber,
    miner: feeRecipient,
    mixHash: prevRandao,
    nonce: '0x0000000000000000',
    difficulty: '0x0',
    size: '0x1',
    uncles: [],
    transactionsRoot: rootOf(envelope),
    transactions: transactions.map((raw, index) => transactionJson(raw, index, payload)),
    ...(same.withdrawals && { withdrawalsRoot: withdrawalsRoot ?? EMPTY_ROOT }),
    ...(parentBeaconBlockRoot && { parentBeaconBlockRoot }),
    ...(withdrawalsRoot && { requestsHash: EMPTY_REQUESTS }),
  }
}

const roots = new WeakMap<Envelope, Hex>()

/** Cached: callers ask a node for its newest block all the time. */
function rootOf(envelope: Envelope): Hex {
  const root = roots.get(envelope) ?? headerOf(envelope).transactionsRoot
  roots.set(envelope, root)
  return root
}

function transactionJson(raw: Hex, index: number, { blockHash, blockNumber }: Envelope['executionPayload']) {
  const place = { hash: keccak256(raw), blockHash, blockNumber, transactionIndex: numberToHex(index) }
  return { ...place, ...(raw.startsWith('0x7e') ? depositJson(raw) : signedJson(raw)) } as Record<string, unknown>
}

function depositJson(raw: Hex) {
  const fields = fromRlp(`0x${raw.slice(4)}`, 'hex') as Hex[]
  const [sourceHash = '0x', from = '0x', to = '0x', mint = '0x', value = '0x', gas = '0x', system, input = '0x'] =
    fields
  return {
    type: '0x7e',
    sourceHash,
    from,
    to: to === '0x' ? null : to,
    ...(mint !== '0x' && { mint: numberToHex(BigInt(mint)) }),
    value: value === '0x' ? '0x0' : numberToHex(BigInt(value)),
    gas: gas === '0x' ? '0x0' : numberToHex(BigInt(gas)),
    ...(system === '0x01' && { isSystemTx: true }),
    input,
    nonce: '0x3',
    gasPrice: '0x0',
    depositReceiptVersion: '0x1',
    r: '0x0',
    s: '0x0',
    v: '0x0',
    yParity: '0x0',
  }
}

const types = { legacy: '0x0', eip2930: '0x1', eip1559: '0x2', eip4844: '0x3', eip7702: '0x4' } as const

function signedJson(raw: Hex) {
  const parsed = parseTransaction(raw)
  const hex = (value: bigint | number | undefined) => numberToHex(value ?? 0)
  const minimal = (word: Hex | undefined) => numberToHex(BigInt(word ?? '0x0'))
  const { v } = parsed as { v?: bigint }
  return {
    type: types[parsed.type ?? 'legacy'],
    nonce: hex(parsed.nonce),
    gas: hex(parsed.gas),
    to: parsed.to ?? null,
    value: hex(parsed.value),
    input: parsed.data ?? '0x',
    r: minimal(parsed.r),
    s: minimal(parsed.s),
    v: hex(v ?? parsed.yParity),
    from: '0x0000000000000000000000000000000000000001',
    gasPrice: hex(parsed.gasPrice ?? parsed.maxFeePerGas),
    ...(parsed.chainId !== undefined && { chainId: hex(parsed.chainId) }),
    ...(parsed.type !== 'legacy' && { yParity: hex(parsed.yParity), accessList: parsed.accessList ?? [] }),
    ...(parsed.maxFeePerGas !== undefined && {
      maxFeePerGas: hex(parsed.maxFeePerGas),
      maxPriorityFeePerGas: hex(parsed.maxPriorityFeePerGas),
    }),
    ...(parsed.type === 'eip7702' && {
      authorizationList: parsed.authorizationList?.map(({ address, chainId, nonce, r, s, yParity }) => ({
        address,
        chainId: hex(chainId),
        nonce: hex(nonce),
        r: minimal(r),
        s: minimal(s),
        yParity: hex(yParity),
      })),
    }),
  }
}
