import { loadConfig } from '../../lib/config/chain-config.ts'
import { chainPorts } from '../../lib/context/chain-ports.ts'
import { silentLog } from '../../lib/log.ts'
import { runMonitor } from '../../lib/monitor/run.ts'
import { openStores } from '../../lib/serve/open-stores.ts'

// A monitor as a process of its own, started by a benchmark with a configuration file as its argument.
// It looks as often as it may, and reports what memory it has when it is asked.

const path = process.argv[2]
if (!process.send || !path) throw new Error('this is started by a benchmark, with a configuration')
const config = await loadConfig(path)
if (!config.store) throw new Error('the configuration has no store')
const ports = chainPorts(config, openStores(config.store), silentLog)
const ended = new AbortController()
let turns = 0
process.on('message', () => {
  globalThis.gc?.()
  const { rss, heapUsed, external } = process.memoryUsage()
  process.send?.({ rss, heapUsed, external, turns })
})
process.once('disconnect', () => ended.abort())
await runMonitor(ports, { owner: 'bench', tickMs: 20, signal: ended.signal, onTick: () => void turns++ })
process.exit(0)
