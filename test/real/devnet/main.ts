import { parseArgs } from 'node:util'
import { Devnet } from './devnet.ts'

// Starts a devnet, prints where it is, and keeps it until interrupted. With --conductor URL every
// node asks that conductor, with {index} in the URL replaced by the host's; without, host 0 sequences.
const { values } = parseArgs({
  options: {
    hosts: { type: 'string', default: '3' },
    'block-time': { type: 'string', default: '2' },
    conductor: { type: 'string' },
    'no-batcher': { type: 'boolean', default: false },
  },
})

const devnet = await Devnet.create({
  hosts: Number(values.hosts),
  blockTime: values['block-time'] === '1' ? 1 : 2,
  conductorRpc: (index) => values.conductor?.replaceAll('{index}', `${index}`),
  batcher: !values['no-batcher'],
})
await devnet.start()
if (!values.conductor) await devnet.startSequencer(0)

console.log(`logs     ${devnet.folder.logs}`)
console.log(`l1       ${devnet.l1.url}`)
console.log(`genesis  ${devnet.genesisHash}`)
for (const { name, consensusUrl, executionUrl, engineUrl, jwtFile } of devnet.hosts) {
  console.log(`${name}    consensus ${consensusUrl}  execution ${executionUrl}  engine ${engineUrl} (jwt ${jwtFile})`)
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, async () => {
    await devnet.stop()
    process.exit(0)
  })
}
