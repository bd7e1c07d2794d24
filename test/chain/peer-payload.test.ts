import { type Hex, keccak256, numberToHex, padHex, parseTransaction, type TransactionSerializable } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { describe, expect, test } from 'vitest'
import { createNodeClient } from '../../lib/chain/client.ts'
import type { Envelope } from '../../lib/chain/envelope.ts'
import { getPeerPayload, rebuildPayload } from '../../lib/chain/peer-payload.ts'
import { blockJson } from '../../lib/simulator/chain/block-json.ts'
import { envelopes } from './fixtures.ts'
import { serveRpc } from './rpc-server.ts'

const account = privateKeyToAccount(padHex('0x1234', { size: 32 }))
const to = '0x4200000000000000000000000000000000000016'
const key = padHex('0x01', { size: 32 })
const [real] = envelopes
if (real === undefined) throw new Error('no fixtures')

const withTransactions = (transactions: readonly Hex[], more = {}): Envelope => ({
  ...real,
  executionPayload: { ...real.executionPayload, transactions, ...more },
})

describe('a payload rebuilt from a peer', () => {
  test('equals what the real op-node sent', () => {
    for (const envelope of envelopes) expect(rebuildPayload(blockJson(envelope))).toEqual(envelope)
  })

  const unsigned: Record<string, TransactionSerializable> = {
    legacy: { type: 'legacy', chainId: 901, nonce: 0, gasPrice: 10n, gas: 21_000n, to, value: 0n },
    'legacy without replay protection': { type: 'legacy', nonce: 7, gasPrice: 10n, gas: 21_000n, to, value: 1n },
    'contract creation': { type: 'legacy', chainId: 901, nonce: 300, gasPrice: 1n, gas: 90_000n, data: '0x6000' },
    2930: {
      type: 'eip2930',
      chainId: 901,
      nonce: 1,
      gasPrice: 10n,
      gas: 30_000n,
      to,
      data: '0x00ff',
      accessList: [{ address: to, storageKeys: [key] }],
    },
    1559: {
      type: 'eip1559',
      chainId: 901,
      nonce: 2,
      maxFeePerGas: 10n,
      maxPriorityFeePerGas: 0n,
      gas: 21_000n,
      to,
      value: 10n ** 18n,
      accessList: [{ address: to, storageKeys: [] }],
    },
  }

  test.each(Object.entries(unsigned))('%s transactions', async (_, transaction) => {
    const envelope = withTransactions([
      ...real.executionPayload.transactions,
      await account.signTransaction(transaction),
    ])
    expect(rebuildPayload(blockJson(envelope))).toEqual(envelope)
  })

  test('7702 transactions', async () => {
    const authorization = await account.signAuthorization({ address: to, chainId: 901, nonce: 3 })
    const raw = await account.signTransaction({
      type: 'eip7702',
      chainId: 901,
      nonce: 2,
      maxFeePerGas: 10n,
      maxPriorityFeePerGas: 1n,
      gas: 60_000n,
      to,
      authorizationList: [authorization],
    })
    const envelope = withTransactions([raw])
    expect(rebuildPayload(blockJson(envelope))).toEqual(envelope)
  })

  test('signatures with leading zeros', async () => {
    const base = { type: 'eip1559', chainId: 901, maxFeePerGas: 9n, gas: 21_000n, to } as const
    const raws = await Promise.all(
      Array.from({ length: 400 }, (_, nonce) => account.signTransaction({ ...base, nonce })),
    )
    const short = raws.filter((raw) => {
      const { r, s } = parseTransaction(raw)
      return [r, s].some((value) => value?.startsWith('0x00'))
    })
    expect(short.length).toBeGreaterThan(0)
    const envelope = withTransactions(raws)
    expect(rebuildPayload(blockJson(envelope))).toEqual(envelope)
  })

  test('deposits that mint, create, and run as the system', () => {
    const word = keccak256('0x').slice(2)
    const from = 'deaddeaddeaddeaddeaddeaddeaddeaddead0001'
    // sourceHash, from, to '', mint 1, value 2, gas 3, isSystemTx 1, data 0xff
    const body = `a0${word}94${from}80010203${'01'}81ff`
    const raw: Hex = `0x7e${`f8${(body.length / 2).toString(16).padStart(2, '0')}`}${body}`
    const envelope = withTransactions([raw])
    expect(rebuildPayload(blockJson(envelope))).toEqual(envelope)
    // op-reth's form.
    const json = blockJson(envelope)
    const transactions = json.transactions.map((each) => ({ ...(each as object), isSystemTx: '0x1' }))
    expect(rebuildPayload({ ...json, transactions })).toEqual(envelope)
  })

  test('a field of a later fork may be null', () => {
    const { parentBeaconBlockRoot: _, executionPayload } = real
    const { withdrawals: __, blobGasUsed: ___, excessBlobGas: ____, ...bedrock } = executionPayload
    const envelope: Envelope = { executionPayload: bedrock }
    const later = [
      'withdrawalsRoot',
      'blobGasUsed',
      'excessBlobGas',
      'parentBeaconBlockRoot',
      'requestsHash',
      'slotNumber',
    ]
    const nulls = Object.fromEntries(later.map((field) => [field, null]))
    expect(rebuildPayload({ ...blockJson(envelope), ...nulls })).toEqual(envelope)
  })

  test.each(['bedrock', 'canyon', 'ecotone', 'isthmus', 'jovian'] as const)('%s', (fork) => {
    const { parentBeaconBlockRoot, executionPayload } = real
    const { withdrawals, blobGasUsed: _, excessBlobGas: __, ...bedrock } = executionPayload
    const root = keccak256('0x01')
    const forks: Record<typeof fork, object> = {
      bedrock: { executionPayload: bedrock },
      canyon: { executionPayload: { ...bedrock, withdrawals } },
      ecotone: { parentBeaconBlockRoot, executionPayload },
      isthmus: {
        parentBeaconBlockRoot,
        executionPayload: { ...executionPayload, extraData: '0x00000000fa00000006', withdrawalsRoot: root },
      },
      jovian: {
        parentBeaconBlockRoot,
        executionPayload: {
          ...executionPayload,
          extraData: '0x01000000fa000000060000000000000000',
          blobGasUsed: '0x1a0',
          withdrawalsRoot: root,
        },
      },
    }
    const envelope = forks[fork] as Envelope
    expect(rebuildPayload(blockJson(envelope))).toEqual(envelope)
  })

  test('a transaction that does not encode to its hash is an error', async () => {
    const json = blockJson(real)
    const [first] = json.transactions
    expect(() => rebuildPayload({ ...json, transactions: [{ ...first, gas: '0x1' }] })).toThrow(
      'does not encode to its hash',
    )
    expect(() => rebuildPayload({ ...json, transactions: [first?.hash] })).toThrow()
  })

  test('is fetched by number, and is null if the peer has none', async () => {
    const { url } = await serveRpc((_, [number]) => ({ result: number === numberToHex(1) ? blockJson(real) : null }))
    const client = createNodeClient(url)
    expect(await getPeerPayload(client, { number: 1n })).toEqual(real)
    expect(await getPeerPayload(client, { number: 2n })).toBeNull()
  })
})
