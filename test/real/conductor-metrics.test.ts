import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { catalog, type Definition } from '../../lib/prometheus/catalog.ts'
import { go } from './go.ts'

/** Where optimism declares what op-conductor exposes. */
const SOURCES = ['op-conductor/metrics/metrics.go', 'op-service/metrics/rpc_metrics.go']
const SUBSYSTEMS: Readonly<Record<string, string>> = {
  RPCServerSubsystem: 'rpc_server_',
  RPCClientSubsystem: 'rpc_client_',
}

/** What Baton has no counterpart of: docs/metrics.md says why. */
const WITHOUT =
  /^op_conductor_(rpc_client_.*|rollup_boost_connection_attempts_count|websocket_clients_connected|.*(notifications|params_size|results_size).*)$/

/** Each metric in op-conductor's source: its type and labels. */
const declared = new Map<string, { readonly type: string; readonly labels: readonly string[] }>()
beforeAll(async () => {
  const printed = await go(['mod', 'download', '-json', 'github.com/ethereum-optimism/optimism'], console.error)
  const { Dir } = JSON.parse(printed) as { readonly Dir: string }
  for (const file of SOURCES) {
    const source = await readFile(join(Dir, file), 'utf8')
    const each =
      /factory\.New(Gauge|Counter|Histogram)(Vec)?\(prometheus\.\w+\{(.*?)\n\t+\}(?:, \[\]string\{(.*?)\})?\)/gs
    for (const [, type = '', , options = '', labels = ''] of source.matchAll(each)) {
      const [, subsystem = ''] = /Subsystem: (\w+)/.exec(options) ?? []
      const [, name = ''] = /Name: +"(\w+)"/.exec(options) ?? []
      const full = `op_conductor_${SUBSYSTEMS[subsystem] ?? ''}${name}`
      declared.set(full, {
        type: type.toLowerCase(),
        labels: [...labels.matchAll(/"(\w+)"/g)].map(([, one = '']) => one),
      })
    }
  }
})

test("every metric of op-conductor is Baton's too, with its type and labels, or known to have no counterpart", () => {
  expect(declared.size).toBeGreaterThan(18)
  const ours: Readonly<Record<string, Definition>> = catalog
  const missing = [...declared.keys()].filter((name) => !(name in ours) && !WITHOUT.test(name))
  expect(missing).toEqual([])
  for (const [name, { type, labels }] of declared) {
    const own = ours[name]
    if (!own) continue
    expect({ name, type: own.type }).toEqual({ name, type })
    expect(own.labels.filter((label) => label !== 'node')).toEqual(labels)
  }
})

test("Baton gives no other metric op-conductor's prefix", () => {
  const claimed = Object.keys(catalog).filter((name) => name.startsWith('op_conductor_'))
  expect(claimed.filter((name) => !declared.has(name))).toEqual([])
})
