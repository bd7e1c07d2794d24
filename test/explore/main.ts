import { parseArgs } from 'node:util'
import { explore } from './explore.ts'
import { PROGRAM_NAMES } from './operators.ts'
import { PLANS, type Plan } from './plans.ts'
import type { Scope } from './scope.ts'

const USAGE = `npm run explore -- [options]
Goes through every state of the records that nodes, monitors and operators can bring about within bounds. Without
options: the plans ${Object.keys(PLANS).join(', ')}.

  --plan NAME      one of them
  --nodes N        nodes that may commit anything at any time       (2)
  --height N       highest block number                             (3)
  --term N         highest term                                     (4)
  --orders N       operators' orders counted on the lease           (2)
  --moves N        moves of the head in one history                 (1)
  --no-l1          monitors move no head, programs do
  --renewals N     renewals of one lease; 0 = leases have no times  (0)
  --operators N    programs begun, side by side: 0, 1 or 2          (1)
  --programs LIST  which: all, none, or some of
                   ${PROGRAM_NAMES.join(',')}
  --no-lost        requests of programs are always answered
  --most N         ends at so many states
`

const { values } = parseArgs({
  options: {
    plan: { type: 'string' },
    nodes: { type: 'string' },
    height: { type: 'string' },
    term: { type: 'string' },
    orders: { type: 'string' },
    moves: { type: 'string' },
    'no-l1': { type: 'boolean', default: false },
    renewals: { type: 'string' },
    operators: { type: 'string' },
    programs: { type: 'string' },
    'no-lost': { type: 'boolean', default: false },
    most: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})

const print = (text: string) => process.stdout.write(`${text}\n`)
const number = (value: string | undefined, otherwise: number): number => {
  const given = value === undefined ? otherwise : Number(value)
  if (!Number.isSafeInteger(given) || given < 0) throw new RangeError(`"${value}" is no number of anything`)
  return given
}

if (values.help) print(USAGE)
else {
  const plans = chosen()
  for (const [name, scopes] of Object.entries(plans)) await run(name, scopes)
}

function chosen(): Readonly<Record<string, Plan>> {
  const { plan, 'no-l1': noL1, 'no-lost': noLost, most: _, ...bounds } = values
  if (plan !== undefined) {
    const scopes = PLANS[plan]
    if (!scopes) throw new RangeError(`there is no plan "${plan}", only ${Object.keys(PLANS).join(', ')}`)
    return { [plan]: scopes }
  }
  const isOwn = noL1 || noLost || Object.keys(bounds).some((key) => key !== 'help')
  return isOwn ? { 'these bounds': [ownScope()] } : PLANS
}

function ownScope(): Scope {
  const { programs = 'all' } = values
  const names = programs === 'all' ? PROGRAM_NAMES : programs === 'none' ? [] : programs.split(',')
  const unknown = names.find((name) => !PROGRAM_NAMES.includes(name))
  if (unknown !== undefined) throw new RangeError(`there is no program "${unknown}", only ${PROGRAM_NAMES.join(', ')}`)
  const operators = names.length === 0 ? 0 : Math.min(2, number(values.operators, 1))
  return {
    nodes: number(values.nodes, 2),
    height: number(values.height, 3),
    term: number(values.term, 4),
    orders: number(values.orders, 2),
    moves: number(values.moves, 1),
    l1: !values['no-l1'],
    renewals: number(values.renewals, 0),
    operators: Array.from({ length: operators }, () => names),
    lostReplies: !values['no-lost'],
  }
}

async function run(name: string, scopes: Plan): Promise<void> {
  let [states, transitions, depth, ms] = [0, 0, 0, 0]
  let all = true
  for (const scope of scopes) {
    const found = await explore(scope, {
      ...(values.most !== undefined && { states: number(values.most, 0) }),
      onProgress: progress(name),
    })
    states += found.states
    transitions += found.transitions
    depth = Math.max(depth, found.depth)
    ms += found.ms
    all &&= found.exhausted
    if (!found.broken) continue
    print(`${name}: broken: ${found.broken.rule}`)
    for (const [i, line] of found.broken.trace.entries()) print(`${String(i).padStart(3)}  ${line}`)
    process.exitCode = 1
    break
  }
  const counts = `${states} states, ${transitions} transitions, depth ${depth}, ${(ms / 1000).toFixed(1)} s of CPU`
  print(`${name}: ${counts}, ${all ? 'exhausted: no rule is broken' : 'not exhausted'}`)
}

function progress(name: string) {
  let reported = performance.now()
  return ({ states, transitions, depth }: { states: number; transitions: number; depth: number }) => {
    if (performance.now() - reported < 10_000) return
    reported = performance.now()
    process.stderr.write(`${name}: … ${states} states, ${transitions} transitions, depth ${depth}\n`)
  }
}
