import { expect, test } from 'vitest'
import { createNodeClient } from '../../lib/chain/client.ts'
import { getSdmOptIn } from '../../lib/chain/consensus.ts'
import { offersThrottling } from '../../lib/chain/identity.ts'
import { methodNotFound, type Reply, serveRpc } from './rpc-server.ts'

test.for<[string, Reply, boolean | undefined]>([
  ['op-geth serves it', { error: { code: -32602, message: 'missing value for required argument 0' } }, true],
  ['op-reth serves it', { error: { code: -32602, message: 'Invalid params' } }, true],
  ['it is not served', methodNotFound('miner_setMaxDASize'), false],
  ['something before it refuses', { error: { code: -32000, message: 'method not allowed' } }, undefined],
  ['it takes it without parameters', { result: true }, undefined],
])('whether a batcher can slow a client down: %s', async ([, reply, found]) => {
  const asked: unknown[] = []
  const { url } = await serveRpc((_, params) => {
    asked.push(params)
    return reply
  })
  expect(await offersThrottling(createNodeClient(url))).toBe(found)
  expect(asked).toEqual([[]])
})

test('the SDM opt-in is read, and a client without it fails', async () => {
  const status = { operatorSdmOptIn: true, protocolActive: false, effective: false, activationTime: null }
  const { url } = await serveRpc(() => ({ result: status }))
  expect(await getSdmOptIn(createNodeClient(url))).toBe(true)
  const other = await serveRpc((method) => methodNotFound(method))
  await expect(getSdmOptIn(createNodeClient(other.url))).rejects.toThrow('does not exist')
})
