import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { fileURLToPath } from 'node:url'
import { MUTATIONS, type Mutation } from './mutations.ts'

const lib = new URL('../../lib/', import.meta.url).href

/** Finds a mutation by its name. */
export function mutationOf(name: string): Mutation {
  const found = MUTATIONS.find((mutation) => mutation.name === name)
  if (!found) throw new Error(`there is no mutation "${name}"`)
  return found
}

/** The mutated text of a file. Throws when the place is not there exactly once: the mutation is out of date. */
export function mutated({ name, from, to }: Mutation, source: string): string {
  if (source.split(from).length !== 2) throw new Error(`mutation "${name}" does not fit its file any more`)
  return source.replace(from, () => to)
}

/** From here on this thread loads one source file of lib with the mutation in it; nothing is written. */
export function mutate(name: string): void {
  const mutation = mutationOf(name)
  const target = new URL(mutation.file, lib).href
  registerHooks({
    load(url, context, nextLoad) {
      if (url !== target) return nextLoad(url, context)
      const source = mutated(mutation, readFileSync(fileURLToPath(url), 'utf8'))
      return { format: 'module-typescript', source, shortCircuit: true }
    },
  })
}
