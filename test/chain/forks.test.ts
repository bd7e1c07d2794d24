import { keccak256 } from 'viem'
import { describe, expect, test } from 'vitest'
import { createNodeClient } from '../../lib/chain/client.ts'
import { hashPayload } from '../../lib/chain/header.ts'
import { getPeerHeader, UnknownHeaderFieldError } from '../../lib/chain/peer-header.ts'
import { encodeTransaction, rebuildPayload } from '../../lib/chain/peer-payload.ts'
import { provePayload } from '../../lib/chain/prove-payload.ts'
import { forkFixtures, laterBlock } from './fork-fixtures.ts'
import { serveRpc } from './rpc-server.ts'

const names = ['ecotone', 'fjord', 'granite', 'holocene', 'isthmus', 'jovian', 'karst', 'lagoon']
test('there is a block of each fork', () => {
  expect(forkFixtures.map(({ fork }) => fork)).toEqual(names)
})

describe.each(forkFixtures)('a block of $fork', ({ block, envelope }) => {
  test("hashes as by optimism's CheckBlockHash", async () => {
    expect(hashPayload(envelope)).toBe(block.hash)
    expect(await provePayload(envelope, { number: BigInt(block.number), hash: block.hash })).toEqual({
      proof: 'proved',
    })
  })

  test('is rebuilt from a peer to the payload optimism makes of it', () => {
    expect(rebuildPayload(block)).toEqual(envelope)
  })

  test('has a header that hashes to its hash', async () => {
    const { url } = await serveRpc(() => ({ result: { ...block, transactions: [] } }))
    const header = await getPeerHeader(createNodeClient(url), { hash: block.hash })
    expect(header?.hash).toBe(block.hash)
  })
})

test('op-reth writes more fields into an unsigned transaction than optimism does', () => {
  // op-alloy's own vector, in op-reth's form.
  const input = '0xc6012ac3c20307'
  const hash = '0xcbc64a9665039744307b562634bf760d96f3bed235fecd9e09a1f1276a1823c7'
  const zero = { gas: '0x0', value: '0x0', gasPrice: '0x0', nonce: '0x0', from: `0x${'00'.repeat(20)}` }
  expect(encodeTransaction({ ...zero, type: '0x7d', input, hash })).toBe(`0x7d${input.slice(2)}`)
  expect(() => encodeTransaction({ ...zero, type: '0x7d', input: '0xc6012ac3c20308', hash })).toThrow(
    'does not encode to its hash',
  )
})

test.each(['0x7c', '0x05', '0x3', 'nonsense'])('a transaction of type %s that cannot be encoded is named', (type) => {
  const hash = keccak256('0x01')
  expect(() => encodeTransaction({ type, hash, input: '0x' })).toThrow(
    `transaction ${hash} of type ${type} does not encode to its hash`,
  )
})

describe('a header of a fork this version does not know', () => {
  const later = laterBlock
  if (!later) throw new Error('no fixture')

  test('is an error that names the fields, and no hash', async () => {
    const { url } = await serveRpc(() => ({ result: { ...later, transactions: [] } }))
    const header = getPeerHeader(createNodeClient(url), { number: BigInt(later.number) })
    await expect(header).rejects.toThrow(UnknownHeaderFieldError)
    await expect(header).rejects.toMatchObject({ fields: ['blockAccessListHash', 'slotNumber'] })
    expect(() => rebuildPayload(later)).toThrow(
      /the header of block 1008 has "blockAccessListHash", "slotNumber".*: upgrade Baton/,
    )
  })

  test('is none if the field is null, or in no hash', () => {
    const [first] = forkFixtures
    if (!first) throw new Error('no fixture')
    for (const more of [{ slotNumber: null }, { milliTimestamp: '0x18' }, { author: '0x00', balHash: null }]) {
      expect(rebuildPayload({ ...first.block, ...more })).toEqual(first.envelope)
    }
  })
})
