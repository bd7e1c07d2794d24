import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { openStores } from '../../lib/serve/open-stores.ts'

// Either the call as a whole ends, or both of its tries have (45 % each).
test('how long a call to the store may take is as it was opened with', async () => {
  const silent = createServer(() => {}).listen(0, '127.0.0.1')
  await once(silent, 'listening')
  const endpoint = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`
  const place = { endpoint, objects: { kind: 'folder', path: '.cache/patience' } } as const
  const hasty = openStores(place)
  const patient = openStores(place, { timeoutMs: 700 })
  await Promise.all([
    expect(hasty.stores.heads.read('901')).rejects.toThrow(/ (400|180) ms/),
    expect(patient.stores.heads.read('901')).rejects.toThrow(/ (700|315) ms/),
  ])
  await Promise.all([hasty.close(), patient.close()])
  silent.closeAllConnections()
  silent.close()
})
