import { keccak256, toHex } from 'viem'
import { describe, expect, test } from 'vitest'
import { createNodeClient } from '../../lib/chain/client.ts'
import type { Envelope } from '../../lib/chain/envelope.ts'
import { hashPayload } from '../../lib/chain/header.ts'
import { getPeerHeader } from '../../lib/chain/peer-header.ts'
import { provePayload, provePayloadAtOnce } from '../../lib/chain/prove-payload.ts'
import { envelopes } from './fixtures.ts'
import { serveRpc } from './rpc-server.ts'

test('what real op-nodes sealed hashes to the hash they named', () => {
  expect(envelopes.length).toBeGreaterThan(5)
  for (const envelope of envelopes) expect(hashPayload(envelope)).toBe(envelope.executionPayload.blockHash)
})

test('every field is in the hash but the hash itself', () => {
  const [envelope] = envelopes
  if (!envelope) throw new Error('no fixtures')
  const { executionPayload: payload } = envelope
  const hash = hashPayload(envelope)
  for (const [field, value] of Object.entries(payload)) {
    if (field === 'blockHash' || field === 'withdrawals') continue
    const other = Array.isArray(value) ? [...value, '0x01'] : value === '0x' ? '0x01' : change(value as string)
    expect(hashPayload({ ...envelope, executionPayload: { ...payload, [field]: other } }), field).not.toBe(hash)
  }
  expect(hashPayload({ ...envelope, parentBeaconBlockRoot: keccak256(toHex('another')) })).not.toBe(hash)
  expect(hashPayload({ ...envelope, executionPayload: { ...payload, blockHash: keccak256('0x') } })).toBe(hash)
})

/** The same length, another first digit. */
const change = (hex: string) => `0x${hex[2] === '1' ? '2' : '1'}${hex.slice(3)}`

test('a header of OP Mainnet after Jovian hashes to its hash', async () => {
  const { url } = await serveRpc(() => ({ result: { ...opMainnet, hash: `0x${'00'.repeat(32)}` } }))
  const header = await getPeerHeader(createNodeClient(url), { number: 151_534_212n })
  expect(header).toMatchObject({ number: 151_534_212n, hash: opMainnet.hash })
})

describe('provePayload', () => {
  const idOf = ({ executionPayload: { blockNumber, blockHash: hash } }: Envelope) => ({
    number: BigInt(blockNumber),
    hash,
  })

  test('every block of real op-nodes is proved, with and without pauses', async () => {
    for (const envelope of envelopes) {
      expect(await provePayload(envelope, idOf(envelope))).toEqual({ proof: 'proved' })
      expect(provePayloadAtOnce(envelope, idOf(envelope))).toEqual({ proof: 'proved' })
    }
  })

  test('each field that is changed or missing is noticed', async () => {
    const [envelope] = envelopes
    if (!envelope) throw new Error('no fixtures')
    const { executionPayload: payload } = envelope
    for (const [field, value] of Object.entries(payload)) {
      const other = Array.isArray(value) ? [...value, '0x01'] : value === '0x' ? '0x01' : change(value as string)
      for (const by of [other, undefined, field === 'withdrawals' ? undefined : null]) {
        const changed = { ...envelope, executionPayload: { ...payload, [field]: by } }
        const { proof } = await provePayload(JSON.parse(JSON.stringify(changed)), idOf(envelope))
        expect(proof, `${field} ${by}`).toBe(field === 'withdrawals' && by === other ? 'unknown-fork' : 'other')
      }
    }
  })

  test.each([undefined, null, 1, 'x', [], {}, { executionPayload: null }, { executionPayload: [] }])(
    '%j is no payload',
    async (value) => {
      expect(await provePayload(value, { number: 1n, hash: `0x${'00'.repeat(32)}` })).toMatchObject({ proof: 'other' })
    },
  )

  test('a block of 2 MB does not keep others waiting', async () => {
    const [envelope] = envelopes
    if (!envelope) throw new Error('no fixtures')
    const transactions = Array.from({ length: 8_000 }, (_, i) => toHex(i, { size: 250 }))
    const large = { ...envelope, executionPayload: { ...envelope.executionPayload, transactions } }
    let turns = 0
    let over = false
    const others = (async () => {
      while (!over) {
        await new Promise((resolve) => setImmediate(resolve))
        turns++
      }
    })()
    expect(await provePayload(large, idOf(envelope))).toMatchObject({ proof: 'other' })
    over = true
    await others
    expect(turns).toBeGreaterThan(10)
  })
})

/** Block 151,534,212, public. */
const opMainnet = {
  baseFeePerGas: '0x186',
  blobGasUsed: '0x337bb0',
  difficulty: '0x0',
  excessBlobGas: '0x0',
  extraData: '0x01000000fa000000020000000000000000',
  gasLimit: '0x2625a00',
  gasUsed: '0xc091f0',
  hash: '0xe8f38578b756a9fd05ca05dcbe56fd57ce72e9fb06a90e5064562baccf7c7a6e',
  logsBloom:
    '0x4872328010200000000118820a104000088120ca700030009a84060048c37b00050810003004000000400090250031026044014004022600060801604024004100000000004c20ca2028200943a850a20c848212010c00b0285243002400000134000040020508403000004109001d0001020002080da4041140c11208881c0c002405030800040060210200800804000104948005210000000000562e80001082824000984000000080000004b000002000004000d80008009f0140804008c4011018020830000124009e0c004a008098c00510218003084000800022206400051c0e0900b410002840000a020823202080088040c4088804024000000108a0',
  miner: '0x4200000000000000000000000000000000000011',
  mixHash: '0xb7e417a24558626d905d7ba4244a530feb5dfe3c1133a6f2a40042592edbf6cb',
  nonce: '0x0000000000000000',
  number: '0x9083a84',
  parentBeaconBlockRoot: '0x12a26f129e4b1094abe3c40313df0bcff65f2271b8927797eb72fb67a4bf79b2',
  parentHash: '0xf9aac23d07a7983d7a89eb6d8142bdfafbf310aef860d6bea7d26def28820545',
  receiptsRoot: '0x68900de2a05f1b3c98d8494114ab16907c9e5545b95272eb5194f990d0626419',
  requestsHash: '0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  stateRoot: '0xac5b500a4a48312cfc55d1e219eaf7c315e23a41132b90aed2cea01c21963b9d',
  timestamp: '0x6a044ec1',
  transactionsRoot: '0xa56fffcc8384271957700fa4023a4a4b7b412596ed52b6522ecc7e3e0ff1e047',
  withdrawalsRoot: '0xebb725766294094628aad41b7ed015b5b9e246018e22a07b9a4c5418f8c19fd0',
}
