import { connect, createServer } from 'node:net'
import { startSimulatedChain } from '../../lib/simulator/chain/chain.ts'

// A chain of simulated nodes on one machine, for a test in a real account: CONDUCTORS is a JSON object of each node's
// `--conductor.rpc`. The simulator serves on loopback only, so each port is relayed from the machine's own address.

const conductors = JSON.parse(process.env.CONDUCTORS ?? '{}') as Record<string, string>
const names = Object.keys(conductors)

/** The ports on loopback; {@link RELAY} above them, the same on all addresses. */
const FIRST = 9_500
const RELAY = 1_000
const portsOf = (node: string) => ({
  consensus: FIRST + 2 * names.indexOf(node),
  execution: FIRST + 2 * names.indexOf(node) + 1,
})

await startSimulatedChain({
  nodes: names,
  ports: portsOf,
  conductorUrl: (node) => conductors[node] ?? '',
})
for (const port of names.flatMap((node) => Object.values(portsOf(node)))) {
  createServer((from) => {
    const to = connect(port, '127.0.0.1')
    for (const [one, other] of [
      [from, to],
      [to, from],
    ] as const)
      one.on('error', () => other.destroy()).pipe(other)
  }).listen(port + RELAY, '0.0.0.0')
}
console.log(`serving ${names.join(', ')}`)
