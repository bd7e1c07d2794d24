import type { ConfigurationProblem } from '../config/error.ts'
import { expectedOfApp, type WrittenApp } from './app-schema.ts'

/**
 * Finds names of tables that cannot be one Baton's. A stack over another one's stream would archive and announce what
 * is not its own, and nothing at run time would say so.
 */
export function checkExistingStore({ store, region, account }: WrittenApp): ConfigurationProblem[] {
  if (!store) return []
  const problem = (field: string, what: string) => {
    const path = `store.${field}`
    return { path, problem: what, write: expectedOfApp[path] ?? '' }
  }
  const streams = (['heads', 'history'] as const).flatMap((table) => {
    const [, , , inRegion, ofAccount, resource = ''] = store[`${table}Stream`].split(':')
    const field = `${table}Stream`
    const name = resource.split('/')[1]
    return [
      ...(name === store[table] ? [] : [problem(field, `is the stream of "${name}", not of "${store[table]}"`)]),
      ...(region === undefined || inRegion === region ? [] : [problem(field, `is in ${inRegion}, not in ${region}`)]),
      ...(account === undefined || ofAccount === account
        ? []
        : [problem(field, `is in account ${ofAccount}, not in ${account}`)]),
    ]
  })
  const tables = (['heads', 'leases', 'history', 'payloads'] as const).filter((table) => store[table] !== undefined)
  const twice = tables.flatMap((table, i) => {
    const first = tables.slice(0, i).find((other) => store[other] === store[table])
    return first === undefined ? [] : [problem(table, `is also "${first}": each table holds one kind of record`)]
  })
  return [...streams, ...twice]
}
