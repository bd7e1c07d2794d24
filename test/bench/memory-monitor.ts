import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { freePortOr } from '../../lib/free-port.ts'
import { silentLog } from '../../lib/log.ts'
import { openEmbedded } from '../../lib/serve/open-stores.ts'
import { runGate } from '../../lib/serve/run-gate.ts'
import { startSimulatedChain } from '../../lib/simulator/chain/chain.ts'
import { simulatedConfig, simulatedNodes, simulatedSecrets } from '../../lib/simulator/start-simulated.ts'
import { toJson } from '../../lib/text/format.ts'
import { judgeGrowth, type Sample } from './growth.ts'

// Whether a monitor that watches for long keeps its memory: a simulated chain that makes up for hours of
// missed blocks commits as fast as the gate allows, and a monitor in its own process looks all the while.

const { values } = parseArgs({ options: { commits: { type: 'string', default: '20000' } } })
const commits = Number(values.commits)
const SAMPLES = 20

const cache = join(import.meta.dirname, '..', '..', '.cache')
await mkdir(cache, { recursive: true })
const folder = await mkdtemp(join(cache, 'memory-monitor-'))
const open = await openEmbedded(folder)
const gatePort = await freePortOr(0)
const secrets = simulatedSecrets()
const chain = await startSimulatedChain({
  conductorUrl: (node) => `http://${node}:${secrets[node]}@127.0.0.1:${gatePort}/v1/chains/901/nodes/${node}`,
  nodes: simulatedNodes,
  genesisTime: Math.floor(Date.now() / 1000) - 2 * commits,
  transactionsPerBlock: 1,
})
const config = simulatedConfig(chain, secrets, gatePort)
const gate = await runGate(config, open, silentLog)
const store = { endpoint: open.endpoint, objects: { kind: 'folder', path: join(folder, 'objects') } }
const nodes = config.nodes.map(({ name, zone, consensus, execution, secrets: own }) => ({
  name,
  zone,
  consensus,
  execution,
  secrets: own,
}))
const file = join(folder, 'chain.json')
const { id, name, blockTimeMs } = config.chain
await writeFile(file, toJson({ chain: { id, name, blockTimeMs }, nodes, store }))
const monitor = fork(new URL('memory-monitor-child.ts', import.meta.url), [file], { execArgv: ['--expose-gc'] })

const samples: Sample[] = []
let committed = 0
let turns = 0
chain.events.on('committed', () => {
  committed++
})
try {
  for (let next = commits / SAMPLES; samples.length < SAMPLES; next += commits / SAMPLES) {
    const end = Date.now() + 120_000
    while (committed < next) {
      if (Date.now() > end) throw new Error(`stuck at ${committed} commits`)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    samples.push({ commits: committed, ...(await memoryOf(monitor)) })
  }
} finally {
  monitor.disconnect()
  await gate.close()
  await chain.stop()
  await open.close()
  await rm(folder, { recursive: true })
}
const { text, flat } = judgeGrowth('monitor', samples)
console.log(`${text}\nturns of the monitor: ${turns}`)
process.exit(flat ? 0 : 1)

async function memoryOf(child: ChildProcess): Promise<Omit<Sample, 'commits'>> {
  child.send('memory')
  const [reported] = (await once(child, 'message')) as [Omit<Sample, 'commits'> & { turns: number }]
  turns = reported.turns
  return reported
}
