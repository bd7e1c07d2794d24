import { parseArgs } from 'node:util'
import { explore } from './search.ts'

const USAGE = `npm run explore -- [--nodes N] [--height N] [--term N] [--orders N] [--renewals N]
Tries every order of every write that nodes, monitors and operators could send within these bounds.`

const { values } = parseArgs({
  options: {
    nodes: { type: 'string', default: '2' },
    height: { type: 'string', default: '3' },
    term: { type: 'string', default: '3' },
    orders: { type: 'string', default: '1' },
    renewals: { type: 'string', default: '1' },
    help: { type: 'boolean' },
  },
})
const print = (text: string) => process.stdout.write(`${text}\n`)

if (values.help) print(USAGE)
else run()

function run(): void {
  const { nodes, height, term, orders, renewals } = values
  const bounds = {
    nodes: Number(nodes),
    height: Number(height),
    term: Number(term),
    orders: Number(orders),
    renewals: Number(renewals),
  }
  const wrong = Object.entries(bounds).find(([, value]) => !Number.isInteger(value) || value < 0 || value > 5)
  if (wrong) {
    print(`--${wrong[0]} must be a whole number from 0 to 5\n\n${USAGE}`)
    process.exitCode = 2
    return
  }
  print(
    Object.entries(bounds)
      .map(([name, value]) => `${name} ${value}`)
      .join(', '),
  )
  const began = process.cpuUsage().user
  const seconds = () => Math.round((process.cpuUsage().user - began) / 1e6)
  const { states, writes, depth, exhausted, violation } = explore({
    bounds,
    progress: (found, at) => found % 100_000 === 0 && print(`${found} states, depth ${at}, ${seconds()} s of CPU`),
  })
  if (violation) {
    print(`VIOLATION: ${violation.what}`)
    for (const [step, line] of violation.trace.entries()) print(`${String(step).padStart(3)}  ${line}`)
    process.exitCode = 1
  }
  const end = exhausted ? 'exhausted' : 'ended'
  print(
    `${end}: ${states} states, ${writes} writes applied, depth ${depth}, ${seconds()} s of CPU, ${violation ? 'one violation' : 'no violation'}`,
  )
}
